/** @file Updates against the golden data: AdamW, supervised fine-tuning, GRPO in one call, in parts and in chunks. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { GrpoConfig } from '../../../contract/model/recipe.ts';
import { loadRuntime } from '../../runtime/backend.ts';
import { createProgram } from '../../runtime/create-program.ts';
import { floats, variables, type FeedsOf, type Program } from '../../runtime/program.ts';
import type { PreparedPrompt } from '../../policy/processor.ts';
import type { PromptSpecs, VisionSpecs } from '../../model/program-inputs.ts';
import { completionFeeds } from '../batch.ts';
import { rowWeights } from './loss.ts';
import { encodeEntry, scoreEntry, type PolicyShape } from '../policy-program.ts';
import {
  farthest,
  feedsOf,
  goldenJson,
  goldenPrompt,
  goldenTensors,
  largest,
  loadTiny,
  shapeOf,
  splitFeeds,
  stateOf,
  tinyProgram,
  type Tiny,
} from '../../testing/tiny.ts';
import {
  accumulateEntry,
  accumulatorVariables,
  applyEntry,
  optimiserVariables,
  updateEntry,
  type BatchSpecs,
  type UpdateConfig,
} from './update-program.ts';
import { klShare, klShareCalls } from './kl-share.ts';
import { updateCalls } from './update-step.ts';

let tiny: Tiny;
beforeAll(async () => {
  await loadRuntime();
  tiny = await loadTiny();
});

const one = (value: number): Float32Array => Float32Array.of(value);
const ADAM = { adamBeta1: 0.5, adamBeta2: 0.5, adamEpsilon: 1e-8, weightDecay: 0, maxGradNorm: 1e9 };
/** A step that only takes gradients in: with β₁ = 0.5 the running mean is then half of them. */
const STILL = { learningRate: one(0), correction1: one(1), correction2: one(1) };

async function gradients(program: Program, names: readonly string[]): Promise<Record<string, Float32Array>> {
  const means = await program.get(names.map((name) => `adam/${name}/mean`));
  return Object.fromEntries(
    names.map((name) => [name, Float32Array.from(means[`adam/${name}/mean`] ?? [], (value) => 2 * value)]),
  );
}

async function expectGradients(program: Program, expected: Record<string, Float32Array>, label: string): Promise<void> {
  const found = await gradients(program, Object.keys(expected));
  for (const [name, values] of Object.entries(expected))
    expect(farthest(found[name], values), `${label}: ${name}`).toBeLessThan(1e-4 + 1e-3 * largest(values));
}

describe('AdamW', () => {
  interface Golden {
    steps: { lr: number; grad_norm_before_clip: number }[];
    betas: [number, number];
    eps: number;
    weight_decay: { weight: number };
    max_grad_norm: number;
  }

  it('follows torch through warm-up, joint clipping and decay of weights only', async () => {
    const golden = await goldenJson<Golden>('adamw.json');
    const data = await goldenTensors('adamw.safetensors');
    const shapes = { weight: [6, 5], bias: [6] };
    const names = ['weight', 'bias'];
    const config = {
      trainable: names,
      adamBeta1: golden.betas[0],
      adamBeta2: golden.betas[1],
      adamEpsilon: golden.eps,
      weightDecay: golden.weight_decay.weight,
      maxGradNorm: golden.max_grad_norm,
    };
    const apply = applyEntry({ ...config, temperature: 1, trainVision: false });
    const program = await createProgram(await loadRuntime(), {
      variables: {
        ...variables('weight', shapes),
        ...optimiserVariables(shapes, names),
        ...accumulatorVariables(shapes, names),
      },
      entries: { apply },
    });
    const zeros = (name: string): Float32Array => new Float32Array(name === 'weight' ? 30 : 6);
    for (const name of names) {
      program.set({ [name]: data[`init.${name}`] ?? zeros(name) });
      program.set({ [`adam/${name}/mean`]: zeros(name), [`adam/${name}/square`]: zeros(name) });
    }
    for (const [index, step] of golden.steps.entries()) {
      for (const name of names)
        program.set({ [`accumulated/${name}`]: data[`step${String(index)}.grad.${name}`] ?? zeros(name) });
      const result = await program.call(apply, {
        learningRate: one(step.lr),
        correction1: one(1 - config.adamBeta1 ** (index + 1)),
        correction2: one(Math.sqrt(1 - config.adamBeta2 ** (index + 1))),
      });
      expect(result['gradNorm']?.[0]).toBeCloseTo(step.grad_norm_before_clip, 4);
      for (const name of names) {
        const found = await program.get([name, `adam/${name}/mean`, `adam/${name}/square`, `accumulated/${name}`]);
        const at = `step${String(index)}`;
        expect(farthest(found[name], data[`${at}.${name}`] ?? []), `${at} ${name}`).toBeLessThan(1e-6);
        expect(farthest(found[`adam/${name}/mean`], data[`${at}.exp_avg.${name}`] ?? [])).toBeLessThan(1e-6);
        expect(farthest(found[`adam/${name}/square`], data[`${at}.exp_avg_sq.${name}`] ?? [])).toBeLessThan(1e-6);
        // What was accumulated is used up.
        expect(largest(found[`accumulated/${name}`] ?? [NaN])).toBe(0);
      }
    }
    // A gradient that is not a number changes nothing at all: no weight, no running mean.
    const before = await program.get(['weight', 'bias', 'adam/weight/mean', 'adam/weight/square']);
    program.set({ 'accumulated/bias': Float32Array.of(NaN, 1, 1, 1, 1, 1) });
    const result = await program.call(apply, {
      learningRate: one(0.1),
      correction1: one(0.5),
      correction2: one(0.5),
    });
    expect(result['gradNorm']?.[0]).toBeNaN();
    expect(await program.get(['weight', 'bias', 'adam/weight/mean', 'adam/weight/square'])).toEqual(before);
    program.dispose();
  });
});

describe('supervised fine-tuning', () => {
  interface Golden {
    labels: number[][];
    loss: number;
    grad_norm: number;
  }
  interface Trajectory {
    sft_full: {
      lr: number;
      betas: [number, number];
      eps: number;
      weight_decay: number;
      max_grad_norm: number;
      steps: { loss: number; grad_norm: number }[];
      loss_after: number;
    };
  }

  async function batch(): Promise<{ shape: PolicyShape; feeds: FeedsOf<BatchSpecs>; golden: Golden }> {
    const golden = await goldenJson<Golden>('sft.json');
    const prompts = [await goldenPrompt(tiny, 'A'), await goldenPrompt(tiny, 'B')];
    const targets = golden.labels.map((labels) => labels.filter((id) => id !== -100));
    const length = Math.max(...targets.map((ids) => ids.length));
    const shape = shapeOf(prompts, 1, length);
    const { config, padId } = tiny.processor;
    const completions = completionFeeds(targets, prompts, 1, length, config, padId);
    const weights = rowWeights('sft', completions.mask, length);
    return { shape, golden, feeds: { ...feedsOf(tiny, prompts, shape), ...completions, rowWeights: weights } };
  }

  it.each([
    ['at once', {}],
    ['in blocks', { blockValues: 100 }],
  ])('has the loss and the gradients of the reference, the prompt masked, with attention %s', async (_, how) => {
    const { shape, feeds, golden } = await batch();
    const trainable = Object.keys(tiny.weights);
    const config: UpdateConfig = { ...ADAM, trainable, temperature: 1, trainVision: true };
    const update = updateEntry({ ...stateOf(tiny), ...how }, shape, config);
    const program = await tinyProgram(tiny, { update }, trainable);
    const result = await program.call(update, { ...feeds, ...STILL });
    expect(result['loss']?.[0]).toBeCloseTo(golden.loss, 4);
    expect((result['gradNorm']?.[0] ?? NaN) / golden.grad_norm).toBeCloseTo(1, 4);
    await expectGradients(program, await goldenTensors('sft_grads.safetensors'), 'sft');
    program.dispose();
  });

  it('walks along the reference trajectory for three steps', async () => {
    const { shape, feeds } = await batch();
    const { sft_full: run } = await goldenJson<Trajectory>('trajectory.json');
    const final = await goldenTensors('trajectory.safetensors', 'sft_full/');
    const trainable = Object.keys(tiny.weights);
    const config: UpdateConfig = {
      trainable,
      temperature: 1,
      trainVision: true,
      adamBeta1: run.betas[0],
      adamBeta2: run.betas[1],
      adamEpsilon: run.eps,
      weightDecay: run.weight_decay,
      maxGradNorm: run.max_grad_norm,
    };
    const update = updateEntry(stateOf(tiny), shape, config);
    const program = await tinyProgram(tiny, { update }, trainable);
    for (const [index, step] of run.steps.entries()) {
      const t = index + 1;
      const result = await program.call(update, {
        ...feeds,
        learningRate: one(run.lr),
        correction1: one(1 - config.adamBeta1 ** t),
        correction2: one(Math.sqrt(1 - config.adamBeta2 ** t)),
      });
      expect((result['loss']?.[0] ?? NaN) / step.loss, `step ${String(t)}`).toBeCloseTo(1, 4);
      expect((result['gradNorm']?.[0] ?? NaN) / step.grad_norm).toBeCloseTo(1, 3);
    }
    for (const [name, values] of Object.entries(final)) {
      const found = (await program.get([name]))[name] ?? new Float32Array();
      const off = Array.from(found).filter((value, index) => Math.abs(value - (values[index] ?? NaN)) > 1e-4);
      expect(off.length / values.length, name).toBeLessThanOrEqual(0.001);
    }
    program.dispose();
  });
});

describe('policy updates', () => {
  interface Case {
    loss_type: GrpoConfig['lossType'];
    beta: number;
    epsilon: number;
    epsilon_high: number;
    delta: number | null;
    importance_sampling_level: string;
    old_logps: string;
    max_completion_length: number;
    loss: number;
    kl: number;
    clip_low: number;
    clip_high: number;
    grad_norm: number;
  }
  interface Batch {
    prompts: PreparedPrompt[];
    shape: PolicyShape;
    feeds: Omit<FeedsOf<BatchSpecs>, 'rowWeights'> & FeedsOf<PromptSpecs & VisionSpecs>;
    mask: Float32Array;
    tokens: number;
  }

  async function batch(): Promise<Batch> {
    const { rows } = await goldenJson<{ rows: { completion_ids: number[] }[] }>('logps.json');
    const prompts = [await goldenPrompt(tiny, 'A'), await goldenPrompt(tiny, 'B')];
    const shape = shapeOf(prompts, 4, 12);
    const { config, padId } = tiny.processor;
    const ids = rows.map((row) => row.completion_ids);
    const completions = completionFeeds(ids, prompts, 4, 12, config, padId);
    const data = await goldenTensors('logps.safetensors');
    const feeds = {
      ...feedsOf(tiny, prompts, shape),
      ...completions,
      oldLogprobs: data['old_logps'] as Float32Array,
      refLogprobs: data['ref_logps'] as Float32Array,
      advantages: data['advantages'] as Float32Array,
    };
    const { mask } = completions;
    return { prompts, shape, feeds, mask, tokens: mask.reduce((sum, value) => sum + value, 0) };
  }

  async function offered(): Promise<[string, Case][]> {
    const { cases } = await goldenJson<{ cases: Record<string, Case> }>('grpo.json');
    return Object.entries(cases).filter(
      ([, item]) =>
        ['grpo', 'bnpo', 'dapo', 'dr_grpo'].includes(item.loss_type) &&
        item.delta === null &&
        item.importance_sampling_level === 'token',
    );
  }

  function configOf(item: Case, extra: Partial<UpdateConfig> = {}): UpdateConfig {
    return {
      ...ADAM,
      trainable: Object.keys(tiny.weights),
      temperature: 1,
      trainVision: true,
      loss: {
        lossType: item.loss_type,
        epsilon: item.epsilon,
        epsilonHigh: item.epsilon_high,
        maxCompletionLength: item.max_completion_length,
      },
      ...extra,
    };
  }

  const weightsFor = (item: Case, mask: Float32Array): Float32Array =>
    rowWeights({ lossType: item.loss_type, maxCompletionLength: item.max_completion_length }, mask, 12);

  it('log the entropy, the KL and the clipped shares of the reference, in one chunk of logits or in many', async () => {
    const { shape, feeds, mask, tokens } = await batch();
    const data = await goldenTensors('logps.safetensors');
    const entropy = (data['entropy'] ?? new Float32Array()).reduce((sum, value) => sum + value, 0) / tokens;
    for (const [name, item] of (await offered()).filter(([, each]) => each.old_logps === 'old_logps')) {
      // 320 tokens in the vocabulary: 37 rows at a time leave a last chunk that is smaller.
      const entries: Record<string, ReturnType<typeof updateEntry>> = {
        whole: updateEntry(stateOf(tiny), shape, configOf(item)),
        ...(name === 'grpo'
          ? { chunked: updateEntry(stateOf(tiny), shape, configOf(item, { chunkLogits: 37 * 320 })) }
          : {}),
      };
      const program = await tinyProgram(tiny, entries, Object.keys(tiny.weights));
      const expected = await goldenTensors('grpo_grads.safetensors', `${name}/`);
      expect(Object.keys(expected).length).toBeGreaterThan(0);
      for (const [way, entry] of Object.entries(entries)) {
        for (const each of Object.keys(tiny.weights))
          program.set({ [`adam/${each}/mean`]: new Float32Array(tiny.weights[each]?.length ?? 0) });
        const inputs = { ...feeds, ...STILL, beta: one(item.beta), rowWeights: weightsFor(item, mask) };
        const result = await program.call(entry, inputs);
        const value = (key: keyof typeof result): number => result[key]?.[0] ?? NaN;
        expect(Math.abs(value('loss') - item.loss), `${name} ${way}: loss`).toBeLessThan(1e-5);
        expect(value('gradNorm') / item.grad_norm, `${name} ${way}: norm`).toBeCloseTo(1, 4);
        expect(value('kl') / tokens, `${name} ${way}: kl`).toBeCloseTo(item.kl, 5);
        expect(value('entropy') / tokens, `${name} ${way}: entropy`).toBeCloseTo(entropy, 4);
        expect(value('clipLow') / tokens, `${name} ${way}: clip low`).toBeCloseTo(item.clip_low, 6);
        expect(value('clipHigh') / tokens, `${name} ${way}: clip high`).toBeCloseTo(item.clip_high, 6);
        await expectGradients(program, expected, `${name} ${way}`);
      }
      program.dispose();
    }
  });

  it('are on policy when the old log-probs are those of the policy: every ratio is one, nothing is clipped', async () => {
    const { shape, feeds, mask, tokens } = await batch();
    const [name, item] = (await offered()).find(([, each]) => each.old_logps !== 'old_logps') ?? [];
    if (name === undefined || item === undefined) throw new Error('The golden data have no on-policy case.');
    // The tower is frozen and its features are fed, as in a run.
    const names = Object.keys(tiny.weights).filter((each) => !each.startsWith('visual.'));
    const entries = {
      score: scoreEntry(stateOf(tiny), shape, 1, 'policy'),
      update: updateEntry(stateOf(tiny), shape, configOf(item, { trainVision: false, trainable: names })),
      encode: encodeEntry(stateOf(tiny), shape),
    };
    const program = await tinyProgram(tiny, entries, names);
    const { vision, prompted: rest } = splitFeeds(feeds);
    const encoded = await program.call(entries.encode, vision);
    const features = floats(encoded, 'features');
    const scored = await program.call(entries.score, { ...rest, features });
    const result = await program.call(entries.update, {
      ...rest,
      features,
      oldLogprobs: floats(scored, 'logprobs'),
      beta: one(item.beta),
      rowWeights: weightsFor(item, mask),
      ...STILL,
    });
    expect(Math.abs((result['loss']?.[0] ?? NaN) - item.loss)).toBeLessThan(1e-5);
    expect((result['kl']?.[0] ?? NaN) / tokens).toBeCloseTo(item.kl, 5);
    expect([result['clipLow']?.[0], result['clipHigh']?.[0]]).toEqual([0, 0]);
    program.dispose();
  });

  it('computed prompt by prompt give the loss, norm and gradients of the whole batch, for every loss type', async () => {
    const { prompts, feeds, mask } = await batch();
    const names = Object.keys(tiny.weights);
    const single = { ...shapeOf(prompts, 4, 12), batch: 1, images: 1 };
    for (const [name, item] of (await offered()).filter(([, each]) => each.old_logps === 'old_logps')) {
      const config = configOf(item);
      const [accumulate, apply] = [accumulateEntry(stateOf(tiny), single, config), applyEntry(config)];
      const program = await tinyProgram(tiny, { accumulate, apply }, names);
      const weights = weightsFor(item, mask);
      let loss = 0;
      for (const [index, prompt] of prompts.entries()) {
        const rows = <T extends Float32Array | Int32Array>(values: T): T => {
          const size = values.length / 2;
          return values.slice(index * size, (index + 1) * size) as T;
        };
        const part = await program.call(accumulate, {
          ...feedsOf(tiny, [prompt], single),
          completionIds: rows(feeds.completionIds),
          completionCos: rows(feeds.completionCos),
          completionSin: rows(feeds.completionSin),
          mask: rows(mask),
          oldLogprobs: rows(feeds.oldLogprobs as Float32Array),
          refLogprobs: rows(feeds.refLogprobs as Float32Array),
          advantages: rows(feeds.advantages as Float32Array),
          rowWeights: rows(weights),
          beta: one(item.beta),
        });
        loss += part['loss']?.[0] ?? NaN;
      }
      const { gradNorm } = await program.call(apply, STILL);
      expect(Math.abs(loss - item.loss), `${name}: loss`).toBeLessThan(1e-5);
      expect((gradNorm?.[0] ?? NaN) / item.grad_norm, `${name}: norm`).toBeCloseTo(1, 4);
      await expectGradients(program, await goldenTensors('grpo_grads.safetensors', `${name}/`), name);
      program.dispose();
    }
  });

  it('measure the share of the KL term: the difference of the reference gradients with and without it', async () => {
    const { prompts, shape, feeds, mask } = await batch();
    const cases = Object.fromEntries(await offered());
    const item = cases['grpo'];
    if (item === undefined) throw new Error('The golden data have no case with a KL weight.');
    const withKl = await goldenTensors('grpo_grads.safetensors', 'grpo/');
    const without = await goldenTensors('grpo_grads.safetensors', 'grpo_beta0/');
    const names = Object.keys(without);
    const normOf = (value: (name: string, index: number) => number): number =>
      Math.hypot(...names.flatMap((name) => Array.from(withKl[name] ?? [], (_, index) => value(name, index))));
    const pull = normOf((name, index) => (withKl[name]?.[index] ?? NaN) - (without[name]?.[index] ?? NaN));
    const reward = normOf((name, index) => without[name]?.[index] ?? NaN);
    expect(pull).toBeGreaterThan(0);

    const config = configOf(item, { trainVision: false, trainable: names });
    const { vision, prompted } = splitFeeds(feeds);
    const encode = encodeEntry(stateOf(tiny), shape);
    const encoder = await tinyProgram(tiny, { encode });
    const features = floats(await encoder.call(encode, vision), 'features');
    encoder.dispose();
    const { completionIds, completionCos, completionSin, oldLogprobs, refLogprobs, advantages, ...asked } = prompted;
    if (oldLogprobs === undefined || refLogprobs === undefined || advantages === undefined)
      throw new Error('The golden data have no policy loss.');
    const step = {
      prompts,
      feeds: { ...asked, features },
      rows: {
        ...{ completionIds, completionCos, completionSin, oldLogprobs, refLogprobs, advantages },
        ...{ mask, rowWeights: weightsFor(item, mask) },
      },
    };
    for (const plan of [
      { split: false, sizes: [2], byLayer: false },
      { split: true, sizes: [1], byLayer: false },
    ]) {
      const updates = updateCalls(plan, stateOf(tiny), shape, config, null);
      const calls = klShareCalls(stateOf(tiny), shape, config, updates);
      const program = await tinyProgram(tiny, { ...updates.entries, ...calls.entries }, names);
      const tools = { program, shape, config: tiny.processor.config, padId: tiny.processor.padId };
      const share = await klShare(tools, calls, step, item.beta);
      expect(share, JSON.stringify(plan)).toBeCloseTo(pull / (pull + reward), 5);
      expect(await klShare(tools, calls, step, 0)).toBe(0);
      program.dispose();
    }
  });
});
