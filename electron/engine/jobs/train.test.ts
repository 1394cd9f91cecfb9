/** @file What a training job promises over its steps: the KL weight it logs, looks that disturb nothing, parts that change nothing. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DEFAULT_ACCURACY_SCHEDULE,
  DEFAULT_ADAPTER,
  DEFAULT_GRPO_D_SCHEDULE,
  DEFAULT_OPTIMISER,
  DEFAULT_TARGET_KL_SCHEDULE,
} from '../../method/defaults.ts';
import type { TrainEvent, TrainJob } from '../../contract/engine/engine.ts';
import { betaCurve, initialKlState, klAfterUpdate, klBeforeUpdate } from '../../method/kl-curve.ts';
import type { KlSchedule, Recipe } from '../../contract/model/recipe.ts';
import type { StepMetrics } from '../../contract/model/runs.ts';
import { readAdapter } from '../../formats/peft.ts';
import { createEngineService } from '../service/service.ts';
import { fixture } from '../testing/tiny.ts';
import { tinyJob, tinySamples, type RecipeChanges } from '../testing/tiny-job.ts';

const STEPS = 5;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-job-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function jobOf(root: string, { grpo, ...recipe }: RecipeChanges = {}, extra: Partial<TrainJob> = {}): TrainJob {
  const changes: RecipeChanges = {
    // Random weights are never right; repetition differs from answer to answer, so there is something to learn.
    rewards: [
      { name: 'accuracy', weight: 1 },
      { name: 'repetition', weight: 1, params: { ngram: 1 } },
    ],
    optimiser: { ...DEFAULT_OPTIMISER, learningRate: 5e-3, warmupSteps: 0 },
    steps: STEPS,
    ...recipe,
    grpo: { maxCompletionLength: 6, ...grpo },
  };
  return tinyJob(join(folder, root), changes, { samples: tinySamples('How many?', (index) => index), ...extra });
}

async function run(job: TrainJob): Promise<{ events: TrainEvent[]; metrics: StepMetrics[]; completions: string[] }> {
  const events: TrainEvent[] = [];
  for await (const event of createEngineService().train(job)) events.push(event);
  const steps = events.filter((event) => event.type === 'step');
  return {
    events,
    metrics: steps.map(({ metrics }) => metrics),
    completions: steps.flatMap(({ completions }) => completions.map(({ text }) => text)),
  };
}

/** What a step says, without how long it took and how much memory there was. */
function figures(metrics: StepMetrics): Record<string, unknown> {
  return Object.fromEntries(Object.entries(metrics).filter(([name]) => !/^seconds|residentBytes/.test(name)));
}

const adapterOf = (root: string, step: number): Promise<Buffer> =>
  readFile(join(folder, root, `step-${String(step).padStart(6, '0')}`, 'adapter_model.safetensors'));

describe('a run on a mixture', () => {
  it('draws by weight, scores each answer by the rewards of its dataset, and resumes bit for bit', async () => {
    const hash = 'c'.repeat(64);
    const mixture = [
      { datasetId: 'a', name: 'a', datasetSha256: hash, weight: 1 },
      {
        datasetId: 'b',
        name: 'b',
        datasetSha256: hash,
        weight: 3,
        rewards: [{ name: 'length', weight: 2, params: { of: 'completion', min: 1, max: 5 } }],
      },
    ] as NonNullable<Recipe['mixture']>;
    const samples = tinySamples('How many?', (index) => index).map((sample, index) => ({
      ...sample,
      part: index < 2 ? 0 : 1,
    }));
    const job = (root: string, extra: Partial<TrainJob> = {}) =>
      jobOf(root, { mixture, steps: 4, checkpointEvery: 2, grpo: { promptsPerStep: 2 } }, { samples, ...extra });
    const whole = await run(job('mixed'));
    const completions = whole.events.flatMap((event) => (event.type === 'step' ? event.completions : []));
    const groups = completions.filter(({ index }) => index === 0).map(({ sampleId }) => sampleId);
    expect(groups.filter((id) => ['s-2', 's-3'].includes(id))).toHaveLength(6);
    for (const { sampleId, rewards } of completions) {
      const scored = rewards.filter(({ value }) => value !== null).map(({ name }) => name);
      expect(scored).toEqual(['s-0', 's-1'].includes(sampleId) ? ['accuracy', 'repetition'] : ['length']);
    }
    const rest = await run(job('mixed-on', { resumeFrom: join(folder, 'mixed', 'step-000002') }));
    expect(rest.metrics.map(figures)).toEqual(whole.metrics.slice(2).map(figures));
    expect((await adapterOf('mixed-on', 4)).equals(await adapterOf('mixed', 4))).toBe(true);
  });
});

describe('an adapter on merger and vision tower', () => {
  const adapter = { kind: 'lora' as const, r: 2, loraAlpha: 4 };

  it('starts at a KL of exactly 0, learns in every part, and resumes bit for bit', async () => {
    const changes = {
      adapter: { ...adapter, targetModules: ['q_proj', 'down_proj'], layers: ['language', 'merger', 'vision'] },
      steps: 4,
      checkpointEvery: 2,
      klSchedule: { kind: 'paper-eq3', betaMin: 1, betaMax: 2, explorationRatio: 0.5 },
      attribution: 'estimate',
    } as RecipeChanges;
    const whole = await run(jobOf('seen', changes));
    expect(whole.metrics[0]?.kl).toBe(0);
    expect(whole.metrics.at(-1)?.kl).toBeGreaterThan(0);
    const { weights } = await readAdapter(join(folder, 'seen', 'step-000004'));
    for (const part of ['visual.blocks.', 'visual.merger.', 'model.layers.']) {
      const own = [...weights].filter(([module]) => module.startsWith(part));
      expect(own.length, part).toBeGreaterThan(0);
      expect(
        own.some(([, { b }]) => b.some((value) => value !== 0)),
        part,
      ).toBe(true);
    }
    const rest = await run(jobOf('seen-on', changes, { resumeFrom: join(folder, 'seen', 'step-000002') }));
    expect(rest.metrics.map(figures)).toEqual(whole.metrics.slice(2).map(figures));
    expect((await adapterOf('seen-on', 4)).equals(await adapterOf('seen', 4))).toBe(true);
    const parts = await run(jobOf('seen-parts', changes, { microBatchPrompts: 1 }));
    parts.metrics.forEach(({ loss }, step) => expect(loss).toBeCloseTo(whole.metrics[step]?.loss ?? NaN, 4));
    const from = join(folder, 'seen', 'step-000004');
    const branch = await run(jobOf('seen-branch', { ...changes, steps: 2 }, { initialAdapter: from }));
    expect(branch.metrics[0]?.kl).toBe(0);
  });

  it('learns supervised, and answers held-out questions as it then sees', async () => {
    const job = jobOf(
      'seen-sft',
      { adapter: { ...adapter, targetModules: ['q_proj'], layers: ['merger'] }, method: 'sft', steps: 3, evalEvery: 1 },
      { heldOut: tinySamples('How many?', (index) => index) },
    );
    const { metrics, events } = await run(job);
    expect(metrics.at(-1)?.loss).toBeLessThan(metrics[0]?.loss ?? 0);
    expect(events.filter(({ type }) => type === 'evaluation')).toHaveLength(4);
  });
});

describe('a run that begins with an earlier adapter', () => {
  it('has it as its reference, so the first KL is exactly 0, and resumes to the same weights', async () => {
    const { completions } = await run(jobOf('earlier', { method: 'sft', steps: 2, checkpointEvery: 2 }));
    expect(completions).toEqual([]);
    const initialAdapter = join(folder, 'earlier', 'step-000002');
    const grpo = { numIterations: 1 };
    const from = (root: string, extra: Partial<TrainJob> = {}) =>
      run(
        jobOf(
          root,
          {
            grpo,
            steps: 4,
            checkpointEvery: 2,
            klSchedule: { kind: 'paper-eq3', betaMin: 1, betaMax: 2, explorationRatio: 0.5 },
          },
          { initialAdapter, ...extra },
        ),
      );
    const whole = await from('on');
    const fresh = await run(jobOf('off', { grpo, steps: 4, checkpointEvery: 4 }));
    expect(whole.metrics[0]?.kl).toBe(0);
    expect(whole.metrics.at(-1)?.kl).toBeGreaterThan(0);
    expect(whole.completions).not.toEqual(fresh.completions);
    const first = await adapterOf('on', 2);
    expect(first.equals(await adapterOf('earlier', 2))).toBe(false);
    const last = await adapterOf('on', 4);
    const resumed = await from('on', { resumeFrom: join(folder, 'on', 'step-000002') });
    expect(resumed.metrics.map(figures)).toEqual(whole.metrics.slice(2).map(figures));
    expect((await adapterOf('on', 4)).equals(last)).toBe(true);
  });

  it("begins with PEFT's own, whose scaling is that of rsLoRA", async () => {
    const initialAdapter = join(fixture, '..', 'adapters', 'rslora');
    const adapter = {
      kind: 'lora',
      r: 4,
      loraAlpha: 6 * Math.sqrt(4),
      targetModules: ['q_proj', 'down_proj'],
    } as const;
    const { metrics } = await run(
      jobOf(
        'rslora',
        { adapter: { ...adapter, targetModules: [...adapter.targetModules] }, steps: 4 },
        { initialAdapter },
      ),
    );
    expect(metrics[0]?.kl).toBe(0);
    expect(metrics.at(-1)?.kl).toBeGreaterThan(0);
  });

  it('is refused if the adapter is of another rank', async () => {
    const job = jobOf(
      'other',
      { adapter: { ...DEFAULT_ADAPTER, r: 2 } as Recipe['adapter'] },
      { initialAdapter: join(folder, 'earlier', 'step-000002') },
    );
    await expect(run(job)).rejects.toMatchObject({ code: 'BAD_INPUT', place: { field: 'adapter' } });
  });
});

describe('the KL weight', () => {
  /** The schedule's own function, fed with nothing but what the run logged. */
  function replayed(schedule: KlSchedule, metrics: readonly StepMetrics[]): number[] {
    let state = initialKlState(schedule);
    return metrics.map(({ step, accuracy = null, kl }) => {
      const applied = klBeforeUpdate(schedule, { step, steps: STEPS }, state, { accuracy });
      state = klAfterUpdate(schedule, applied.state, kl);
      return applied.beta;
    });
  }

  const schedules: KlSchedule[] = [
    { ...DEFAULT_TARGET_KL_SCHEDULE, targetKl: 1e-3 },
    DEFAULT_ACCURACY_SCHEDULE,
    DEFAULT_GRPO_D_SCHEDULE,
  ];

  it.each(schedules)(
    'that is logged is what the schedule gives for what was logged, also after a resume: $kind',
    async (klSchedule) => {
      const root = `kl-${klSchedule.kind}`;
      const whole = await run(jobOf(root, { klSchedule }));
      const betas = whole.metrics.map(({ beta }) => beta);
      expect(betas).toEqual(replayed(klSchedule, whole.metrics));
      if (klSchedule.kind !== 'accuracy-conditioned') expect(new Set(betas).size).toBeGreaterThan(2);
      // From the checkpoint of step 2 on, everything comes again as it was.
      const resumeFrom = join(folder, root, 'step-000002');
      const rest = await run(jobOf(`${root}-resumed`, { klSchedule }, { resumeFrom }));
      expect(rest.metrics.map(figures)).toEqual(whole.metrics.slice(2).map(figures));
      expect((await adapterOf(`${root}-resumed`, STEPS)).equals(await adapterOf(root, STEPS))).toBe(true);
    },
  );

  it.each<KlSchedule>([
    { kind: 'constant', beta: 0.04 },
    { kind: 'paper-text', betaMin: 0.04, betaMax: 0.1 },
    { kind: 'eq3-reversed', betaMin: 0.04, betaMax: 0.1, explorationRatio: 0.3 },
    { kind: 'mean-matched', betaMin: 0.04, betaMax: 0.1, explorationRatio: 0.3 },
    { kind: 'linear', betaStart: 0.1, betaEnd: 0 },
    { kind: 'cosine', betaStart: 0, betaEnd: 0.1 },
    // As for geometry in the paper: 0 at the end of exploration, and the reference stays.
    { kind: 'paper-eq3', betaMin: 0, betaMax: 0.02, explorationRatio: 0.4 },
  ])('that is logged is that of the schedule, and the KL is measured in every step: %j', async (klSchedule) => {
    const method = ['constant', 'mean-matched'].includes(klSchedule.kind) ? 'grpo' : 'grpo-d';
    // Several updates per batch, in parts: each of them holds its KL weight against the schedule's.
    const grpo = { numIterations: 2, gradientAccumulationSteps: 2 };
    const { metrics } = await run(jobOf(`each-${klSchedule.kind}`, { method, klSchedule, grpo }));
    expect(metrics.map(({ beta }) => beta)).toEqual([...betaCurve(klSchedule, STEPS)]);
    for (const { kl } of metrics) expect(kl).toBeGreaterThanOrEqual(0);
  });

  it('of 0 all along needs no reference and leaves silent groups out', async () => {
    const klSchedule: KlSchedule = { kind: 'constant', beta: 0 };
    const rewards: Recipe['rewards'] = [{ name: 'accuracy', weight: 1 }];
    const { metrics } = await run(jobOf('silent', { method: 'grpo', klSchedule, rewards }));
    for (const step of metrics)
      expect(step).toMatchObject({
        beta: 0,
        kl: null,
        fracRewardZeroStd: 1,
        groupsUpdated: 0,
        gradNorm: 0,
        entropy: null,
      });
  });

  it('of 0 in one step of a schedule keeps the reference and measures the KL of all answers', async () => {
    const klSchedule: KlSchedule = { kind: 'linear', betaStart: 0.1, betaEnd: 0 };
    const rewards: Recipe['rewards'] = [{ name: 'accuracy', weight: 1 }];
    const { metrics } = await run(jobOf('touches', { klSchedule, rewards }));
    expect(metrics.map(({ groupsUpdated }) => groupsUpdated)).toEqual([2, 2, 2, 2, 0]);
    expect(metrics.at(-1)?.beta).toBe(0);
    expect(metrics.at(-1)?.kl).toBeGreaterThanOrEqual(0);
  });
});

describe('the share of the KL term in the gradient', () => {
  it.each([1, 2])(
    'is measured every other step and changes nothing, bit for bit (micro-batches: %d)',
    async (parts) => {
      const klSchedule: KlSchedule = { kind: 'constant', beta: 0.5 };
      const grpo = { gradientAccumulationSteps: parts };
      const names = ['unshared', 'shared'].map((name) => `${name}-${String(parts)}`) as [string, string];
      const without = await run(jobOf(names[0], { method: 'grpo', klSchedule, grpo }));
      const shared = await run(jobOf(names[1], { method: 'grpo', klSchedule, grpo, klShareEvery: 2 }));
      const shares = shared.metrics.map(({ klGradientShare }) => klGradientShare);
      expect(shares.map((share) => share === null)).toEqual([true, false, true, false, true]);
      // The policy has moved, so the KL term pulls, and not alone.
      for (const share of [shares[1], shares[3]]) {
        expect(share).toBeGreaterThan(0);
        expect(share).toBeLessThan(1);
      }
      const others = (each: StepMetrics): object => ({ ...figures(each), klGradientShare: null });
      expect(shared.metrics.map(others)).toEqual(without.metrics.map(others));
      expect((await adapterOf(names[1], STEPS)).equals(await adapterOf(names[0], STEPS))).toBe(true);
    },
  );
});

describe('looks at held-out samples', () => {
  const heldOut = (root: string): TrainJob['samples'] => [
    ...jobOf(root)
      .samples.map((sample) => ({ ...sample, id: `h-${sample.id}` as never }))
      .reverse(),
    // Larger than any training image: it does not fit and must not make the program larger either.
    { ...jobOf(root).samples[0], id: 'h-big' as never, imagePath: join(fixture, 'images/big_219x161.png') } as never,
  ];

  it.each(['grpo-d', 'sft'] as const)('change nothing in the run, bit for bit (%s)', async (method) => {
    const klSchedule: KlSchedule = method === 'sft' ? { kind: 'constant', beta: 0 } : DEFAULT_GRPO_D_SCHEDULE;
    const without = await run(jobOf(`plain-${method}`, { method, klSchedule }));
    const looked = await run(
      jobOf(`looked-${method}`, { method, klSchedule, evalEvery: 2, evalDuringSamples: 5 }, { heldOut: heldOut('x') }),
    );
    expect(looked.metrics.map(figures)).toEqual(without.metrics.map(figures));
    expect(looked.completions).toEqual(without.completions);
    expect((await adapterOf(`looked-${method}`, STEPS)).equals(await adapterOf(`plain-${method}`, STEPS))).toBe(true);
    const looks = looked.events.filter((event) => event.type === 'evaluation');
    expect(looks.map(({ step }) => step)).toEqual([0, 2, 4]);
    for (const { items } of looks)
      expect(items.map(({ sampleId }) => sampleId)).toEqual(['h-s-3', 'h-s-2', 'h-s-1', 'h-s-0']);
    expect(without.events.filter(({ type }) => type === 'evaluation')).toEqual([]);
    expect(looked.events).toContainEqual(
      expect.objectContaining({ warning: expect.objectContaining({ code: 'HELD_OUT_LEFT_OUT', severity: 'info' }) }),
    );
  });
});

describe('early stopping', () => {
  /** Random weights answer nothing right, so nothing is ever better than the first look. */
  const changes = { evalEvery: 1, evalDuringSamples: 4, earlyStoppingPatience: 2, loadBestModelAtEnd: true } as const;
  const heldOut = tinySamples('How many?', (index) => index).map((sample) => ({
    ...sample,
    id: `h-${sample.id}` as never,
  }));

  it('ends a run when patience is over, keeps the best so far, and resumes bit for bit', async () => {
    const whole = await run(jobOf('patient', { ...changes, checkpointEvery: 10 }, { heldOut }));
    expect(whole.metrics.map(({ step }) => step)).toEqual([1, 2]);
    expect(whole.events.at(-1)).toEqual({ type: 'done', step: 2, stopped: false });
    expect(whole.events).toContainEqual(
      expect.objectContaining({ warning: expect.objectContaining({ code: 'EARLY_STOP', severity: 'info' }) }),
    );
    const kept = whole.events.filter((event) => event.type === 'checkpoint');
    expect(kept.map(({ step }) => step)).toEqual([1, 2]);

    const heldOutScores = [0, 1].map((step) => ({ step, right: 0 }));
    const resumeFrom = kept[0]!.path;
    const resumed = await run(
      jobOf('patient-again', { ...changes, checkpointEvery: 10 }, { heldOut, heldOutScores, resumeFrom }),
    );
    expect(resumed.metrics.map(figures)).toEqual(whole.metrics.slice(1).map(figures));
    expect((await adapterOf('patient-again', 2)).equals(await adapterOf('patient', 2))).toBe(true);

    // Nothing was left but what follows the training.
    const over = [...heldOutScores, { step: 2, right: 0 }];
    const job = jobOf('patient-over', { ...changes, checkpointEvery: 10 }, { heldOut, heldOutScores: over });
    const { events } = await run({ ...job, resumeFrom: kept[1]!.path });
    expect(events.at(-1)).toEqual({ type: 'done', step: 2, stopped: false });
    expect(events.filter(({ type }) => type === 'step')).toEqual([]);
  });
});

describe('an update in parts', () => {
  it('logs what the whole one logs, with several updates per batch and truncated answers masked', async () => {
    const grpo = {
      numIterations: 2,
      maskTruncatedCompletions: true,
      lossType: 'dapo' as const,
      epsilonHigh: 0.28,
      minP: 0.01,
    };
    const steps = { steps: 2, checkpointEvery: 1 };
    const whole = await run(jobOf('at-once', { ...steps, grpo }));
    const recipe = await run(jobOf('by-recipe', { ...steps, grpo: { ...grpo, gradientAccumulationSteps: 2 } }));
    const engine = await run(jobOf('by-engine', { ...steps, grpo }, { microBatchPrompts: 1 }));
    expect(whole.metrics[1]?.truncatedRatio).toBeGreaterThan(0);
    for (const parts of [recipe, engine]) {
      expect(parts.completions.slice(0, 8)).toEqual(whole.completions.slice(0, 8));
      const [first, expected] = [parts.metrics[0], whole.metrics[0]];
      for (const name of ['loss', 'kl', 'gradNorm', 'entropy', 'clipRatioLow', 'clipRatioHigh'] as const)
        expect(first?.[name], name).toBeCloseTo(expected?.[name] ?? NaN, 4);
    }
  });
});
