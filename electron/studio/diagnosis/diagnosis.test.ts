/** @file Each thing that can go wrong, on a run that shows it and on one that comes near but must not raise it. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { StepMetrics } from '../../contract/runs.ts';
import { wilson } from '../evaluations/statistics.ts';
import { Diagnosis, diagnose } from './diagnosis.ts';
import { syntheticRecipe, syntheticRun, type Symptoms } from './testing/synthetic-run.ts';

const codes = (steps: readonly StepMetrics[]): string[] => diagnose(syntheticRecipe, steps).map(({ code }) => code);
const ramp = (share: number, from: number, to: number): number => from + (to - from) * share;

type Case = [
  code: string,
  ill: (step: number, share: number) => Symptoms,
  well: (step: number, share: number) => Symptoms,
];

const cases: Case[] = [
  [
    'REWARD_STD_ZERO',
    (step) => (step > 20 ? { fracRewardZeroStd: 1, rewardStd: 0 } : {}),
    // Four such steps, then signal again, over and over.
    (step) => (step % 5 !== 0 ? { fracRewardZeroStd: 1, rewardStd: 0 } : { fracRewardZeroStd: 0.4 }),
  ],
  [
    'GROUPS_WITHOUT_SIGNAL',
    (step) => ({ fracRewardZeroStd: step % 2 === 0 ? 0.9 : 0.85, rewardStd: 0.05 }),
    () => ({ fracRewardZeroStd: 0.7 }),
  ],
  [
    'NOT_FINITE',
    (step) => (step === 12 ? { loss: NaN } : {}),
    (step) => (step === 12 ? { loss: 40, kl: null, entropy: null } : {}),
  ],
  [
    'NOT_FINITE_REPEATED',
    (step) => (step >= 12 && step <= 14 ? { gradNorm: Infinity } : {}),
    (step) => (step === 12 || step === 13 || step === 30 ? { gradNorm: Infinity } : {}),
  ],
  ['KL_SPIKE', (step) => (step === 25 ? { kl: 3 } : {}), (step, share) => ({ kl: ramp(share, 0, 0.6) })],
  ['KL_TOO_FAR', (_, share) => ({ kl: ramp(share, 0, 4) }), (step) => ({ kl: step === 30 ? 1.5 : 0.4 })],
  [
    'LENGTH_COLLAPSE',
    (_, share) => ({ completionLengthMean: ramp(share, 30, 6) }),
    (_, share) => ({ completionLengthMean: ramp(share, 30, 18) }),
  ],
  [
    'LENGTH_RUNAWAY',
    (_, share) => ({ completionLengthMean: ramp(share, 14, 45) }),
    (_, share) => ({ completionLengthMean: ramp(share, 20, 36) }),
  ],
  [
    'TRUNCATED',
    (step) => (step > 30 ? { truncatedRatio: 0.6 } : {}),
    (step) => ({ truncatedRatio: step % 3 === 0 ? 0.9 : 0.2 }),
  ],
  [
    'REWARD_SATURATED:format',
    (_, share) => ({ format: ramp(Math.min(1, 2 * share), 0.8, 1), formatStd: 0.02 }),
    // High on average, but some groups still differ.
    () => ({ format: 0.96, formatStd: 0.2 }),
  ],
  [
    'REWARDS_OPPOSED:accuracy,format',
    (_, share) => ({ accuracy: ramp(share, 0.3, 0.8), format: ramp(share, 0.9, 0.4) }),
    // One rises, the other holds with small waves.
    (step, share) => ({ accuracy: ramp(share, 0.3, 0.8), format: 0.9 - 0.02 * Math.sin(step) }),
  ],
  [
    'ENTROPY_NEAR_ZERO',
    (_, share) => ({ entropy: ramp(share, 0.3, 0.001) }),
    (_, share) => ({ entropy: ramp(share, 0.3, 0.05) }),
  ],
  [
    'REASONING_COLLAPSE',
    (_, share) => ({ thinkRate: ramp(share, 0.9, 0), accuracy: ramp(share, 0.4, 0.8) }),
    // Thinking goes, but the answers get worse: another illness.
    (_, share) => ({ thinkRate: ramp(share, 0.9, 0), accuracy: ramp(share, 0.6, 0.4) }),
  ],
];

describe('a run that goes well', () => {
  it.each([1, 5, 40, 200])('raises nothing in %d steps', (steps) => {
    expect(codes(syntheticRun(steps))).toEqual([]);
  });

  it('raises nothing for SFT, which has no rewards', () => {
    const none = { reward: null, rewardStd: null, fracRewardZeroStd: null, kl: null, entropy: null, thinkRate: null };
    const lengths = { completionLengthMean: null, truncatedRatio: null, rewards: [] };
    const recipe = { ...syntheticRecipe, method: 'sft' as const };
    expect(
      diagnose(
        recipe,
        syntheticRun(60, () => ({ ...none, ...lengths })),
      ),
    ).toEqual([]);
  });

  it('does not miss thinking that was never there', () => {
    expect(codes(syntheticRun(60, () => ({ thinkRate: 0.02 })))).toEqual([]);
  });
});

describe('forty real steps of the starter model on counting', () => {
  const lines = readFileSync(new URL('./fixtures/starter-run.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n');
  const steps = lines.map((line) => StepMetrics.parse(JSON.parse(line)));

  it('raise nothing but that the form is learned', () => {
    expect(codes(steps)).toEqual(['REWARD_SATURATED:format']);
  });
});

describe('what goes wrong is told', () => {
  it.each(cases)('%s', (code, ill) => {
    const warnings = diagnose(syntheticRecipe, syntheticRun(60, ill)).filter((warning) => warning.code === code);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.step).toBeGreaterThan(0);
    // A sentence that says what is seen, and another that says what to do.
    expect(warnings[0]?.message.split(/[.:] /).length).toBeGreaterThanOrEqual(2);
  });
});

describe('what only looks like it is not told', () => {
  it.each(cases)('%s', (code, _ill, well) => {
    expect(codes(syntheticRun(60, well))).not.toContain(code);
  });
});

describe('training against held-out samples', () => {
  const rising = syntheticRun(60);
  const told = (base: [number, number], tuned: [number, number], steps = rising): string[] =>
    diagnose(syntheticRecipe, steps, [
      { step: 0, accuracy: wilson(...base) },
      { step: 60, accuracy: wilson(...tuned) },
    ]).map(({ message }) => message);

  it('is told when one rises and the other falls, with how sure that is', () => {
    expect(told([140, 200], [90, 200])[0]).toMatch(/learns the samples by heart.*no accident/);
    expect(told([22, 40], [20, 40])[0]).toMatch(/may still be chance/);
  });

  it('is not told when both rise, when the fall is tiny, or when training did not rise either', () => {
    expect(told([90, 200], [140, 200])).toEqual([]);
    expect(told([140, 200], [138, 200])).toEqual([]);
    expect(
      told(
        [140, 200],
        [90, 200],
        syntheticRun(60, () => ({ accuracy: 0.5 })),
      ),
    ).toEqual([]);
  });
});

describe('each thing is said once', () => {
  const ill = syntheticRun(60, (step) => (step % 2 === 0 ? { truncatedRatio: 0.9 } : { truncatedRatio: 0.8 }));

  it('in one run', () => expect(codes(ill)).toEqual(['TRUNCATED']));

  it('and not again after a resume that remembers', () => {
    const first = new Diagnosis(syntheticRecipe);
    const raised = ill.slice(0, 30).flatMap((step) => first.observe(step));
    const resumed = new Diagnosis(syntheticRecipe, { steps: ill.slice(0, 30), codes: raised.map(({ code }) => code) });
    expect(ill.slice(30).flatMap((step) => resumed.observe(step))).toEqual([]);
  });

  it('also when a resume looks back over steps that it did not see itself', () => {
    const collapse = syntheticRun(60, (_, share) => ({ completionLengthMean: ramp(share, 30, 6) }));
    const resumed = new Diagnosis(syntheticRecipe, { steps: collapse.slice(0, 40) });
    expect(
      collapse
        .slice(40)
        .flatMap((step) => resumed.observe(step))
        .map(({ code }) => code),
    ).toContain('LENGTH_COLLAPSE');
  });

  it('and so is what the engine tells itself', () => {
    const diagnosis = new Diagnosis(syntheticRecipe);
    const [bad] = syntheticRun(1, () => ({ loss: NaN }));
    expect(diagnosis.observe(bad!).map(({ code }) => code)).toEqual(['NOT_FINITE']);
    expect(diagnosis.isNew('NOT_FINITE')).toBe(false);
    expect(diagnosis.isNew('DEGRADED')).toBe(true);
  });
});
