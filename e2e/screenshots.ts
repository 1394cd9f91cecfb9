/**
 * @file Takes the pictures of the documentation from the real studio: `npm run screenshots`. In its own data folder, it
 * imports the starter pictures, runs a small exam, trains a run live, and then visits every screen (takes a few
 * minutes). `SCREENSHOT_HOME` keeps the folder for next time; `SCREENSHOT_ONLY=run,exam` retakes only these screens.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { dryRun, firstDay, lightTable, liveRun, type Go } from './screenshots/beginning.ts';
import { LAPTOP } from './screenshots/frame.ts';
import { gallery, type Done } from './screenshots/gallery.ts';
import { launchBrowser, openPage } from './browser.ts';
import { atelier, runAtelier, startHost, temporaryHome } from './studio-host.ts';

const KEPT = process.env['SCREENSHOT_HOME'];
/** Short enough for a few minutes on two cores, long enough to learn something. */
const EXAM = ['--steps', '16', '--samples', '60', '--set', 'promptsPerStep=8', '--set', 'numGenerations=8'];

type Named = { id: string; name: string };
type Run = Named & { steps: number; status: string; datasetName: string; experimentId?: string };

/** Opens the studio on `home`, lets `look` take its pictures, and closes it. */
async function visit(
  home: string,
  look: (page: Parameters<typeof gallery>[0], go: Go) => Promise<void>,
): Promise<void> {
  const host = await startHost(home);
  const browser = await launchBrowser();
  try {
    const { page } = await openPage(browser, host.origin);
    await page.setViewportSize(LAPTOP);
    await page.goto(host.url);
    await page.getByRole('navigation').waitFor({ timeout: 60_000 });
    await look(page, (path) => page.goto(`${host.origin}/#${path}`));
  } finally {
    await browser.close();
    await host.stop();
  }
}

/** The newest finished standalone run, and the exam's runs on the same task. */
function whatWasDone(home: string): Done {
  const runs = (atelier(home, 'runs') as Run[]).filter(({ status }) => status === 'completed');
  const datasets = atelier(home, 'datasets') as Named[];
  const [experiment] = atelier(home, 'experiments') as Named[];
  const counting = runs.filter(({ datasetName }) => datasetName.startsWith('Counting'));
  const run = counting.find(({ experimentId }) => experimentId === undefined);
  const rivals = counting.filter(({ experimentId }) => experimentId === experiment?.id);
  const dataset = datasets.find(({ name }) => name.startsWith('Counting'));
  if (run === undefined || dataset === undefined || experiment === undefined) {
    throw new Error('The data folder holds no finished run, dataset or exam.');
  }
  return {
    home,
    dataset: dataset.id,
    run: run.id,
    rivals: rivals.map(({ id }) => id),
    experiment: experiment.id,
  };
}

async function main(): Promise<void> {
  const home = KEPT ?? temporaryHome();
  const only = process.env['SCREENSHOT_ONLY']?.split(',');
  const again = only !== undefined;
  const wants = (name: string): boolean => only?.includes(name) ?? true;
  if (!again) {
    const empty = temporaryHome();
    await visit(empty, firstDay);
    rmSync(empty, { recursive: true, force: true });
    for (const starter of ['counting', 'geometry']) runAtelier(home, 'import', '--starter', starter);
    if ((atelier(home, 'experiments') as Named[]).length === 0)
      runAtelier(home, 'exam', 'counting', 'geometry', ...EXAM);
  }
  await visit(home, async (page, go) => {
    if (wants('import')) await dryRun(page, go, join(home, 'harbour'));
    if (wants('light-table')) await lightTable(page, go, join(home, 'birds'));
    if (wants('run-live')) await liveRun(page, go);
    // These need no finished work.
    if (only?.every((name) => ['import', 'light-table', 'run-live'].includes(name)) === true) return;
    const failed = await gallery(page, go, whatWasDone(home));
    for (const line of failed) console.error(line);
    if (failed.length > 0) process.exitCode = 1;
  });
  if (KEPT === undefined) rmSync(home, { recursive: true, force: true });
}

void main();
