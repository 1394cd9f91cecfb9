/** @file In bfloat16 too, an adapter that has not learnt anything is at a KL of exactly zero from its reference model. */
import { beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_GRPO, DEFAULT_OPTIMISER } from '../../../method/defaults.ts';
import { narrowToBfloat16 } from '../../../formats/float-bits.ts';
import { expectedTensors } from '../../../formats/tensor-names.ts';
import { adaptedModules, initialiseLora, loraNames, loraShapes } from '../../model/lora.ts';
import { featureRows } from '../../model/program-inputs.ts';
import { storageOf } from '../../policy/precision.ts';
import type { PreparedPrompt } from '../../policy/processor.ts';
import { loadRuntime } from '../../runtime/backend.ts';
import { createProgram } from '../../runtime/create-program.ts';
import { sizeOf, variables } from '../../runtime/program.ts';
import { ask, loadTiny, shapeOf, stateOf, type Tiny } from '../../testing/tiny.ts';
import { completionFeeds, promptFeeds, type BatchFeeds } from '../batch.ts';
import { REFERENCE, type PolicyShape } from '../policy-program.ts';
import { uniform } from '../random.ts';
import { rowWeights } from './loss.ts';
import { lossConfigOf, optimiserVariables, type UpdateConfig } from './update-program.ts';
import { completionLogprobs, runUpdate, updateCalls, updateVariables, type UpdateLayout } from './update-step.ts';

const { native } = await loadRuntime();
const IMAGES = ['rgb_70x70.png', 'tall_42x98.png', 'grey_37x53.png'];
const GROUP = 3;
const LENGTH = 16;
const random = (index: number): number => uniform(5, 9, 1, index);

describe.skipIf(native === null)('the KL before any weight has changed, in bfloat16', () => {
  let tiny: Tiny;
  let prompts: PreparedPrompt[];
  let shape: PolicyShape;

  beforeAll(async () => {
    tiny = await loadTiny();
    prompts = await Promise.all(IMAGES.map((image, index) => ask(tiny, image, 'How many? '.repeat(index + 4))));
    shape = shapeOf(prompts, GROUP, LENGTH);
  });

  const plans: Record<string, UpdateLayout> = {
    'of the whole batch': { split: false, sizes: [3], byLayer: false },
    'in micro-batches that do not divide': { split: true, sizes: [2], byLayer: false },
    'by blocks of layers': { split: true, sizes: [2], byLayer: true },
  };

  const cases = Object.entries(plans).flatMap(([name, plan]) =>
    [false, true].map((learnt) => ({
      name: `${name}${learnt ? ', of an adapter that has learnt,' : ''}`,
      plan,
      learnt,
    })),
  );

  it.each(cases)('$name is exactly 0', async ({ plan, learnt }) => {
    const { padId, config: own } = tiny.processor;
    // Wide enough that TensorFlow fuses ops as it does in real models.
    const config: typeof own = {
      ...own,
      hiddenSize: 768,
      intermediateSize: 1536,
      numHeads: 12,
      numKeyValueHeads: 4,
      headDim: 64,
      mropeSection: [8, 12, 12],
      vision: { ...own.vision, hiddenSize: 768 },
    };
    const shapes = Object.fromEntries([...expectedTensors(config)].filter(([name]) => !name.startsWith('visual.')));
    const modules = adaptedModules(shapes, ['q_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj']);
    const lora = loraShapes(shapes, modules, 4);
    const factors = initialiseLora(modules, lora, (name, index) => random(name.length * 1000 + index));
    const trainable = Object.keys(lora);
    if (learnt)
      modules.forEach((module, seed) => {
        const name = loraNames(module).b;
        factors[name] = drawn(lora[name] ?? [], 1000 + seed).map((value) => value / 100);
      });
    const ofReference = <T>(named: Record<string, T>): Record<string, T> =>
      learnt ? Object.fromEntries(Object.entries(named).map(([name, value]) => [REFERENCE + name, value])) : {};
    const state = {
      ...stateOf(tiny, trainable, 2),
      config,
      weightNames: Object.keys(shapes),
      referenceAdapter: learnt,
    };
    const update: UpdateConfig = {
      ...DEFAULT_OPTIMISER,
      trainable,
      temperature: 0.9,
      trainVision: false,
      loss: lossConfigOf({ ...DEFAULT_GRPO, lossType: 'dapo', maxCompletionLength: LENGTH }),
    };
    const calls = updateCalls(plan, state, shape, update, { temperature: 0.9 });
    const stored = storageOf(shapes, 'bfloat16', 'weight');
    const program = await createProgram(await loadRuntime(), {
      variables: {
        ...stored,
        ...variables('adapter', lora),
        ...variables('copy', ofReference(lora)),
        ...optimiserVariables(lora, trainable),
        ...updateVariables(plan, config, shape, lora),
      },
      entries: calls.entries,
    });
    Object.entries(shapes).forEach(([name, dimensions], seed) => {
      const values = drawn(dimensions, seed);
      program.set({ [name]: stored[name]?.dtype === 'bfloat16' ? bfloat16Bytes(values) : values });
    });
    program.set({ ...factors, ...ofReference(factors) });

    const feeds: BatchFeeds = {
      ...promptFeeds(prompts, shape, config, padId),
      features: drawn([featureRows(shape, config), config.hiddenSize], 99),
    };
    const rows = Array.from({ length: IMAGES.length * GROUP }, (__, row) =>
      Array.from({ length: 1 + Math.floor(random(row) * LENGTH) }, (___, at) =>
        Math.floor(random(100 * row + at) * 300),
      ),
    );
    const completions = completionFeeds(rows, prompts, GROUP, LENGTH, config, padId);
    const tools = { program, calls, shape, config, padId };
    if (calls.reference === null) throw new Error('There is no reference.');
    const refLogprobs = await completionLogprobs(tools, calls.reference, { prompts, feeds, rows: completions });
    const one = (value: number): Float32Array => Float32Array.of(value);
    const run = (chosen: number[], learningRate: number) =>
      runUpdate(
        tools,
        {
          prompts,
          feeds,
          rows: {
            ...completions,
            rowWeights: rowWeights({ lossType: 'dapo', maxCompletionLength: LENGTH }, completions.mask, LENGTH),
            oldLogprobs: refLogprobs,
            refLogprobs,
            advantages: Float32Array.from({ length: rows.length }, (__, row) => (row % 2 === 0 ? 1 : -1)),
          },
        },
        chosen,
        { beta: one(0.05), learningRate: one(learningRate), correction1: one(0.1), correction2: one(0.03) },
      );
    expect((await run([0, 1, 2], 1e-2)).kl).toBe(0);
    expect((await run([0, 1, 2], 0)).kl).toBeGreaterThan(1e-6);
    program.dispose();
  });
});

/** Random weights of the size that trained ones have: norms near 1, matrices with a gain near 1. */
function drawn(shape: readonly number[], seed: number): Float32Array {
  const [, input] = shape;
  const spread = input === undefined ? 0.2 : 3.4 / Math.sqrt(input);
  const centre = input === undefined ? 1 : 0;
  const values = new Float32Array(sizeOf(shape));
  // A linear congruential generator (Numerical Recipes): millions of draws, of no importance but their spread.
  let state = seed;
  for (let i = 0; i < values.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = centre + spread * (state / 2 ** 32 - 0.5);
  }
  return values;
}

function bfloat16Bytes(values: Float32Array): Uint8Array {
  const words = new Uint16Array(values.length);
  narrowToBfloat16(values, words);
  return new Uint8Array(words.buffer);
}
