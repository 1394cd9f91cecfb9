/**
 * @file Beyond one machine, on the page: a recipe is written as a job folder, and what comes back of it becomes a run that
 * says that it was trained elsewhere; again while the job goes on, and not at all if it was tampered with.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Recipe } from '../electron/contract/model/recipe.ts';
import { fakeResults } from '../electron/studio/handoff/testing/fake-results.ts';
import { messages } from '../renderer/src/messages/en.ts';
import { BROWSER, seriousFindings } from './browser.ts';
import { studioInBrowser } from './studio-page.ts';

const SLOW_MS = 240_000;
const out = messages.train.elsewhere;
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

  it('takes it back while the job runs, and again when it has gone on', async () => {
    const { page } = shared.studio;
    const { recipeSha256 } = JSON.parse(readFileSync(join(job, 'manifest.json'), 'utf8')) as { recipeSha256: string };
    const recipe = Recipe.parse((parse(readFileSync(join(job, 'recipe.yaml'), 'utf8')) as { recipe: unknown }).recipe);
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(join(job, 'data', 'train.parquet')) });
    const samples = rows.map(({ id, answer }) => ({
      id: String(id),
      answer: String(answer),
      task: 'counting' as const,
    }));
    const fake = fakeResults({ results: join(job, 'results'), recipe, recipeSha256, samples });
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
});
