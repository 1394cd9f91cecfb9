/**
 * @file A walk through the studio in a real browser: import pictures, look at them, train for a few steps, watch,
 * reload. The model is the tiny one of the golden tests, and its training is real.
 */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { BROWSER, loadedImages, openPage, seriousFindings } from './browser.ts';
import { makeDotsDataset } from './sample-dataset.ts';
import { atelier, ROOT } from './studio-host.ts';
import { fillShortRun } from './short-run.ts';
import { studioInBrowser } from './studio-page.ts';

const TINY_MODEL = join(ROOT, 'electron', 'engine', 'fixtures', 'qwen2vl-tiny', 'model');
const DATASET = 'Dots to count';
/** More than the learning-rate warm-up, which must fit in a run. */
const STEPS = 6;
const RUN_MS = 240_000;

describe.skipIf(BROWSER === null)('the studio in the browser (needs Chromium)', () => {
  let pictures: string;
  const shared = studioInBrowser(async (home) => {
    pictures = await makeDotsDataset(join(home, 'pictures'));
    atelier(home, 'models', '--add', TINY_MODEL, '--name', 'Tiny');
  });

  it('opens on Home, and the address is good once', async () => {
    const { page } = shared.studio;
    await page.getByRole('link', { name: messages.home.importOwn }).waitFor();
    expect(await page.title()).toContain('Atelier');
    expect(await seriousFindings(page)).toEqual([]);

    const second = await openPage(shared.browser, shared.host.origin);
    const response = await second.page.goto(shared.host.url);
    expect(response?.status()).toBe(403);
    await second.page.context().close();
  });

  it('sends a strict content security policy with the page', async () => {
    const response = await shared.studio.page.reload();
    const policy = response?.headers()['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/script-src 'self'(;|$)/);
    await shared.studio.page.getByRole('link', { name: messages.home.importOwn }).waitFor();
  });

  it('shows what an import would do, then imports', async () => {
    const { page } = shared.studio;
    await page.getByRole('link', { name: messages.home.importOwn }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: messages.import.drop }).fill(pictures);
    await dialog.getByRole('button', { name: messages.import.inspect }).click();
    await dialog.getByText(messages.import.usable('12', '12')).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: messages.import.onwards }).click();
    await dialog.getByLabel(messages.import.name, { exact: true }).fill(DATASET);
    await dialog.getByRole('button', { name: messages.import.go(12) }).click();
    await dialog.getByRole('button', { name: messages.import.open }).click();
    await page.getByRole('heading', { name: DATASET }).waitFor();
  });

  it('says which row of a table cannot be used', async () => {
    const { page } = shared.studio;
    await page.goto(`${shared.host.origin}/#/datasets?import=1`);
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: messages.import.drop }).fill(join(shared.host.home, 'nowhere'));
    await dialog.getByRole('button', { name: messages.import.inspect }).click();
    await dialog.getByText(join(shared.host.home, 'nowhere')).first().waitFor();
    await dialog.getByRole('button', { name: messages.common.cancel }).click();
  });

  it('shows the pictures with question, answer and licence', async () => {
    const { page } = shared.studio;
    await page.goto(`${shared.host.origin}/#/datasets`);
    await page
      .getByRole('link', { name: new RegExp(DATASET) })
      .first()
      .click();
    await page.getByRole('heading', { name: DATASET }).waitFor();
    await expect.poll(() => loadedImages(page)).toBeGreaterThanOrEqual(12);
    await page.getByText('CC0-1.0').first().waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('trains a few real steps and shows them', { timeout: RUN_MS }, async () => {
    const { page } = shared.studio;
    await page.goto(`${shared.host.origin}/#/train`);
    await page.getByRole('radio', { name: /Tiny/ }).check();
    await fillShortRun(page, STEPS);
    expect(await seriousFindings(page)).toEqual([]);
    // From a field, without the way through every other one.
    await expect.poll(() => page.getByRole('button', { name: messages.train.start }).isEnabled()).toBe(true);
    await page.keyboard.press('Control+Enter');
    await page.waitForURL(/#\/runs\/.+/);
    await page.getByText(messages.runs.status.completed).first().waitFor({ timeout: RUN_MS });
    await page
      .getByText(messages.runs.steps(`${STEPS}`, `${STEPS}`))
      .first()
      .waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('shows the same run after a reload, point for point', async () => {
    const { page } = shared.studio;
    const runId = /#\/runs\/([^?/]+)/.exec(page.url())?.[1] ?? '';
    const { steps } = atelier(shared.host.home, 'runs', runId) as { steps?: unknown[] };
    await page.reload();
    await page
      .getByText(messages.runs.steps(`${STEPS}`, `${STEPS}`))
      .first()
      .waitFor();
    await page.getByRole('button', { name: messages.common.viewAsTable }).first().click();
    const rows = page.getByRole('table').first().locator('tbody tr');
    await expect.poll(() => rows.count()).toBe(STEPS);
    if (steps !== undefined) expect(steps).toHaveLength(STEPS);
    await page.getByText(messages.samples.title).waitFor();
    await expect.poll(() => loadedImages(page)).toBeGreaterThanOrEqual(1);
  });

  it('leads through the stages, and to every screen in each', async () => {
    const { page } = shared.studio;
    const { nav, stages } = messages;
    const bar = page.getByRole('navigation', { name: nav.label });
    for (const [stage, first, ...others] of [
      [stages.names.pictures, nav.datasets],
      [stages.names.rights, nav.ledger],
      [stages.names.teach, nav.train, nav.rewards],
      [stages.names.results, nav.runs, nav.compare, nav.exam, nav.playground],
      [stages.names.share, nav.export, nav.verify],
    ] as const) {
      await bar.getByRole('link', { name: stage, exact: true }).click();
      const inside = page.getByRole('navigation', { name: stages.inside(stage) });
      await page.getByRole('heading', { name: first, level: 1 }).waitFor({ state: 'attached' });
      expect(await seriousFindings(page)).toEqual([]);
      for (const screen of others) {
        await inside.getByRole('link', { name: screen, exact: true }).click();
        await page.getByRole('heading', { name: screen, level: 1 }).waitFor({ state: 'attached' });
      }
    }
    await page.getByRole('link', { name: nav.settings, exact: true }).click();
    await page.getByRole('heading', { name: nav.settings, level: 1 }).waitFor();
    await page.getByRole('link', { name: nav.home }).click();
    await page.getByRole('heading', { name: nav.home, level: 1 }).waitFor({ state: 'attached' });
  });
});
