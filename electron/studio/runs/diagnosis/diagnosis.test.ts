/** @file Tests each problem on a run that shows it and on a run that comes close but must not trigger the warning. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { PairedVerdict } from '../../../contract/model/paired-comparison.ts';
import { StepMetrics } from '../../../contract/model/runs.ts';
import { wilson } from '../../../method/statistics.ts';
import { Diagnosis, diagnose } from './diagnosis.ts';
import { syntheticRecipe, syntheticRun, type Symptoms } from './testing/synthetic-run.ts';

const codes = (steps: readonly StepMetrics[]): string[] => diagnose(syntheticRecipe, steps).map(({ code }) => code);
const ramp = (share: number, from: number, to: number): number => from + (to - from) * share;

type Case = [
  code: string,
  ill: (step: number, share: number) => Symptoms,
  well: (step: number, share: number) => Symptoms,
];

it('says what goes wrong with answers in training, once, when there are enough of them', () => {
  const recipe = {
    ...syntheticRecipe,
    rewards: [{ name: 'accuracy' as const, weight: 1, params: { kind: 'fields' as const } }],
  };
  const diagnosis = new Diagnosis(recipe);
  const answers = Array.from({ length: 8 }, () => ({ completion: '<answer>12.5</answer>', answer: '{"total": 12.5}' }));
  const told = syntheticRun(8, () => ({})).flatMap((step) => diagnosis.observe(step, answers));
  expect(told.filter(({ code }) => code === 'FIELDS_NOT_JSON')).toMatchObject([
    {
      step: 4,
      severity: 'warning',
      message: expect.stringMatching(/^In training, 100% of the answers are not JSON/) as string,
    },
  ]);
});

const cases: Case[] = [
  [
    'REWARD_STD_ZERO',
    (step) => (step > 20 ? { fracRewardZeroStd: 1, rewardStd: 0 } : {}),
    // Four such steps, then signal again, repeatedly.
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
    // One rises; the other stays level with small fluctuations.
    (step, share) => ({ accuracy: ramp(share, 0.3, 0.8), format: 0.9 - 0.02 * Math.sin(step) }),
  ],
  [
    'ENTROPY_NEAR_ZERO',
    (_, share) => ({ entropy: ramp(share, 0.3, 0.001) }),
    (_, share) => ({ entropy: ramp(share, 0.3, 0.05) }),
  ],
  [
    'KL_WITHOUT_EFFECT',
    (step) => (step % 20 === 0 ? { klGradientShare: 0.004 } : {}),
    // Almost nothing early on, when the policy is still where it started.
    (step) => (step % 20 === 0 ? { klGradientShare: 0.001 + 0.001 * step } : {}),
  ],
  [
    'KL_HOLDS',
    (step) => (step % 20 === 0 ? { klGradientShare: 0.7, beta: 4 } : {}),
    // In every second measurement the rewards made no gradient, so the KL term made all of it.
    (step) => (step % 20 === 0 ? { klGradientShare: step % 40 === 0 ? 1 : 0.4, beta: 4 } : {}),
  ],
  [
    'REASONING_COLLAPSE',
    (_, share) => ({ thinkRate: ramp(share, 0.9, 0), accuracy: ramp(share, 0.4, 0.8) }),
    // Thinking disappears, but the answers get worse: a different problem.
    (_, share) => ({ thinkRate: ramp(share, 0.9, 0), accuracy: ramp(share, 0.6, 0.4) }),
  ],
];

const severities: Record<string, string> = {
  REWARD_STD_ZERO: 'problem',
  NOT_FINITE_REPEATED: 'problem',
  TRUNCATED: 'problem',
  REASONING_COLLAPSE: 'problem',
  'REWARD_SATURATED:format': 'info',
  KL_WITHOUT_EFFECT: 'info',
};

describe('a run that goes well', () => {
  it.each([1, 5, 40, 200])('raises nothing in %d steps', (steps) => {
    expect(codes(syntheticRun(steps))).toEqual([]);
  });

  it('says when no reward had an opinion, instead of naming a mean that does not exist', () => {
    const silent = { reward: null, rewardStd: null, fracRewardZeroStd: 1 };
    const found = diagnose(
      syntheticRecipe,
      syntheticRun(12, () => ({})).map((step) => ({ ...step, ...silent })),
    );
    expect(found.find(({ code }) => code === 'REWARD_STD_ZERO')?.message).toContain('no reward had an opinion');
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
    expect(warnings[0]?.severity).toBe(severities[code] ?? 'warning');
    // One sentence says what was observed, another says what to do.
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
  const told = (
    base: [number, number],
    tuned: [number, number],
    verdict: PairedVerdict,
    steps = rising,
  ): { message: string; severity?: string | undefined }[] =>
    new Diagnosis(syntheticRecipe, { steps }).observeHeldOut(
      { step: 0, accuracy: wilson(...base) },
      { step: 60, accuracy: wilson(...tuned) },
      verdict,
    );

  it('is told when one rises and the other falls, with how sure that is', () => {
    const [sure] = told([140, 200], [90, 200], 'worse');
    expect(sure?.message).toMatch(/memorising the samples.*Chance does not explain/);
    expect(sure?.severity).toBe('problem');
    const [unsure] = told([22, 40], [20, 40], 'undecided');
    expect(unsure?.message).toMatch(/may still be chance/);
    expect(unsure?.severity).toBe('warning');
  });

  it('is not told when both rise, when the fall is tiny, or when training did not rise either', () => {
    expect(told([90, 200], [140, 200], 'better')).toEqual([]);
    expect(told([140, 200], [138, 200], 'undecided')).toEqual([]);
    expect(
      told(
        [140, 200],
        [90, 200],
        'worse',
        syntheticRun(60, () => ({ accuracy: 0.5 })),
      ),
    ).toEqual([]);
  });
});

describe('looks at held-out samples while the run goes on', () => {
  const looks = (shares: number[], n = 64): { step: number; accuracy: ReturnType<typeof wilson> }[] =>
    shares.map((share, index) => ({ step: index * 10, accuracy: wilson(Math.round(share * n), n) }));
  const told = (
    shares: number[],
    steps = syntheticRun(60),
    n = 64,
  ): { code: string; severity?: string | undefined }[] => {
    const diagnosis = new Diagnosis(syntheticRecipe, { steps });
    return shares.flatMap((_, index) => diagnosis.observeInterim(looks(shares.slice(0, index + 1), n)));
  };

  it('tell that training and held-out part ways, once, while training still rises', () => {
    expect(told([0.4, 0.6, 0.7, 0.55, 0.5, 0.45])).toMatchObject([{ code: 'HELD_OUT_DIVERGES', severity: 'warning' }]);
    expect(told([0.4, 0.9, 0.4, 0.35])).toMatchObject([{ code: 'HELD_OUT_DIVERGES', severity: 'problem' }]);
  });

  it('do not take one bad look, or noise, for a fall', () => {
    expect(told([0.4, 0.6, 0.5, 0.65, 0.56, 0.66])).toEqual([]);
    expect(told([0.5, 0.56, 0.5, 0.5], syntheticRun(60), 32)).toEqual([]);
  });

  it('say nothing where training did not rise either, or nothing was looked at', () => {
    expect(
      told(
        [0.4, 0.9, 0.4, 0.35],
        syntheticRun(60, () => ({ accuracy: 0.5 })),
      ),
    ).toEqual([]);
    expect(told([])).toEqual([]);
    expect(told([0.4])).toEqual([]);
  });
});

describe('schedules of the KL weight', () => {
  const target = {
    ...syntheticRecipe,
    klSchedule: { kind: 'target-kl', betaStart: 0.04, betaMin: 0.01, betaMax: 0.2, targetKl: 0.1, gain: 0.5 } as const,
  };
  const found = (recipe: typeof syntheticRecipe, symptoms: Symptoms): object[] =>
    diagnose(
      recipe,
      syntheticRun(40, () => symptoms),
    ).map(({ code, severity, step }) => ({ code, severity, step }));

  it('that are 0 all along are told with the first step, as nothing to worry about', () => {
    const recipe = { ...syntheticRecipe, method: 'grpo' as const, klSchedule: { kind: 'constant' as const, beta: 0 } };
    expect(found(recipe, { kl: null, beta: 0 })).toEqual([{ code: 'KL_NOT_MEASURED', severity: 'info', step: 1 }]);
  });

  it('that have reached a bound without reaching their target are told', () => {
    expect(found(target, { beta: 0.2, kl: 0.3 })).toEqual([{ code: 'BETA_AT_MAXIMUM', severity: 'warning', step: 15 }]);
    expect(found(target, { beta: 0.01, kl: 0.02 })).toEqual([{ code: 'BETA_AT_MINIMUM', severity: 'info', step: 15 }]);
  });

  it('are left alone inside their bounds, or where the target is met', () => {
    expect(found(target, { beta: 0.1, kl: 0.3 })).toEqual([]);
    expect(found(target, { beta: 0.2, kl: 0.11 })).toEqual([]);
  });

  it('are judged by what they do, in words', () => {
    const steps = syntheticRun(60, (step) =>
      step % 20 === 0 ? { klGradientShare: 0.004, beta: 0.04 } : { beta: 0.04 },
    );
    const [found] = diagnose(syntheticRecipe, steps);
    expect(found?.message).toContain('a KL weight of 0.04 makes 0.4% of the gradient: it changes almost nothing');
    expect(found?.message).toContain('try about 0.4.');
    // Said in the second half of the run: this one has 100 steps.
    expect(found?.step).toBe(60);
  });

  it('do not hide that the reward falls while the model drifts away', () => {
    const worse = diagnose(
      syntheticRecipe,
      syntheticRun(60, (_, share) => ({ kl: ramp(share, 0, 4), accuracy: ramp(share, 0.8, 0.2) })),
    ).find(({ code }) => code === 'KL_TOO_FAR');
    expect(worse).toMatchObject({ severity: 'problem' });
    expect(worse?.message).toContain('earlier checkpoint');
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
