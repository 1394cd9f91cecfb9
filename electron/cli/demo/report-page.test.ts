/** @file The report's page: nothing in the data becomes markup, and every result is also stated in words. */
import { describe, expect, it } from 'vitest';
import { noLookOf } from '../../studio/evaluations/no-look.ts';
import { syntheticReport, syntheticSample, syntheticSide, syntheticSteps } from './fixtures/synthetic-report.ts';
import { reportPage } from './report-page.ts';
import type { DemoReport } from './report.ts';

const HOSTILE = `</style></script><script>alert(1)</script><img src=x onerror="alert(2)">"'&<svg onload=alert(3)>`;

/** A report with the hostile string in every string that may hold free text. */
function hostileReport(): DemoReport {
  const report = syntheticReport();
  return {
    ...report,
    device: HOSTILE,
    sentence: HOSTILE,
    dataset: { ...report.dataset, name: HOSTILE },
    model: { ...report.model, name: HOSTILE, licence: HOSTILE },
    recipe: { ...report.recipe, name: HOSTILE, promptTemplate: `{question}${HOSTILE}` },
    paths: { ...report.paths, bundle: HOSTILE, adapter: HOSTILE, home: HOSTILE },
    steps: syntheticSteps(3).map((step) => ({ ...step, rewards: [{ name: HOSTILE, weight: 1, mean: 1, std: 0 }] })),
    verification: { path: HOSTILE, outcome: 'pass', checks: [{ outcome: 'pass', check: HOSTILE, detail: HOSTILE }] },
    credits: [{ licence: HOSTILE, pictures: 1, authors: Array.from({ length: 8 }, () => HOSTILE) }],
    samples: [
      syntheticSample({
        imageName: HOSTILE,
        question: HOSTILE,
        reference: HOSTILE,
        licence: HOSTILE,
        authors: [HOSTILE],
        base: { text: HOSTILE, verdict: 'unparsed', formatOk: false },
      }),
    ],
  };
}

describe('report.html', () => {
  it('escapes every text that comes from data', () => {
    const page = reportPage(hostileReport());
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).not.toContain('<script');
    expect(page).not.toContain('<img src=x');
    expect(page).not.toContain('<svg onload');
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    // No value can close its attribute either.
    expect(page).not.toMatch(/="[^"]*onerror="/);
  });

  it('needs nothing but itself', () => {
    const page = reportPage(syntheticReport());
    expect(page).not.toMatch(/(?:src|href)="(?!data:)/);
    expect(page).not.toMatch(/url\(|@import|https?:\/\//);
    expect(page).toContain("default-src 'none'");
  });

  it('shows counts, intervals, every curve, samples, credits and fingerprints', () => {
    const report = syntheticReport();
    const page = reportPage(report);
    for (const text of ['48 of 120', '74 of 120', '31.7% – 48.9%', 'which chance does not explain', 'p &lt; 0.001'])
      expect(page).toContain(text);
    expect(page.match(/<svg role="img"/g)).toHaveLength(5);
    // The four curves of the run, and pass@k; both readings of the accuracy stand in the headline.
    expect(page).toContain('40% → 61.7% strict, 45% → 66.7% lenient');
    expect(page).toContain('6 were right before and lacked the form');
    expect(page).toContain('Illustrator 14');
    expect(page).toContain('CC-BY-SA-4.0');
    expect(page).toContain(report.recipeSha256);
    expect(page).toContain('How many apples are there? Look at each row.');
    expect(page).toContain('cannot be decided');
  });

  it('survives a run without steps, samples or KL', () => {
    const bare = syntheticSteps(1).map((step) => ({
      ...step,
      kl: null,
      beta: null,
      reward: null,
      rewardStd: null,
      rewards: [],
    }));
    for (const steps of [[], bare]) {
      const page = reportPage(syntheticReport({ steps, samples: [], credits: [], device: null }));
      expect(page).not.toMatch(/NaN|undefined|Infinity|null/);
    }
  });

  it('does not praise a gain that guessing without looking makes too', () => {
    const noLook = noLookOf(
      Array.from({ length: 120 }, (_, at) => ({ verdict: at < 74 ? 'correct' : 'wrong' })),
      Array.from({ length: 120 }, (_, at) => ({
        asked: { prompt: 'How many?', answer: at < 74 ? '0' : '1', task: 'counting' },
      })),
      [],
    );
    const page = reportPage(syntheticReport({ noLook }));
    expect(page).toContain('but not more than guessing would');
    expect(page).toContain('always answering “0” gets 74 of 120 right (61.7%)');
    expect(page).toContain('not better than guessing without looking');
  });

  it('does not praise a difference that may be chance', () => {
    const comparison = { ...syntheticReport().comparison, verdict: 'undecided' as const };
    const page = reportPage(syntheticReport({ comparison, tuned: syntheticSide(50, 120) }));
    expect(page).toContain('No clear difference');
    expect(page).not.toContain('answers more');
  });
});
