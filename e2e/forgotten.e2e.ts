/** @file What the KL weight did in a run, what it forgot and what changed: measured and shown on its page, with a real engine. */
import { describe, expect, it } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { terms } from '../renderer/src/messages/terms.ts';
import { BROWSER, seriousFindings } from './browser.ts';
import { atelier, runAtelier } from './studio-host.ts';
import { studioInBrowser } from './studio-page.ts';

const MEASURE_MS = 300_000;
const NAME = 'Moved';
const text = messages.forgotten;
/** A few real steps that move the model visibly. */
const SMALL = [
  'steps=4',
  'promptsPerStep=2',
  'numGenerations=2',
  'maxCompletionLength=12',
  'evalSamples=4',
  'klShareEvery=2',
].flatMap((set) => ['--set', set]);

describe.skipIf(BROWSER === null)('what a run forgot (needs Chromium)', () => {
  let runId = '';
  const shared = studioInBrowser((home) => {
    runAtelier(home, 'train', '--dataset', 'counting', '--method', 'grpo', '--name', NAME, ...SMALL);
    runId = (atelier(home, 'runs') as { id: string }[])[0]!.id;
  });

  it('shows how much of the gradient the KL term made', async () => {
    const { page } = shared.studio;
    await shared.go(`/runs/${runId}`);
    await page.getByText(terms.klGradientShare.label).first().waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  it(
    'is measured with one button, on the task it was trained on',
    async () => {
      const { page } = shared.studio;
      await page.getByRole('heading', { name: text.title }).waitFor();
      await page.getByRole('button', { name: text.measure }).click();
      const table = page.getByRole('table', { name: text.caption });
      await table.getByText(text.trained('Counting (starter)')).waitFor({ timeout: MEASURE_MS });
      // Nothing is left to measure.
      await expect.poll(() => page.getByRole('button', { name: text.measure }).count()).toBe(0);
      expect(await seriousFindings(page)).toEqual([]);
    },
    MEASURE_MS + 60_000,
  );

  it(
    'tells once the answers are sampled whether training narrowed what the model can do',
    async () => {
      const { page } = shared.studio;
      await page.getByRole('button', { name: messages.whatChanged.sample }).click();
      await page.getByText(messages.whatChanged.passTitle(64)).first().waitFor({ timeout: MEASURE_MS });
      await expect.poll(() => page.getByRole('button', { name: messages.whatChanged.sample }).count()).toBe(0);
      expect(await seriousFindings(page)).toEqual([]);
    },
    MEASURE_MS + 60_000,
  );
});
