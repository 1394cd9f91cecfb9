/** @file An update in micro-batches, or without zero-variance groups, equals the update of the whole batch. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  DEFAULT_ACCURACY_SCHEDULE,
  DEFAULT_ADAPTER,
  DEFAULT_GRPO,
  DEFAULT_GRPO_D_SCHEDULE,
  DEFAULT_OPTIMISER,
  DEFAULT_REWARDS,
  DEFAULT_TARGET_KL_SCHEDULE,
} from '../../../method/defaults.ts';
import { Recipe, type GrpoConfig } from '../../../contract/model/recipe.ts';
import type { PreparedPrompt } from '../../policy/processor.ts';
import { loadRuntime } from '../../runtime/backend.ts';
import { floats, type Program } from '../../runtime/program.ts';
import { ask, farthest, feedsOf, loadTiny, shapeOf, splitFeeds, stateOf, tinyProgram } from '../../testing/tiny.ts';
import type { Tiny } from '../../testing/tiny.ts';
import { completionFeeds, type BatchFeeds, type CompletionFeeds } from '../batch.ts';
import { rowWeights } from './loss.ts';
import { encodeEntry, scoreEntry, type PolicyShape } from '../policy-program.ts';
import { callOf } from './calls.ts';
import { uniform } from '../random.ts';
import { lossConfigOf, type UpdateConfig } from './update-program.ts';
import {
  completionLogprobs,
  groupsWithAdvantage,
  updateLayout,
  runUpdate,
  updateCalls,
  type RowFeeds,
  type Scoring,
  type UpdateLayout,
  type UpdateTools,
} from './update-step.ts';

const IMAGES = ['rgb_70x70.png', 'tall_42x98.png', 'grey_37x53.png', 'big_219x161.png', 'palette_20x20.png'];
const GROUP = 3;
const LENGTH = 6;
const LOSSES: GrpoConfig['lossType'][] = ['grpo', 'bnpo', 'dapo', 'dr_grpo'];

const recipe = (grpo: Partial<GrpoConfig> = {}, klSchedule: unknown = DEFAULT_GRPO_D_SCHEDULE): Recipe =>
  Recipe.parse({
    name: 'test',
    modelId: 'm',
    modelSha256: 'a'.repeat(64),
    datasetId: 'd',
    datasetSha256: 'b'.repeat(64),
    method: 'grpo-d',
    promptTemplate: '{question}',
    adapter: DEFAULT_ADAPTER,
    rewards: DEFAULT_REWARDS,
    grpo: { ...DEFAULT_GRPO, promptsPerStep: 8, ...grpo },
    klSchedule,
    optimiser: DEFAULT_OPTIMISER,
    steps: 20,
    seed: 1,
    checkpointEvery: 5,
    evalSamples: 0,
  });

describe('updateLayout', () => {
  it('takes the whole batch at once unless the recipe or the machine asks for parts', () => {
    expect(updateLayout(recipe())).toEqual({ split: false, sizes: [8], byLayer: false });
    expect(updateLayout(recipe({ gradientAccumulationSteps: 4 }))).toEqual({ split: true, sizes: [2], byLayer: false });
    expect(updateLayout(recipe(), 3)).toEqual({ split: true, sizes: [3], byLayer: false });
    expect(updateLayout(recipe({ gradientAccumulationSteps: 4 }), 3)).toEqual({
      split: true,
      sizes: [2],
      byLayer: false,
    });
    expect(updateLayout(recipe({ gradientAccumulationSteps: 4 }), 1)).toEqual({
      split: true,
      sizes: [1],
      byLayer: false,
    });
    expect(updateLayout(recipe(), 64)).toEqual({ split: false, sizes: [8], byLayer: false });
  });

  it('makes smaller batches ready only where the KL weight can be 0', () => {
    const zero = { kind: 'constant', beta: 0 };
    expect(updateLayout(recipe({}, zero))).toEqual({ split: false, sizes: [2, 4, 8], byLayer: false });
    expect(updateLayout(recipe({ promptsPerStep: 1 }, zero))).toEqual({ split: false, sizes: [1], byLayer: false });
    expect(updateLayout(recipe({}, { ...DEFAULT_GRPO_D_SCHEDULE, betaMin: 0 })).sizes).toEqual([2, 4, 8]);
    expect(updateLayout(recipe({}, { ...DEFAULT_ACCURACY_SCHEDULE, betaMin: 0 })).sizes).toEqual([2, 4, 8]);
    expect(updateLayout(recipe({}, DEFAULT_TARGET_KL_SCHEDULE)).sizes).toEqual([8]);
    expect(updateLayout({ ...recipe({}, zero), method: 'sft' }).sizes).toEqual([8]);
  });
});

it('groupsWithAdvantage tells rounding from an advantage', () => {
  const advantages = Float32Array.of(0, 0, 0, 1, -1, 0, 1e-12, 0, -1e-12);
  expect(groupsWithAdvantage(advantages, 3)).toEqual([1]);
});

describe('the same step, however it is divided', () => {
  let tiny: Tiny;
  let prompts: PreparedPrompt[];
  let shape: PolicyShape;
  let feeds: BatchFeeds;
  let completions: CompletionFeeds;
  const random = (index: number): number => uniform(5, 9, 1, index);

  beforeAll(async () => {
    await loadRuntime();
    tiny = await loadTiny();
    prompts = await Promise.all(IMAGES.map((image, index) => ask(tiny, image, 'How many? '.repeat(index + 1))));
    shape = shapeOf(prompts, GROUP, LENGTH);
    const encode = encodeEntry(stateOf(tiny), shape);
    const encoder = await tinyProgram(tiny, { encode });
    const { vision, prompted } = splitFeeds(feedsOf(tiny, prompts, shape));
    const encoded = await encoder.call(encode, vision);
    encoder.dispose();
    feeds = { ...prompted, features: floats(encoded, 'features') };
    const rows = Array.from({ length: IMAGES.length * GROUP }, (_, row) =>
      Array.from({ length: 1 + Math.floor(random(row) * LENGTH) }, (__, at) =>
        Math.floor(random(100 * row + at) * 300),
      ),
    );
    const { config, padId } = tiny.processor;
    completions = completionFeeds(rows, prompts, GROUP, LENGTH, config, padId);
  });

  /** Old and reference log-probs near to those of the policy, so that some ratios are clipped and some are not. */
  function policyRows(lossType: GrpoConfig['lossType'], advantages: Float32Array, cutRow: number | null): RowFeeds {
    const mask = Float32Array.from(completions.mask);
    if (cutRow !== null) mask.fill(0, cutRow * LENGTH, (cutRow + 1) * LENGTH);
    const near = (offset: number): Float32Array =>
      Float32Array.from({ length: mask.length }, (_, i) => -5.8 + 0.6 * (random(offset + i) - 0.5));
    return {
      ...completions,
      mask,
      rowWeights: rowWeights({ lossType, maxCompletionLength: LENGTH }, mask, LENGTH),
      oldLogprobs: near(1000),
      refLogprobs: near(2000),
      advantages,
    };
  }

  const uneven = (): Float32Array =>
    Float32Array.from({ length: IMAGES.length * GROUP }, (_, row) => 2 * random(3000 + row) - 1);

  const trainables: Record<string, string[]> = {
    full: [
      'model.embed_tokens.weight',
      'model.layers.0.self_attn.q_proj.weight',
      'model.layers.0.self_attn.v_proj.bias',
      'model.layers.1.mlp.down_proj.weight',
      'model.norm.weight',
    ],
    lora: ['model.layers.0.self_attn.v_proj.lora_A', 'model.layers.0.self_attn.v_proj.lora_B'],
  };

  async function build(
    kind: 'full' | 'lora',
    plan: UpdateLayout,
    lossType: GrpoConfig['lossType'] | 'sft',
  ): Promise<{
    program: Program;
    tools: UpdateTools;
    policy: Scoring;
    run: (rows: RowFeeds, chosen: number[], beta?: number) => Promise<Record<string, number>>;
  }> {
    const trainable = trainables[kind] ?? [];
    const lora = kind === 'lora';
    const state = stateOf(tiny, lora ? trainable : [], 2);
    const config: UpdateConfig = {
      ...DEFAULT_OPTIMISER,
      weightDecay: 0.01,
      trainable,
      temperature: 0.9,
      trainVision: false,
      ...(lossType === 'sft'
        ? {}
        : { loss: lossConfigOf({ ...DEFAULT_GRPO, lossType, epsilonHigh: 0.28, maxCompletionLength: LENGTH }) }),
    };
    const [a, b] = [new Float32Array(4 * 64), new Float32Array(32 * 4)].map((values, part) =>
      values.map((_, i) => 0.2 * (random(7000 * (part + 1) + i) - 0.5)),
    ) as [Float32Array, Float32Array];
    const extra = lora
      ? {
          shapes: { [trainable[0] ?? '']: [4, 64], [trainable[1] ?? '']: [32, 4] },
          values: { [trainable[0] ?? '']: a, [trainable[1] ?? '']: b },
        }
      : { shapes: {}, values: {} };
    const calls = updateCalls(plan, state, shape, config, { temperature: 0.9 });
    const score = scoreEntry(state, shape, 0.9, 'policy');
    const policy = { size: shape.batch, logprobs: callOf(score) };
    const program = await tinyProgram(tiny, { ...calls.entries, policy: score }, trainable, extra);
    const { reference } = calls;
    if (reference === null) throw new Error('There is no reference.');
    const tools = { program, calls, shape, config: tiny.processor.config, padId: tiny.processor.padId };
    const one = (value: number): Float32Array => Float32Array.of(value);
    const run = async (rows: RowFeeds, chosen: number[], beta = 0.05): Promise<Record<string, number>> => {
      const optimiser = { learningRate: one(1e-2), correction1: one(0.1), correction2: one(Math.sqrt(0.001)) };
      const step = { prompts, feeds, rows };
      if (lossType === 'sft') return await runUpdate(tools, step, chosen, optimiser);
      const refLogprobs = await completionLogprobs(tools, reference, { prompts, feeds, rows: completions });
      const sums = await runUpdate(tools, step, chosen, { ...optimiser, beta: one(beta) });
      return { ...sums, reference: refLogprobs.reduce((sum, value) => sum + value, 0) };
    };
    return { program, tools, policy, run };
  }

  async function compare(
    kind: 'full' | 'lora',
    lossType: GrpoConfig['lossType'] | 'sft',
    ways: { plan: UpdateLayout; chosen: number[] }[],
    rows: RowFeeds,
    beta: number,
  ): Promise<void> {
    const names = (trainables[kind] ?? []).flatMap((name) => [name, `adam/${name}/mean`, `adam/${name}/square`]);
    const everyone = prompts.map((_, index) => index);
    const whole = await build(kind, { split: false, sizes: [prompts.length], byLayer: false }, lossType);
    const expected = await whole.run(rows, everyone, beta);
    const state = await whole.program.get(names);
    const before = await build(kind, { split: false, sizes: [prompts.length], byLayer: false }, lossType);
    const start = await before.program.get(names);
    expect(expected['gradNorm']).toBeGreaterThan(1e-3);
    for (const { plan, chosen } of ways) {
      const label = `${kind} ${lossType} ${JSON.stringify(plan)} ${String(chosen)}`;
      const { program, run } = await build(kind, plan, lossType);
      const sums = await run(rows, chosen, beta);
      for (const key of ['loss', 'gradNorm', 'clipLow', 'clipHigh', 'reference'].filter((each) => each in expected))
        expect(sums[key], `${label}: ${key}`).toBeCloseTo(expected[key] ?? NaN, 4);
      const found = await program.get(names);
      for (const name of names) {
        const moved = farthest(state[name], start[name] ?? []);
        expect(moved, `${name} moves`).toBeGreaterThan(0);
        // Adam makes a whole step of a gradient that is all rounding, so a weight here and there may differ.
        const values = state[name] ?? new Float32Array();
        const off = Array.from(values).filter(
          (value, index) => !(Math.abs(value - (found[name]?.[index] ?? NaN)) <= 2e-3 * moved),
        );
        expect(off.length / values.length, `${label}: ${name}`).toBeLessThanOrEqual(
          name.startsWith('adam/') ? 0 : 2e-3,
        );
      }
      program.dispose();
    }
    whole.program.dispose();
    before.program.dispose();
  }

  const everyone = IMAGES.map((_, index) => index);
  const parts = [1, 2, 4].map((size) => ({ plan: { split: true, sizes: [size], byLayer: false }, chosen: everyone }));

  it.each(LOSSES)('in parts, some of them filled up, with a cut-off completion: %s', async (lossType) => {
    await compare('full', lossType, parts.slice(1), policyRows(lossType, uneven(), 4), 0.05);
  });

  it('in parts with LoRA, and supervised', async () => {
    await compare('lora', 'dapo', parts, policyRows('dapo', uneven(), null), 0.05);
    const weights = rowWeights('sft', completions.mask, LENGTH);
    await compare('full', 'sft', parts.slice(1, 2), { ...completions, rowWeights: weights }, 0);
  });

  it.each(LOSSES)(
    'of a second update on the same batch has the ratios to the policy that sampled: %s',
    async (lossType) => {
      const advantages = uneven();
      const cut = 7;
      const rows = policyRows(lossType, advantages, cut);
      const plan = { split: false, sizes: [prompts.length], byLayer: false };
      const { program, tools, policy, run } = await build('full', plan, lossType);
      await run(rows, everyone);
      // Written out from the formulas of TRL, in double precision, with the log-probs after the first update.
      const mask = rows.mask;
      const [old, reference] = [rows.oldLogprobs, rows.refLogprobs] as [Float32Array, Float32Array];
      const now = await completionLogprobs(tools, policy, { prompts, feeds, rows: completions });
      const tokens = mask.reduce((sum, value) => sum + value, 0);
      const count = { low: 0, high: 0, kl: 0 };
      const perRow = Array.from({ length: IMAGES.length * GROUP }, (_, row) => {
        const a = advantages[row] ?? 0;
        let sum = 0;
        for (let i = row * LENGTH; i < (row + 1) * LENGTH; i++) {
          if (mask[i] === 0) continue;
          const c = Math.exp((now[i] ?? 0) - (old[i] ?? 0));
          const d = (reference[i] ?? 0) - (now[i] ?? 0);
          const k3 = Math.exp(d) - d - 1;
          if (c < 0.8 && a < 0) count.low++;
          if (c > 1.28 && a > 0) count.high++;
          count.kl += k3;
          sum += -Math.min(c * a, Math.min(Math.max(c, 0.8), 1.28) * a) + 0.05 * k3;
        }
        return { sum, tokens: mask.slice(row * LENGTH, (row + 1) * LENGTH).reduce((all, value) => all + value, 0) };
      });
      const total = perRow.reduce((sum, row) => sum + row.sum, 0);
      const loss = {
        grpo: perRow.reduce((sum, row) => sum + row.sum / Math.max(1, row.tokens), 0) / perRow.length,
        bnpo: total / tokens,
        dapo: total / tokens,
        dr_grpo: total / (perRow.length * LENGTH),
      }[lossType];
      const second = await run(rows, everyone);
      expect(perRow[cut]?.tokens).toBe(0);
      expect(count.low).toBeGreaterThan(0);
      expect(count.high).toBeGreaterThan(0);
      expect(second['loss']).toBeCloseTo(loss, 4);
      expect(second['kl']).toBeCloseTo(count.kl, 3);
      expect([second['clipLow'], second['clipHigh']]).toEqual([count.low, count.high]);
      program.dispose();
    },
  );

  it('without groups that carry no signal, where the KL weight is 0', async () => {
    const advantages = uneven();
    for (const silent of [0, 2, 3]) advantages.fill(0, silent * GROUP, (silent + 1) * GROUP);
    const chosen = groupsWithAdvantage(advantages, GROUP);
    expect(chosen).toEqual([1, 4]);
    const ways = [
      { plan: { split: false, sizes: [2, 3, 5], byLayer: false }, chosen },
      { plan: { split: false, sizes: [5], byLayer: false }, chosen },
      { plan: { split: true, sizes: [3], byLayer: false }, chosen },
    ];
    for (const lossType of ['grpo', 'dapo'] as const)
      await compare('full', lossType, ways, policyRows(lossType, advantages, 13), 0);
  });

  it('with no signal at all is a step of the optimiser alone', async () => {
    const rows = policyRows('grpo', new Float32Array(IMAGES.length * GROUP), null);
    for (const plan of [
      { split: false, sizes: [2, 5], byLayer: false },
      { split: true, sizes: [2], byLayer: false },
    ]) {
      const { program, run } = await build('lora', plan, 'grpo');
      const name = trainables['lora']?.[0] ?? '';
      program.set({ [`adam/${name}/mean`]: new Float32Array(256).fill(0.5) });
      const before = (await program.get([name]))[name] as Float32Array;
      expect(await run(rows, [], 0)).toMatchObject({ gradNorm: 0 });
      // The running mean still decays: 0.9 of it remains, and the weight follows it.
      expect((await program.get([`adam/${name}/mean`]))[`adam/${name}/mean`]?.[0]).toBeCloseTo(0.45, 6);
      expect(farthest((await program.get([name]))[name], before)).toBeGreaterThan(0);
      program.dispose();
    }
  });
});
