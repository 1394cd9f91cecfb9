/**
 * @file Rewards: a custom file, rejected and fixed; the bench stopped and then run on the starter model; the way to
 * Train.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { BROWSER, seriousFindings } from './browser.ts';
import { studioInBrowser } from './studio-page.ts';

const BENCH_MS = 240_000;
const text = messages.rewards;

describe.skipIf(BROWSER === null)('rewards in the browser (needs Chromium)', () => {
  const shared = studioInBrowser();

  beforeAll(async () => {
    const { page } = shared.studio;
    await page.getByRole('button', { name: messages.datasets.beginCounting }).click();
    await page.waitForURL(/#\/datasets\/.+/, { timeout: BENCH_MS });
  });

  it('says in which line a reward of one’s own fails, and accepts it once it is corrected', async () => {
    const { page } = shared.studio;
    const path = join(shared.host.home, 'holds-answer.ts');
    writeFileSync(path, 'export function score() {\n  return missing;\n}\n');
    await shared.go('/rewards');
    await page.getByRole('heading', { name: text.library }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: text.load }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: text.loadDrop }).fill(path);
    await dialog.getByRole('button', { name: text.loadGo }).click();
    await dialog.getByRole('alert').getByText(/row 2/).first().waitFor();
    expect(await seriousFindings(page)).toEqual([]);

    writeFileSync(
      path,
      'export const score = (completion: string, sample: { answer: string }) => completion.includes(sample.answer) ? 1 : 0;\n',
    );
    await dialog.getByRole('button', { name: text.loadGo }).click();
    await page.getByRole('heading', { name: text.own }).waitFor();
    await page.getByText('holds-answer', { exact: true }).waitFor();
  });

  it('takes a reward out and puts it back', async () => {
    const { page } = shared.studio;
    await page.getByRole('button', { name: text.remove }).click();
    await page.getByRole('heading', { name: text.own }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: messages.common.undo }).click();
    await page.getByRole('heading', { name: text.own }).waitFor();
  });

  it('refuses numbers that make no bench', async () => {
    const { page } = shared.studio;
    const each = page.getByRole('textbox', { name: text.bench.numGenerations.label });
    await each.fill('1');
    await page.getByRole('textbox', { name: text.bench.samples.label }).fill('6');
    const go = page.getByRole('button', { name: /^Try with/ });
    expect(await go.isDisabled()).toBe(true);
    await each.fill('4');
    expect(await go.isEnabled()).toBe(true);
  });

  it('lets the model answer, tells what a run would learn and which reward falls for a trick', async () => {
    const { page } = shared.studio;
    await page.getByRole('button', { name: text.bench.go('24') }).click();
    await page.getByRole('button', { name: text.bench.stop, exact: true }).click();
    await page.getByText(text.bench.stopped).waitFor();

    await page.getByRole('button', { name: text.bench.go('24') }).click();
    await page.getByRole('heading', { name: text.bench.findings }).waitFor({ timeout: BENCH_MS });
    await page.getByText(text.bench.fooled).first().waitFor();
    await page.getByText(text.bench.position(1, 6)).waitFor();
    expect(await seriousFindings(page)).toEqual([]);

    // The report is still there after visiting another screen.
    await shared.go('/datasets');
    await shared.go('/rewards');
    await page.getByRole('heading', { name: text.bench.findings }).waitFor();
  });

  it('carries the weights to Train', async () => {
    const { page } = shared.studio;
    await page
      .getByRole('button', { name: text.bench.use })
      .or(page.getByRole('button', { name: text.bench.useMine }))
      .first()
      .click();
    await page.waitForURL(/#\/train/);
    await page.getByText('holds-answer', { exact: true }).first().waitFor();
  });
});
