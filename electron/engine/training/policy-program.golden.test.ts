/** @file The engine's arithmetic against transformers, PEFT and TRL (golden data of the fixtures' README). */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GrpoConfig } from '../../contract/model/recipe.ts';
import { readAdapter } from '../../formats/peft.ts';
import { openCheckpointTensors, openSafetensors, type TensorReader } from '../../formats/safetensors.ts';
import { expectedTensors } from '../../formats/tensor-names.ts';
import { createProcessor, type PreparedPrompt, type Processor } from '../policy/processor.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { createProgram } from '../runtime/create-program.ts';
import {
  floats,
  sizeOf,
  variables,
  type FeedData,
  type FeedsOf,
  type Program,
  type ProgramSpec,
} from '../runtime/program.ts';
import type { PromptSpecs, VisionSpecs } from '../model/program-inputs.ts';
import { BRIEF, briefly } from '../testing/tiny.ts';
import { completionFeeds, promptFeeds, shapeFor, visionFeeds, type CompletionFeeds } from './batch.ts';
import { encodeEntry, scoreEntry, type PolicyShape, type PolicyState } from './policy-program.ts';
import { rolloutEntries, rolloutVariables } from './rollout/rollout-program.ts';
import { optimiserVariables, updateEntry, type UpdateConfig } from './update/update-program.ts';
import { rowWeights } from './update/loss.ts';
import { rollOut } from './rollout/rollout.ts';

const fixture = new URL('../fixtures/qwen2vl-tiny/', import.meta.url).pathname;
const golden = async (name: string): Promise<never> =>
  JSON.parse(await readFile(join(fixture, 'golden', name), 'utf8')) as never;
const EPSILON_GRADIENT = 1e-4;

let processor: Processor;
let weights: Record<string, Float32Array>;
let shapes: Record<string, readonly number[]>;
let conversations: Record<string, { messages: never; input_ids: number[][] }>;
const open: TensorReader[] = [];
const programs: Program[] = [];

beforeAll(async () => {
  await loadRuntime();
  processor = await createProcessor(join(fixture, 'model'));
  shapes = Object.fromEntries(expectedTensors(processor.config));
  const reader = await openCheckpointTensors(join(fixture, 'model'));
  weights = {};
  for (const name of Object.keys(shapes)) weights[name] = await reader.readFloat32(name);
  await reader.close();
  conversations = await golden('chat.json');
});

afterAll(async () => {
  for (const reader of open) await reader.close();
  for (const program of programs) program.dispose();
});

async function tensors(name: string): Promise<TensorReader> {
  const reader = await openSafetensors(join(fixture, 'golden', name));
  open.push(reader);
  return reader;
}

async function prompt(key: string): Promise<PreparedPrompt> {
  const conversation = conversations[key];
  if (conversation === undefined) throw new Error(`There is no conversation ${key}.`);
  const messages = JSON.parse(
    JSON.stringify(conversation.messages).replaceAll('"images/', `"${fixture}images/`),
  ) as never;
  return await processor.prepare({ messages });
}

function stateOf(adapterNames: string[] = [], scaling = 0): PolicyState {
  return {
    config: processor.config,
    weightNames: Object.keys(weights),
    adapterNames,
    scaling,
    separateReference: false,
  };
}

function variablesOf(extra: ProgramSpec['variables'] = {}): ProgramSpec['variables'] {
  return { ...variables('weight', shapes), ...extra };
}

async function build(spec: ProgramSpec, values: Record<string, FeedData>): Promise<Program> {
  const program = await createProgram(await loadRuntime(), spec);
  programs.push(program);
  const zeros: Record<string, FeedData> = {};
  for (const [name, { shape }] of Object.entries(spec.variables)) {
    zeros[name] = new Float32Array(sizeOf(shape));
  }
  program.set({ ...zeros, ...weights, ...values });
  return program;
}

function shapeOf(prompts: PreparedPrompt[], groupSize: number, completionLength: number): PolicyShape {
  const shape = shapeFor(prompts, prompts.length);
  const images = Math.max(
    1,
    prompts.reduce((sum, { images: list }) => sum + list.length, 0),
  );
  return { ...shape, images, groupSize, completionLength };
}

function batchFeeds(prompts: PreparedPrompt[], shape: PolicyShape): FeedsOf<PromptSpecs & VisionSpecs> {
  return {
    ...promptFeeds(prompts, shape, processor.config, processor.padId),
    ...visionFeeds(
      prompts.flatMap(({ images }) => images),
      shape,
      processor.config,
    ),
  };
}

function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  for (let i = 0; i < actual.length; i++) worst = Math.max(worst, Math.abs((actual[i] ?? NaN) - (expected[i] ?? NaN)));
  return worst;
}

describe('prompts in one batch, mixed image sizes', () => {
  const few = { blockValues: 100 };
  for (const [how, change, ...keys] of briefly([
    ['', {}, 'A', 'B'],
    ['', {}, 'A'],
    ['', {}, 'B'],
    ['', {}, 'A', 'B', 'C', 'D'],
    [', in 2 lanes', { lanes: 2 }, 'A', 'B', 'C', 'D'],
    [', with attention in blocks', few, 'A', 'B', 'C', 'D'],
    [', with attention in blocks in 2 lanes', { ...few, lanes: 2 }, 'A', 'B', 'C', 'D'],
  ] as const)) {
    it(`gives the reference logits at the last position of ${keys.join(', ')}, and its greedy tokens${how}`, async () => {
      const state: PolicyState = { ...stateOf(), lanes: 1, ...change };
      const prompts = await Promise.all(keys.map(prompt));
      const maxNewTokens = BRIEF ? 3 : 32;
      const shape = shapeOf(prompts, 1, maxNewTokens);
      const rollout = { temperature: 1, topP: 1, suppressed: await suppression() };
      const [encode, entries] = [encodeEntry(state, shape), rolloutEntries(state, shape, rollout)];
      const variables = variablesOf(rolloutVariables(state, shape));
      const program = await build({ variables, entries: { encode, ...entries } }, {});
      const feeds = batchFeeds(prompts, shape);
      const features = floats(await program.call(encode, feeds), 'features');
      const result = await rollOut(
        program,
        entries,
        {
          prompts,
          feeds: { ...feeds, features },
          shape,
          greedy: true,
          uniform: () => 0,
          eosIds: [],
          padId: processor.padId,
          maxNewTokens,
          ...(state.lanes === undefined ? {} : { lanes: state.lanes }),
        },
        processor.config,
      );
      const forward = await tensors('forward.safetensors');
      const vocabulary = processor.config.vocabSize;
      for (const [row, key] of keys.entries()) {
        const logits = await forward.readFloat32(`${key}.logits`);
        const last = logits.subarray(logits.length - vocabulary);
        expect(
          largestDifference(result.promptLogits.subarray(row * vocabulary, (row + 1) * vocabulary), last),
        ).toBeLessThan(1e-4);
      }
      const expected: Record<string, { ids: number[][] }> = await golden('generate.json');
      keys.forEach((key, row) => {
        const ids = expected[key]?.ids[0];
        if (ids !== undefined) expect(result.tokens[row]).toEqual(ids.slice(0, maxNewTokens));
      });
    });
  }
});

async function suppression(): Promise<Float32Array> {
  const { notes, suppress_tokens: own } = (await golden('generate.json')) as {
    notes?: unknown;
    suppress_tokens?: number[];
  };
  void notes;
  const suppressed = new Float32Array(processor.config.vocabSize);
  for (const id of own ?? [315, 316, 317, 318, 319]) suppressed[id] = -1e9;
  return suppressed;
}

interface LogpRows {
  rows: { prompt: string; completion_ids: number[] }[];
}

async function goldenBatch(): Promise<{
  prompts: PreparedPrompt[];
  shape: PolicyShape;
  feeds: FeedsOf<PromptSpecs & VisionSpecs> & CompletionFeeds;
  lengths: number[];
}> {
  const { rows }: LogpRows = await golden('logps.json');
  const prompts = await Promise.all(['A', 'B'].map(prompt));
  const shape = shapeOf(prompts, 4, 12);
  const completions = rows.map(({ completion_ids: ids }) => ids);
  const feeds = {
    ...batchFeeds(prompts, shape),
    ...completionFeeds(completions, prompts, 4, 12, processor.config, processor.padId),
  };
  return { prompts, shape, feeds, lengths: completions.map(({ length }) => length) };
}

describe('log-probs of completions', () => {
  it.each(
    briefly([
      ['at once', {}],
      ['in blocks', { blockValues: 100 }],
    ] as const),
  )('are those of the reference at temperature 1 and 0.7, with attention %s', async (_, how) => {
    const { shape, feeds } = await goldenBatch();
    const state = { ...stateOf(), ...how };
    const entries = {
      encode: encodeEntry(state, shape),
      score: scoreEntry(state, shape, 1, 'policy'),
      cooler: scoreEntry(state, shape, 0.7, 'reference'),
    };
    const program = await build({ variables: variablesOf(), entries }, {});
    const features = floats(await program.call(entries.encode, feeds), 'features');
    const inputs = { ...feeds, features };
    const data = await tensors('logps.safetensors');
    const mask = await data.readFloat32('completion_mask');
    const masked = (values: FeedData): Float32Array => Float32Array.from(values, (value, i) => value * (mask[i] ?? 0));
    const score = floats(await program.call(entries.score, inputs), 'logprobs');
    const cooler = floats(await program.call(entries.cooler, inputs), 'logprobs');
    expect(largestDifference(masked(score), await data.readFloat32('logps'))).toBeLessThan(1e-4);
    expect(largestDifference(masked(cooler), await data.readFloat32('logps_temperature_0_7'))).toBeLessThan(1e-4);
  });
});

interface GrpoCase {
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
  grad_norm: number;
}

describe('policy losses and gradients', () => {
  it('equal the reference for every loss type that Atelier offers', async () => {
    const { shape, feeds, lengths } = await goldenBatch();
    const { cases }: { cases: Record<string, GrpoCase> } = await golden('grpo.json');
    const data = await tensors('logps.safetensors');
    const gradients = await tensors('grpo_grads.safetensors');
    const trainable = Object.keys(weights);
    const offered = Object.entries(cases).filter(
      ([, item]) =>
        ['grpo', 'bnpo', 'dapo', 'dr_grpo'].includes(item.loss_type) &&
        item.delta === null &&
        item.importance_sampling_level === 'token' &&
        item.old_logps === 'old_logps',
    );
    expect(offered.length).toBeGreaterThanOrEqual(5);
    for (const [name, item] of briefly(offered)) {
      const config: UpdateConfig = {
        trainable,
        temperature: 1,
        trainVision: true,
        loss: {
          lossType: item.loss_type,
          epsilon: item.epsilon,
          epsilonHigh: item.epsilon_high,
          maxCompletionLength: item.max_completion_length,
        },
        adamBeta1: 0.5,
        adamBeta2: 0.5,
        adamEpsilon: 1e-8,
        weightDecay: 0,
        maxGradNorm: 1e9,
      };
      const update = updateEntry(stateOf(), shape, config);
      const variables = variablesOf(optimiserVariables(shapes, trainable));
      const program = await build({ variables, entries: { update } }, {});
      const result = await program.call(update, {
        ...feeds,
        oldLogprobs: await data.readFloat32('old_logps'),
        refLogprobs: await data.readFloat32('ref_logps'),
        advantages: await data.readFloat32('advantages'),
        beta: Float32Array.of(item.beta),
        rowWeights: rowWeights(
          { lossType: item.loss_type, maxCompletionLength: item.max_completion_length },
          feeds.mask,
          12,
        ),
        learningRate: Float32Array.of(0),
        correction1: Float32Array.of(1),
        correction2: Float32Array.of(1),
      });
      expect(Math.abs((result['loss']?.[0] ?? NaN) - item.loss), `${name}: loss`).toBeLessThan(1e-5);
      expect(
        Math.abs((result['gradNorm']?.[0] ?? NaN) - item.grad_norm) / item.grad_norm,
        `${name}: norm`,
      ).toBeLessThan(1e-4);
      const tokens = lengths.reduce((a, b) => a + b, 0);
      if (item.beta > 0)
        expect(Math.abs((result['kl']?.[0] ?? NaN) / tokens - item.kl), `${name}: kl`).toBeLessThan(1e-4);
      const stored = gradients.names().filter((key) => key.startsWith(`${name}/`));
      expect(stored.length).toBeGreaterThan(0);
      const parameters = stored.map((key) => key.slice(name.length + 1));
      // With β₁ = 0.5 from zero, the running mean after one step is half the gradient.
      const means = await program.get(parameters.map((parameter) => `adam/${parameter}/mean`));
      for (const parameter of parameters) {
        const expected = await gradients.readFloat32(`${name}/${parameter}`);
        const actual = Float32Array.from(means[`adam/${parameter}/mean`] ?? [], (value) => value * 2);
        const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
        expect(largestDifference(actual, expected), `${name}: ${parameter}`).toBeLessThan(
          EPSILON_GRADIENT + 1e-3 * largest,
        );
      }
    }
  });

  it.each(
    briefly([
      ['computed beside the weights', false],
      ['merged into the weights', true],
    ] as const),
  )('train a LoRA adapter %s along the reference trajectory, reference = adapter off', async (_, mergedAdapter) => {
    const { shape, feeds } = await goldenBatch();
    const adapter = await readAdapter(join(fixture, 'lora'));
    const initial: Record<string, Float32Array> = {};
    const adapterShapes: Record<string, readonly number[]> = {};
    for (const [module, { a, b }] of adapter.weights) {
      initial[`${module}.lora_A`] = a;
      initial[`${module}.lora_B`] = b;
      adapterShapes[`${module}.lora_A`] = [adapter.r, a.length / adapter.r];
      adapterShapes[`${module}.lora_B`] = [b.length / adapter.r, adapter.r];
    }
    const names = Object.keys(initial);
    const state = { ...stateOf(names, adapter.loraAlpha / adapter.r), mergedAdapter };
    const {
      grpo_lora: run,
    }: {
      grpo_lora: {
        lr: number;
        beta: number;
        betas: number[];
        eps: number;
        weight_decay: number;
        max_grad_norm: number;
        steps: { loss: number; grad_norm: number }[];
      };
    } = await golden('trajectory.json');
    const config: UpdateConfig = {
      trainable: names,
      temperature: 1,
      trainVision: false,
      loss: { lossType: 'grpo', epsilon: 0.2, epsilonHigh: 0.2, maxCompletionLength: 16 },
      adamBeta1: run.betas[0] ?? 0.9,
      adamBeta2: run.betas[1] ?? 0.999,
      adamEpsilon: run.eps,
      weightDecay: run.weight_decay,
      maxGradNorm: run.max_grad_norm,
    };
    const entries = {
      encode: encodeEntry(state, shape),
      reference: scoreEntry(state, shape, 1, 'reference'),
      policy: scoreEntry(state, shape, 1, 'policy'),
      update: updateEntry(state, shape, config),
    };
    const adapterVariables = { ...variables('adapter', adapterShapes), ...optimiserVariables(adapterShapes, names) };
    const program = await build({ variables: variablesOf(adapterVariables), entries }, initial);
    const features = floats(await program.call(entries.encode, feeds), 'features');
    const { pixels: _p, visionCos: _c, visionSin: _s, visionMask: _m, ...given } = feeds;
    const inputs = { ...given, features };
    const data = await tensors('logps.safetensors');
    const expected = await tensors('lora.safetensors');
    const mask = await data.readFloat32('completion_mask');
    const masked = (values: FeedData): Float32Array => Float32Array.from(values, (value, i) => value * (mask[i] ?? 0));
    const reference = floats(await program.call(entries.reference, inputs), 'logprobs');
    const policy = floats(await program.call(entries.policy, inputs), 'logprobs');
    expect(largestDifference(masked(reference), await expected.readFloat32('ref_logps_adapter_off'))).toBeLessThan(
      1e-4,
    );
    expect(largestDifference(masked(policy), await expected.readFloat32('policy_logps'))).toBeLessThan(1e-4);
    for (const [index, step] of briefly(run.steps, 2).entries()) {
      const result = await program.call(entries.update, {
        ...inputs,
        mask: feeds.mask,
        // In the golden trajectory the base model sampled: old = reference = adapter off.
        oldLogprobs: reference,
        refLogprobs: reference,
        advantages: await data.readFloat32('advantages'),
        beta: Float32Array.of(run.beta),
        rowWeights: rowWeights({ lossType: 'grpo', maxCompletionLength: 16 }, feeds.mask, 12),
        learningRate: Float32Array.of(run.lr),
        correction1: Float32Array.of(1 - config.adamBeta1 ** (index + 1)),
        correction2: Float32Array.of(Math.sqrt(1 - config.adamBeta2 ** (index + 1))),
      });
      expect(Math.abs((result['loss']?.[0] ?? NaN) - step.loss), `step ${String(index)}`).toBeLessThan(1e-4);
      expect(Math.abs((result['gradNorm']?.[0] ?? NaN) / step.grad_norm - 1)).toBeLessThan(1e-3);
    }
  });
});
