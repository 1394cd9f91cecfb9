/**
 * @file Whether the page stays smooth while the engine merges an adapter into a large model: frames of the Export page that
 * scrolls all the time, before and during a merged export. Part of `npm run bench:ui`; `--export` measures nothing else.
 */
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { ensureModel } from '../electron/tools/bench/model-files.ts';
import { MODELS } from '../electron/tools/bench/places.ts';
import { EXPORTED_MODEL } from '../electron/tools/bench/works.ts';
import { messages } from '../renderer/src/messages/en.ts';
import { launchBrowser, openPage } from './browser.ts';
import { watchedFramesOf, type WatchedFrames } from './frame-times.ts';
import { atelier, runAtelier, startHost, temporaryHome } from './studio-host.ts';

const NAME = 'Merged';
const WAIT_MS = 600_000;
const IDLE_MS = 5000;
const text = messages.export;
/** One step that changes the adapter is enough: what is merged does not matter here. */
const SMALLEST = ['promptsPerStep=1', 'numGenerations=2', 'maxCompletionLength=8', 'evalSamples=1'];

export interface ExportFrames {
  /** Bytes of weights that were written. */
  bytes: number;
  /** From the first weights to the last, as the page saw it. */
  seconds: number;
  before: WatchedFrames;
  during: WatchedFrames;
}

interface Watching {
  frames: number[];
  stop: boolean;
}

/** Scrolls the page by a pixel on each frame, and notes how long each frame took, until `stopWatching`. */
async function startWatching(page: Page): Promise<void> {
  await page.evaluate(() => {
    const watching: Watching = { frames: [], stop: false };
    Object.assign(globalThis, { watching });
    let last = performance.now();
    let count = 0;
    const next = (): void => {
      if (watching.stop) return;
      const now = performance.now();
      watching.frames.push(now - last);
      last = now;
      count += 1;
      window.scrollBy(0, Math.floor(count / 60) % 2 === 0 ? 1 : -1);
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
}

async function stopWatching(page: Page): Promise<WatchedFrames> {
  const frames = await page.evaluate(() => {
    const { watching } = globalThis as unknown as { watching: Watching };
    watching.stop = true;
    return watching.frames;
  });
  return watchedFramesOf(frames);
}

function weightBytes(folder: string): number {
  const names = readdirSync(folder).filter((name) => name.endsWith('.safetensors'));
  return names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/** Trains one step on a model of 1.4 GB, and exports the result merged, in a browser against the real host. */
export async function measureExport(): Promise<ExportFrames> {
  mkdirSync(MODELS, { recursive: true });
  const model = await ensureModel(EXPORTED_MODEL, MODELS);
  const home = temporaryHome();
  runAtelier(
    home,
    'models',
    'add',
    model,
    '--name',
    NAME,
    '--licence',
    'Apache-2.0',
    '--evidence',
    'made by the bench',
  );
  const settings = SMALLEST.flatMap((each) => ['--set', each]);
  runAtelier(home, 'train', '--dataset', 'counting', '--model', NAME, '--name', NAME, '--steps', '1', ...settings);
  const [run] = atelier(home, 'runs') as { id: string }[];
  if (run === undefined) throw new Error('There is no run to export.');
  const folder = join(home, 'merged');
  const host = await startHost(home);
  const browser = await launchBrowser();
  try {
    const { page } = await openPage(browser, host.origin);
    page.setDefaultTimeout(WAIT_MS);
    // The compiler of these scripts wraps named functions in a helper that the page lacks.
    await page.addInitScript('globalThis.__name ??= (target) => target;');
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(host.url);
    await page.getByRole('navigation', { name: messages.nav.label }).waitFor();
    await page.goto(`${host.origin}/#/export/${run.id}`);
    await page.getByRole('radio', { name: text.forms.merged.label }).check();
    await page.getByRole('textbox', { name: text.destinationDrop }).fill(folder);
    await page.waitForTimeout(1000);

    await startWatching(page);
    await page.waitForTimeout(IDLE_MS);
    const before = await stopWatching(page);

    const merging = page.getByText(text.merging('', '').split(':')[0] ?? '').first();
    await page.getByRole('button', { name: text.create }).click();
    await merging.waitFor();
    const startedMs = Date.now();
    await startWatching(page);
    await merging.waitFor({ state: 'detached' });
    const seconds = (Date.now() - startedMs) / 1000;
    const during = await stopWatching(page);
    await page.getByText(text.overall.pass).waitFor();
    return { bytes: weightBytes(folder), seconds, before, during };
  } finally {
    await browser.close();
    await host.stop();
    host.clean();
  }
}
