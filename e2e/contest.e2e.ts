/** @file A contest on its page, with a real engine: every arm with its interval, the planned looks, and the trade-off. */
import { describe, expect, it } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { BROWSER, seriousFindings } from './browser.ts';
import { atelier, runAtelier } from './studio-host.ts';
import { studioInBrowser } from './studio-page.ts';

const text = messages.exam;
/** A few real steps that move the model visibly. */
const SMALL = ['promptsPerStep=2', 'numGenerations=2', 'maxCompletionLength=12', 'evalSamples=6'].flatMap((set) => [
  '--set',
  set,
]);
const SEEDS = 3;
/** Six short trainings, on a machine that may be busy. */
const PREPARE_MS = 900_000;

describe.skipIf(BROWSER === null)('the page of a contest (needs Chromium)', () => {
  let id = '';
  const shared = studioInBrowser((home) => {
    const seeds = ['--seeds', '7,8,9', '--looks', '3', '--steps', '2'];
    const arms = ['--arms', 'base,sft,grpo-other'];
    runAtelier(home, 'contest', '--dataset', 'counting', ...arms, ...seeds, ...SMALL);
    const [contest] = atelier(home, 'experiments') as { id: string }[];
    id = contest?.id ?? '';
    const { children } = atelier(home, 'experiments', id) as { children: { arm: string; runId: string | null }[] };
    // A run, measured on its own task and on another one.
    const measured = children.find(({ arm }) => arm === 'sft')?.runId ?? '';
    for (const dataset of ['counting', 'geometry']) {
      runAtelier(
        home,
        'eval',
        '--run',
        measured,
        '--mode',
        'drift',
        '--dataset',
        dataset,
        '--limit',
        '6',
        '--samples',
        '2',
      );
    }
  }, PREPARE_MS);

  it('shows every arm with an interval over the seeds', async () => {
    const { page } = shared.studio;
    await shared.go(`/exam/${id}`);
    const card = page.getByRole('region', { name: text.contest });
    await card.waitFor();
    for (const arm of [text.arm.base, text.arm.sft, 'GRPO, β 0.4']) {
      await card.getByText(arm, { exact: true }).waitFor();
    }
    expect(await card.getByText(text.overSeeds(SEEDS)).count()).toBe(2);
    expect(await card.getByRole('img').count()).toBe(3);
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('says what was found at the planned look', async () => {
    const { page } = shared.studio;
    const findings = page.getByRole('region', { name: text.findings });
    await findings
      .getByText(/GRPO, β 0\.4 (against|and|is)/)
      .first()
      .waitFor();
    expect(await findings.getByText('the first look comes').count()).toBe(0);
  });

  it('draws what was gained and forgotten, with intervals in both directions', async () => {
    const { page } = shared.studio;
    const card = page.getByRole('region', { name: messages.tradeOff.title });
    const chart = card.getByRole('img', { name: messages.tradeOff.chart.retention });
    await chart.waitFor();
    expect(await chart.locator('g.bar line').count()).toBe(2);
    await page.screenshot({ path: 'test-results/contest.png', fullPage: true });
    expect(await seriousFindings(page)).toEqual([]);
  });
});
