/** @file A run that continues from a PEFT adapter, given on the Train page; and the types of a GGUF export on its page. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { terms } from '../renderer/src/messages/terms.ts';
import { BROWSER, seriousFindings } from './browser.ts';
import { atelier, ROOT, runAtelier } from './studio-host.ts';
import { studioInBrowser } from './studio-page.ts';

const RUN_MS = 240_000;
/** A run and an export, on a machine that may be busy. */
const PREPARE_MS = 600_000;
const NAME = 'Teacher';
const SMALL = ['steps=2', 'promptsPerStep=2', 'numGenerations=2', 'evalSamples=2'].flatMap((set) => ['--set', set]);
/** `ATELIER_SHOTS=FOLDER` keeps pictures of the screens. */
const folderOfShots = process.env['ATELIER_SHOTS'];

describe.skipIf(BROWSER === null)('an adapter to begin with, in the browser (needs Chromium)', () => {
  let adapter: string;
  const shared = studioInBrowser((home) => {
    adapter = join(home, 'adapter');
    runAtelier(home, 'train', '--dataset', 'counting', '--name', NAME, ...SMALL);
    const [run] = atelier(home, 'runs') as [{ id: string }];
    runAtelier(home, 'export', run.id, adapter);
  }, PREPARE_MS);

  it('offers the types of a GGUF export, and says which files there will be', async () => {
    const { page } = shared.studio;
    await shared.go('/export');
    await page
      .getByRole('link', { name: new RegExp(NAME) })
      .first()
      .click();
    await page.getByRole('radio', { name: messages.export.forms.gguf.label }).check();
    await page.getByRole('radio', { name: 'Q4_K_M' }).check();
    await page.getByRole('button', { name: /model-Q4_K_M\.gguf/ }).waitFor({ timeout: RUN_MS });
    await page.getByRole('button', { name: /mmproj-Q8_0\.gguf/ }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    if (folderOfShots !== undefined)
      await page.screenshot({ path: join(ROOT, folderOfShots, 'export-gguf.png'), fullPage: true });
    await page.getByRole('radio', { name: messages.export.forms.mlx.label }).check();
    await page.getByRole('button', { name: /mlx-check\.json/ }).waitFor({ timeout: RUN_MS });
  });

  it('names a folder that holds no adapter, and trains from one that does', async () => {
    const { page } = shared.studio;
    const [{ id }] = atelier(shared.host.home, 'datasets') as [{ id: string }];
    await shared.go(`/train?dataset=${id}`);
    await page.getByRole('tab', { name: messages.train.advanced }).click();
    for (const [term, value] of [
      [terms.steps, 2],
      [terms.promptsPerStep, 2],
      [terms.numGenerations, 2],
      [terms.evalSamples, 2],
    ] as const)
      await page.getByRole('textbox', { name: term.label, exact: true }).fill(String(value));
    const field = page.getByRole('textbox', { name: messages.train.startAdapter });
    const start = page.getByRole('button', { name: messages.train.start });
    await field.fill(join(shared.host.home, 'nowhere'));
    await start.click();
    await page
      .getByRole('alert')
      .getByText(/nowhere/)
      .first()
      .waitFor({ timeout: RUN_MS });
    await field.fill(adapter);
    expect(await seriousFindings(page)).toEqual([]);
    if (folderOfShots !== undefined)
      await page.screenshot({ path: join(ROOT, folderOfShots, 'start-adapter.png'), fullPage: true });
    // What the studio found wrong with the other folder stays until it has read this one.
    await page.getByText(messages.train.ready, { exact: true }).waitFor({ timeout: RUN_MS });
    await start.click();
    await page.waitForURL(/#\/runs\/.+/, { timeout: RUN_MS });
    await page.getByText(messages.runs.status.completed).first().waitFor({ timeout: RUN_MS });
    const run = /#\/runs\/([^?/]+)/.exec(page.url())?.[1] ?? '';
    const { recipe } = atelier(shared.host.home, 'runs', run) as { recipe: { startAdapter?: { name: string } } };
    await page
      .getByText(new RegExp(recipe.startAdapter?.name ?? 'none'))
      .first()
      .waitFor();
    expect(recipe.startAdapter).toBeDefined();
  });
});
