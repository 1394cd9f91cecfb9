/**
 * @file How screens handle errors: invalid addresses, numbers and files, and a lost host; files dropped on the page;
 * removed items that are restored; and a backup.
 */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { terms } from '../renderer/src/messages/terms.ts';
import { BROWSER, seriousFindings } from './browser.ts';
import { atelier } from './studio-host.ts';
import { studioInBrowser } from './studio-page.ts';
import type { SyntheticIds } from './synthetic/synthetic-store.ts';
import { fillStore } from './synthetic/synthetic-store.ts';

const STEPS = 40;

describe.skipIf(BROWSER === null)('ways that lead astray, and back (needs Chromium)', () => {
  let ids: SyntheticIds;
  const shared = studioInBrowser(async (home) => {
    ids = await fillStore(home, { samples: 12, steps: STEPS, groups: STEPS });
  });

  it('a sample, of a dataset or of a step, has an address that outlives a reload', async () => {
    const { page } = shared.studio;
    await shared.go(`/datasets/${ids.datasetId}`);
    await page.getByRole('option').nth(4).click();
    await page.waitForURL(/\/sample\/.+/);
    const place = page.getByText(messages.dataset.position('5', '12'));
    await place.waitFor();
    await page.reload();
    await place.waitFor();

    const [group] = atelier(shared.host.home, 'runs', ids.runId, '--completions', '20') as { sampleId: string }[];
    await shared.go(`/runs/${ids.runId}/step/20/sample/${group?.sampleId ?? ''}`);
    await page.locator('.prompt').first().waitFor();
    await page.reload();
    await page.locator('.prompt').first().waitFor();
    expect(page.url()).toContain(`/step/20/sample/${group?.sampleId ?? ''}`);
  });

  it('a step that the run never made shows the nearest there is', async () => {
    const { page } = shared.studio;
    await shared.go(`/runs/${ids.runId}/step/${STEPS * 100}`);
    const scrubber = page.getByRole('slider', { name: messages.samples.stepLabel });
    await scrubber.waitFor();
    expect(Number(await scrubber.inputValue())).toBeLessThanOrEqual(STEPS);
  });

  it.each([
    ['/runs/run-none', /There is no run/],
    ['/datasets/ds-none', /There is no dataset/],
    ['/ledger/ds-none', /There is no dataset/],
    ['/runs/%00/step/x', messages.errors.unknownScreen],
  ])('says in words that nothing is at %s', async (path, words) => {
    const { page } = shared.studio;
    await shared.go(path);
    await page.getByText(words).first().waitFor();
    shared.studio.troubles.splice(0);
  });

  it('a run cannot be started with numbers that make none, and the field says why', async () => {
    const { page } = shared.studio;
    await shared.go('/train');
    const steps = page.getByRole('textbox', { name: terms.steps.label, exact: true });
    for (const value of ['0', '-3', 'many', '1e99']) {
      await steps.fill(value);
      await expect.poll(() => steps.getAttribute('aria-invalid')).toBe('true');
      expect(await page.getByRole('button', { name: messages.train.start, exact: true }).count()).toBe(0);
    }
    await steps.fill('20');
    await expect.poll(() => steps.getAttribute('aria-invalid')).not.toBe('true');
  });

  it('the recipe of a run can be read, and a new run starts from it', async () => {
    const { page } = shared.studio;
    await shared.go(`/runs/${ids.runId}`);
    const text = messages.run.itsRecipe;
    await page.getByRole('button', { name: text.open, exact: true }).click();
    const dialog = page.getByRole('dialog', { name: text.title });
    await dialog.getByText(/^method: /m).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await dialog.getByRole('link', { name: text.again }).click();
    await page.getByText(messages.train.yaml.takenFrom('A long run')).waitFor();
    const steps = page.getByRole('textbox', { name: terms.steps.label, exact: true });
    const { recipe } = atelier(shared.host.home, 'runs', ids.runId) as { recipe: { steps: number } };
    expect(await steps.inputValue()).toBe(String(recipe.steps));
  });

  it('a run is handed on as one page, and a chart of it as a picture', async () => {
    const { page } = shared.studio;
    await shared.go(`/runs/${ids.runId}`);
    await page.getByRole('button', { name: messages.report.open, exact: true }).click();
    const dialog = page.getByRole('dialog', { name: messages.report.title });
    await dialog.getByText(messages.report.contains).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    const whole = await saved(() => dialog.getByRole('button', { name: messages.report.html }).click());
    expect(whole.name).toMatch(/\.html$/);
    expect(whole.text).toContain('A long run');
    // It opens without a network: nothing in it is loaded from elsewhere.
    expect(whole.text).not.toMatch(/(?:src|href)="https?:/);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });

    const name = terms.reward.label;
    const svg = await saved(() => saveChart('svg'));
    expect(svg.name).toMatch(/\.svg$/);
    expect(svg.text).toMatch(/<text[^>]*>/);
    const png = await saved(() => saveChart('png'));
    expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');

    async function saveChart(kind: 'svg' | 'png'): Promise<void> {
      const { as, ...words } = messages.report.chart;
      await page.getByRole('button', { name: as(words[kind], name), exact: true }).click({ force: true });
    }

    async function saved(act: () => Promise<void>): Promise<{ name: string; text: string; bytes: Buffer }> {
      const [download] = await Promise.all([page.waitForEvent('download'), act()]);
      const bytes = readFileSync(await download.path());
      return { name: download.suggestedFilename(), text: bytes.toString('utf8'), bytes };
    }
  });

  it('what is dropped anywhere is imported, and a bundle is checked', async () => {
    const { page } = shared.studio;
    await shared.go('/runs');
    await page.getByText('A long run').first().waitFor();
    const debug = await page.context().newCDPSession(page);
    // As the system does it, so that the browser creates real entries for dropped files.
    const drop = async (name: string): Promise<void> => {
      const file = join(shared.host.home, name);
      writeFileSync(file, 'x');
      const data = { items: [], files: [file], dragOperationsMask: 1 };
      const send = (type: 'dragEnter' | 'dragOver' | 'drop') =>
        debug.send('Input.dispatchDragEvent', { type, x: 600, y: 400, data });
      await send('dragEnter');
      // A drag keeps reporting its position for as long as it is held.
      const veil = page.getByText(messages.dropping.title);
      await expect.poll(() => send('dragOver').then(() => veil.isVisible())).toBe(true);
      await send('drop');
    };
    await drop('pictures.zip');
    await page.getByRole('dialog').waitFor();
    // A browser does not reveal a file's location; the page says so, and you can type the path.
    await page.getByText(messages.common.dropNoPath).first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    // The address bar follows the closed dialog a moment later, and Chromium gives up a drag during a navigation.
    await expect.poll(() => page.url()).toMatch(/#\/datasets$/);
    await drop('model.sig');
    await page.waitForURL(/#\/verify/);
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('a dataset that was removed is brought back', async () => {
    const { page } = shared.studio;
    await shared.go(`/datasets/${ids.datasetId}`);
    await page.getByRole('button', { name: messages.dataset.remove, exact: true }).click();
    await page.getByText(messages.dataset.removed('Wall of pictures')).first().waitFor();
    expect(atelier(shared.host.home, 'datasets')).toEqual([]);
    await page.getByRole('button', { name: messages.common.undo, exact: true }).click();
    await page.getByText(messages.common.undone).first().waitFor();
    expect(atelier(shared.host.home, 'datasets')).toMatchObject([{ id: ids.datasetId }]);
    await shared.go('/datasets');
    await page
      .getByRole('link', { name: /Wall of pictures/ })
      .first()
      .waitFor();
  });

  it('a limit that is none is not kept', async () => {
    const { page } = shared.studio;
    await shared.go('/settings');
    await page.getByRole('checkbox', { name: messages.settings.limit }).check();
    const limit = page
      .getByRole('spinbutton', { name: messages.settings.limitLabel })
      .or(page.getByRole('textbox', { name: messages.settings.limitLabel }));
    await limit.fill('0');
    await limit.press('Tab');
    await page.reload();
    await limit.waitFor();
    expect(Number(await limit.inputValue())).toBeGreaterThanOrEqual(1);
    await page.getByRole('checkbox', { name: messages.settings.limit }).uncheck();
  });

  it('a backup is written to a file, which is then as it was written; a file that exists is left alone', async () => {
    const { page } = shared.studio;
    await shared.go('/settings');
    const file = join(shared.host.home, '..', `backup of ${ids.datasetId}.zip`);
    const path = page.getByRole('textbox', { name: messages.settings.backup.file });
    const start = page.getByRole('button', { name: messages.settings.backup.start, exact: true });
    await path.fill(file);
    await path.press('Enter');
    await page.getByText(messages.settings.backup.withoutKey).waitFor();
    await page.getByText(`atelier restore '${file}'`).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    expect(atelier(shared.host.home, 'restore', file, '--check')).toMatchObject({ signingKey: false, problems: [] });

    const before = statSync(file).mtimeMs;
    await start.click();
    await page.getByText(/exists already\. No backup was made\./).waitFor();
    expect(statSync(file).mtimeMs).toBe(before);
    shared.studio.troubles.splice(0);
    rmSync(file);
  });

  it('a studio that has gone is named, and the page stays', async () => {
    const { page } = shared.studio;
    await shared.go(`/datasets/${ids.datasetId}`);
    await page.getByRole('option').first().waitFor();
    expect(await shared.host.stop()).toBe(0);
    await page.getByText(messages.connection.lost).waitFor();
    expect(await page.getByRole('option').count()).toBeGreaterThan(0);
    expect(await seriousFindings(page)).toEqual([]);
    // The browser reports each attempt.
    shared.studio.troubles.splice(0);
  });
});
