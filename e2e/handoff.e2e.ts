/**
 * @file Beyond one machine, on the page: a recipe is written as a job folder, and what comes back of it becomes a run that
 * says that it was trained elsewhere; again while the job goes on, and not at all if it was tampered with. An experiment goes
 * to a cluster and comes back, once the setting allows it.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Recipe } from '../electron/contract/model/recipe.ts';
import { startFakeRay } from '../electron/studio/handoff/testing/fake-ray.ts';
import { fakeResults } from '../electron/studio/handoff/testing/fake-results.ts';
import { messages } from '../renderer/src/messages/en.ts';
import { BROWSER, seriousFindings } from './browser.ts';
import { studioInBrowser } from './studio-page.ts';

const SLOW_MS = 240_000;
const out = messages.elsewhere;
const back = messages.runs.takeBack;

describe.skipIf(BROWSER === null)('beyond one machine, in the browser (needs Chromium)', () => {
  const shared = studioInBrowser();
  let job: string;

  beforeAll(async () => {
    const { page } = shared.studio;
    job = join(shared.host.home, 'job');
    await page.getByRole('button', { name: messages.datasets.beginCounting }).click();
    await page.waitForURL(/#\/datasets\/.+/, { timeout: SLOW_MS });
  });

  /** Opens what a dropped job folder opens. */
  async function drop(): Promise<void> {
    await shared.go('/datasets');
    await shared.go(`/runs?takeBack=${encodeURIComponent(job)}`);
  }

  it('writes the recipe on the screen as a job folder, and says what is in it', async () => {
    const { page } = shared.studio;
    await shared.go('/train');
    await page.getByRole('button', { name: out.open }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: out.write }).isDisabled()).toBe(true);
    expect(await seriousFindings(page)).toEqual([]);
    await dialog.getByRole('textbox', { name: out.destination }).fill(job);
    await dialog.getByRole('button', { name: out.write }).click();
    await dialog.getByRole('status').waitFor({ timeout: SLOW_MS });
    await dialog.getByText(job, { exact: true }).waitFor();
    expect(existsSync(join(job, 'manifest.json'))).toBe(true);
    expect(await seriousFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: messages.common.close }).last().click();
  });

  /** A job that trains the run in `place`, a part of the job folder `folder`, and writes to `results`. */
  async function fakeJob(folder: string, place: string, results: string) {
    const read = (name: string): string => readFileSync(join(place, name), 'utf8');
    const { recipeSha256 } = JSON.parse(read('manifest.json')) as { recipeSha256: string };
    const recipe = Recipe.parse((parse(read('recipe.yaml')) as { recipe: unknown }).recipe);
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(join(folder, 'data', 'train.parquet')) });
    const samples = rows.map(({ id, answer }) => ({
      id: String(id),
      answer: String(answer),
      task: 'counting' as const,
    }));
    return { recipe, fake: fakeResults({ results, recipe, recipeSha256, samples }) };
  }

  it('takes it back while the job runs, and again when it has gone on', async () => {
    const { page } = shared.studio;
    const { recipe, fake } = await fakeJob(job, job, join(job, 'results'));
    fake.addSteps(1, 2);
    await drop();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(back.taken('1', '2', String(recipe.steps))).waitFor();
    await dialog.getByText(back.unfinished).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    fake.addSteps(3, 5);
    await dialog.getByRole('button', { name: back.again }).click();
    await dialog.getByText(back.taken('3', '5', String(recipe.steps))).waitFor();
    await dialog.getByRole('link', { name: back.open }).click();
    await page.getByText(messages.runs.elsewhere, { exact: true }).waitFor();
    await page.getByText(/^elsewhere \(job-/).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await shared.go('/runs');
    await page.getByRole('listitem').getByText(messages.runs.elsewhere, { exact: true }).waitFor();
  });

  it('says why a folder is refused, and changes nothing', async () => {
    const { page } = shared.studio;
    const stray = join(job, 'results', 'optimizer.pt');
    writeFileSync(stray, 'x');
    await drop();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/results\/optimizer\.pt may be a pickle/).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    rmSync(stray);
    await dialog.getByRole('button', { name: back.take }).click();
    await dialog.getByText(/Nothing new/).waitFor();
  });

  it('sends an experiment to a cluster once that is allowed, and takes back what has come so far', async () => {
    const { page } = shared.studio;
    const { cluster } = messages.elsewhere;
    const folder = join(shared.host.home, 'sweep');
    const ray = await startFakeRay();
    try {
      await shared.go('/exam?new=sweep');
      await page.getByRole('textbox', { name: messages.exam.values }).fill('0.5, 1');
      await page.getByRole('button', { name: out.open }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('textbox', { name: out.destination }).fill(folder);
      await dialog.getByRole('combobox', { name: new RegExp(`^${out.launcher} `) }).press('Enter');
      await page.getByRole('option', { name: out.launchers.ray }).click();
      await dialog.getByRole('button', { name: out.write }).click();
      await dialog.getByText(/^The folder is written: 2 runs with/).waitFor({ timeout: SLOW_MS });

      await dialog.getByText(cluster.off).waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await dialog.getByRole('button', { name: cluster.allow }).press('Enter');
      await dialog.getByRole('textbox', { name: cluster.address }).fill('http://127.0.0.1:9');
      await dialog.getByRole('textbox', { name: cluster.storage }).fill('/mnt/jobs');
      await dialog.getByRole('textbox', { name: cluster.storage }).press('Enter');
      await dialog.getByText(/nothing answers there/).waitFor();

      for (const name of readdirSync(join(folder, 'children'))) {
        const results = join(shared.host.home, 'storage', name);
        const { fake } = await fakeJob(folder, join(folder, 'children', name), results);
        fake.addSteps(1, 2);
        for (const file of readdirSync(results))
          ray.stored.set(`children/${name}/results/${file}`, readFileSync(join(results, file)));
      }
      ray.statuses = ['SUCCEEDED'];
      await dialog.getByRole('textbox', { name: cluster.address }).fill(ray.address);
      await dialog.getByRole('textbox', { name: cluster.address }).press('Enter');
      await dialog.getByText(cluster.returnedExperiment('2', '2')).waitFor({ timeout: SLOW_MS });
      await dialog.getByText(cluster.ended.succeeded).waitFor();
      expect(await dialog.getByRole('region', { name: cluster.log }).textContent()).toContain('Running …');
      expect(ray.submitted[0]?.entrypoint).toContain("--storage' '/mnt/jobs' '--workers' '1'");
      expect(await seriousFindings(page)).toEqual([]);

      await shared.go('/runs');
      await page.getByRole('button', { name: cluster.open }).click();
      await page.getByRole('dialog').getByText(folder, { exact: true }).waitFor();
      await page.getByRole('dialog').getByRole('textbox', { name: cluster.address }).waitFor();
      expect(await seriousFindings(page)).toEqual([]);
    } finally {
      await ray.close();
    }
  });
});
