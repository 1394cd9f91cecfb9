/** @file For tests only: the tiny random checkpoint with its golden data, and programs on it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readCheckpoint } from '../../formats/checkpoint.ts';
import { openSafetensors } from '../../formats/safetensors.ts';
import { expectedTensors } from '../../formats/tensor-names.ts';
import { createProcessor, type PreparedPrompt, type Processor } from '../policy/processor.ts';
import { loadRuntime } from '../runtime/backend.ts';
import type { PromptSpecs, VisionSpecs } from '../model/program-inputs.ts';
import { createProgram } from '../runtime/create-program.ts';
import { variables, type EntryTable, type FeedsOf, type Program } from '../runtime/program.ts';
import { promptFeeds, shapeFor, visionFeeds } from '../training/batch.ts';
import type { PolicyShape, PolicyState } from '../training/policy-program.ts';
import { accumulatorVariables, optimiserVariables } from '../training/update/update-program.ts';

export const fixture = new URL('../fixtures/qwen2vl-tiny/', import.meta.url).pathname;

/**
 * On the software GPU of the tests, a token takes a second of a processor. There, golden tests look at fewer tokens and leave out
 * variants that differ only in how work is divided. Tolerances are the same everywhere.
 */
export const BRIEF = process.env['ATELIER_BACKEND'] === 'webgpu';

/** All of them, or the first few where tests are brief. */
export function briefly<T>(all: readonly T[], few = 1): T[] {
  return BRIEF ? all.slice(0, few) : [...all];
}

export interface Tiny {
  processor: Processor;
  shapes: Record<string, readonly number[]>;
  weights: Record<string, Float32Array>;
}

/** @param model a checkpoint's folder; absent = that of qwen2vl-tiny */
export async function loadTiny(model = join(fixture, 'model')): Promise<Tiny> {
  const processor = await createProcessor(model);
  const shapes = Object.fromEntries(expectedTensors(processor.config));
  const { tensors } = await readCheckpoint(model);
  const weights: Record<string, Float32Array> = {};
  for (const name of Object.keys(shapes)) weights[name] = await tensors.readFloat32(name);
  await tensors.close();
  return { processor, shapes, weights };
}

export async function goldenJson<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(join(fixture, 'golden', name), 'utf8')) as T;
}

/** All tensors of a golden file whose names begin with `prefix`, without it. */
export async function goldenTensors(name: string, prefix = ''): Promise<Record<string, Float32Array>> {
  const reader = await openSafetensors(join(fixture, 'golden', name));
  const values: Record<string, Float32Array> = {};
  for (const key of reader.names()) {
    if (key.startsWith(prefix) && /^F/.test(reader.info(key).dtype))
      values[key.slice(prefix.length)] = await reader.readFloat32(key);
  }
  await reader.close();
  return values;
}

/** Conversations of golden/chat.json, or questions about fixture images. */
export async function goldenPrompt({ processor }: Tiny, key: string): Promise<PreparedPrompt> {
  const { [key]: conversation } = await goldenJson<Record<string, { messages: unknown }>>('chat.json');
  const text = JSON.stringify(conversation?.messages).replaceAll('"images/', `"${fixture}images/`);
  return await processor.prepare({ messages: JSON.parse(text) as never });
}

export async function ask({ processor }: Tiny, image: string, question: string): Promise<PreparedPrompt> {
  return await processor.prepare({ prompt: question, imagePaths: [join(fixture, 'images', image)] });
}

export function shapeOf(prompts: readonly PreparedPrompt[], groupSize: number, completionLength: number): PolicyShape {
  return { ...shapeFor(prompts, prompts.length), groupSize, completionLength };
}

export function stateOf({ processor, weights }: Tiny, adapterNames: readonly string[] = [], scaling = 0): PolicyState {
  return {
    config: processor.config,
    weightNames: Object.keys(weights),
    adapterNames,
    scaling,
    separateReference: false,
  };
}

/** A program with the tiny weights (and `extra` values), and optimiser state and sums of gradients that are zero. */
export async function tinyProgram(
  tiny: Tiny,
  entries: EntryTable,
  trainable: readonly string[] = [],
  extra: { shapes: Record<string, readonly number[]>; values: Record<string, Float32Array> } = {
    shapes: {},
    values: {},
  },
): Promise<Program> {
  const shapes = { ...tiny.shapes, ...extra.shapes };
  const program = await createProgram(await loadRuntime(), {
    variables: {
      ...variables('weight', shapes),
      ...optimiserVariables(shapes, trainable),
      ...accumulatorVariables(shapes, trainable),
    },
    entries,
  });
  program.set({ ...tiny.weights, ...extra.values });
  return program;
}

/** Prompts and pixels of a batch. */
export function feedsOf(
  { processor }: Tiny,
  prompts: readonly PreparedPrompt[],
  shape: PolicyShape,
): FeedsOf<PromptSpecs & VisionSpecs> {
  return {
    ...promptFeeds(prompts, shape, processor.config, processor.padId),
    ...visionFeeds(
      prompts.flatMap(({ images }) => images),
      shape,
      processor.config,
    ),
  };
}

/** What the vision tower gets of a batch, and everything else. */
export function splitFeeds<T extends FeedsOf<VisionSpecs>>(
  feeds: T,
): { vision: FeedsOf<VisionSpecs>; prompted: Omit<T, keyof VisionSpecs> } {
  const { pixels, visionCos, visionSin, visionTaps, visionMask, ...prompted } = feeds;
  const vision = {
    pixels,
    visionMask,
    ...(visionCos === undefined ? {} : { visionCos }),
    ...(visionSin === undefined ? {} : { visionSin }),
    ...(visionTaps === undefined ? {} : { visionTaps }),
  };
  return { vision, prompted };
}

/** The largest |a − b|; NaN where one is missing. */
export function farthest(actual: ArrayLike<number> | undefined, expected: ArrayLike<number>): number {
  if (actual?.length !== expected.length) return NaN;
  let worst = 0;
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs((actual[i] ?? NaN) - (expected[i] ?? NaN));
    if (!(difference <= worst)) worst = difference;
  }
  return worst;
}

export function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((max, value) => Math.max(max, Math.abs(value)), 0);
}
