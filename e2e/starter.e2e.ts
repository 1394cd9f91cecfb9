/**
 * @file A newcomer's path using only what ships: the starter pictures, the starter model, a run that is stopped and
 * resumed, and a verified export.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { terms } from '../renderer/src/messages/terms.ts';
import { BROWSER, seriousFindings } from './browser.ts';
import { atelier } from './studio-host.ts';
import { studioInBrowser } from './studio-page.ts';

const STEPS = 30;
const RUN_MS = 240_000;

describe.skipIf(BROWSER === null)('the starter model in the browser (needs Chromium)', () => {
  const shared = studioInBrowser();

  it('hangs the starter pictures with one button', async () => {
    const { page } = shared.studio;
    await page.getByRole('button', { name: messages.datasets.beginCounting }).click();
    await page.waitForURL(/#\/datasets\/.+/, { timeout: RUN_MS });
    await page.getByRole('option').first().waitFor();
  });

  it('stops a run on request and resumes it to its end', async () => {
    const { page } = shared.studio;
    await page.getByRole('link', { name: messages.dataset.train }).click();
    for (const [term, value] of [
      [terms.steps, STEPS],
      [terms.promptsPerStep, 2],
      [terms.numGenerations, 4],
    ] as const) {
      await page.getByRole('textbox', { name: term.label, exact: true }).fill(String(value));
    }
    await page.getByRole('button', { name: messages.train.start }).click();
    await page.waitForURL(/#\/runs\/.+/);
    // Home shows the current run and links back to it.
    await page.getByRole('link', { name: messages.nav.home }).click();
    const now = page.getByRole('region', { name: messages.home.runningNow });
    await now.getByRole('progressbar').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await now.getByRole('link').click();
    await page.waitForURL(/#\/runs\/.+/);
    await page.getByText(messages.samples.answers(4)).or(page.getByText(messages.samples.allSame)).first().waitFor({
      timeout: RUN_MS,
    });
    await page.getByRole('button', { name: messages.run.stop, exact: true }).click();
    const dialog = page.getByRole('dialog');
    expect(await seriousFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: messages.run.stop, exact: true }).click();
    await page.getByText(messages.runs.status.interrupted).first().waitFor({ timeout: RUN_MS });

    await page.getByRole('button', { name: new RegExp(`^${messages.run.resume}|^Finish`) }).click();
    await page.getByText(messages.runs.status.completed).first().waitFor({ timeout: RUN_MS });
    const run = /#\/runs\/([^?/]+)/.exec(page.url())?.[1] ?? '';
    const { summary } = atelier(shared.host.home, 'runs', run) as { summary: unknown };
    expect(summary).toMatchObject({ status: 'completed', step: STEPS, steps: STEPS });
  });

  it('exports the adapter and shows what was checked', async () => {
    const { page } = shared.studio;
    const folder = join(shared.host.home, 'adapter');
    await page.getByRole('button', { name: messages.run.export }).click();
    await page.waitForURL(/#\/export\/.+/);
    await page.getByRole('radio', { name: new RegExp(messages.export.noLicence) }).waitFor();
    await page.getByRole('textbox', { name: messages.export.destinationDrop }).fill(folder);
    await page.getByRole('button', { name: messages.export.create }).click();
    await page.getByText(messages.export.overall.pass).waitFor({ timeout: RUN_MS });
    expect(await seriousFindings(page)).toEqual([]);
    expect(existsSync(join(folder, 'adapter_model.safetensors'))).toBe(true);
  });

  it('draws the example of a task from the import dialog, and from the task of a run', async () => {
    const { page } = shared.studio;
    await shared.go('/datasets?import=1');
    await page.getByText(messages.import.examples).click();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: messages.train.task.names.tags }).click();
    await page.waitForURL(/#\/datasets\/ds-/, { timeout: RUN_MS });
    await page.getByRole('option').first().waitFor();

    await shared.go('/train?task=order');
    await page.getByRole('button', { name: messages.train.task.drawn }).click();
    const added = page.getByRole('radio', { name: /Order by size/ });
    await added.waitFor({ timeout: RUN_MS });
    expect(await added.isChecked()).toBe(true);
  });
});
