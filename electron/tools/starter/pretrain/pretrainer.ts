/** @file One pre-training program over all weights of the starter model, and its state on disk. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSafetensors, writeSafetensors } from '../../../formats/safetensors.ts';
import { expectedTensors } from '../../../formats/tensor-names.ts';
import type { Processor } from '../../../engine/policy/processor.ts';
import { loadRuntime } from '../../../engine/runtime/backend.ts';
import { createProgram } from '../../../engine/runtime/create-program.ts';
import { sizeOf, variables, type Program, type VariableSpec } from '../../../engine/runtime/program.ts';
import { completionFeeds, promptFeeds, visionFeeds, type PreparedPrompt } from '../../../engine/training/batch.ts';
import { type PolicyShape, type PolicyState } from '../../../engine/training/policy-program.ts';
import { optimiserVariables, updateEntry } from '../../../engine/training/update/update-program.ts';
import { rowWeights } from '../../../engine/training/update/loss.ts';
import { normal, STREAM } from '../../../engine/training/random.ts';
import { pretrainLearningRate, type PretrainPlan } from './plan.ts';

export interface PretrainRow {
  prompt: PreparedPrompt;
  completion: number[];
}

export interface Pretrainer {
  /** Runs one step. @returns loss per completion token and gradient norm before clipping */
  step(step: number, rows: readonly PretrainRow[]): Promise<{ loss: number; gradNorm: number }>;
  /** All weights, by hub name. */
  weights(): Promise<Record<string, Float32Array>>;
  save(folder: string, step: number): Promise<void>;
  /** @returns the step that was saved, 0 when there is none */
  restore(folder: string): Promise<number>;
}

/** Standard deviation of the initial weights (config.json: initializer_range). */
const INITIAL_STD = 0.02;

/** @param begins the weights to go on from; absent = random ones */
export async function createPretrainer(
  processor: Processor,
  plan: PretrainPlan,
  shape: PolicyShape,
  begins?: Record<string, Float32Array>,
): Promise<Pretrainer> {
  const { config, padId } = processor;
  const shapes = Object.fromEntries(expectedTensors(config));
  const names = Object.keys(shapes);
  const optimiserState = optimiserVariables(shapes, names);
  const stored = { ...variables('weight', shapes), ...optimiserState };
  const state: PolicyState = { config, weightNames: names, adapterNames: [], scaling: 0, separateReference: false };
  const { optimiser } = plan;
  const update = updateEntry(state, shape, { ...optimiser, trainable: names, temperature: 1, trainVision: true });
  const program = await createProgram(await loadRuntime(), { variables: stored, entries: { update } });
  program.set(begins ?? initialWeights(shapes, plan.seed));
  return {
    step: async (step, rows) => {
      const prompts = rows.map(({ prompt }) => prompt);
      const feeds = completionFeeds(
        rows.map(({ completion }) => completion),
        prompts,
        1,
        shape.completionLength,
        config,
        padId,
      );
      const result = await program.call(update, {
        ...promptFeeds(prompts, shape, config, padId),
        ...visionFeeds(
          prompts.flatMap(({ images }) => images),
          shape,
          config,
        ),
        ...feeds,
        rowWeights: rowWeights('sft', feeds.mask, shape.completionLength),
        learningRate: Float32Array.of(pretrainLearningRate(plan, step)),
        correction1: Float32Array.of(1 - optimiser.adamBeta1 ** step),
        correction2: Float32Array.of(Math.sqrt(1 - optimiser.adamBeta2 ** step)),
      });
      return { loss: result.loss?.[0] ?? NaN, gradNorm: result.gradNorm?.[0] ?? NaN };
    },
    weights: () => program.get(names),
    save: async (folder, step) => {
      await saveState(program, stored, folder, step);
    },
    restore: async (folder) => await restoreState(program, Object.keys(stored), folder),
  };
}

/** Norm scales are one, biases zero, everything else normal; the same seed gives the same weights. */
function initialWeights(shapes: Record<string, readonly number[]>, seed: number): Record<string, Float32Array> {
  const values: Record<string, Float32Array> = {};
  Object.entries(shapes).forEach(([name, shape], tensor) => {
    const data = new Float32Array(sizeOf(shape));
    const isNorm = /norm|ln_q/.test(name);
    if (name.endsWith('.weight') && isNorm) data.fill(1);
    else if (!name.endsWith('.bias'))
      for (let i = 0; i < data.length; i++) data[i] = INITIAL_STD * normal(seed, STREAM.weights, tensor, i);
    values[name] = data;
  });
  return values;
}

const STATE_FILE = 'state.safetensors';

async function saveState(
  program: Program,
  stored: Record<string, VariableSpec>,
  folder: string,
  step: number,
): Promise<void> {
  const fresh = `${folder}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  const values = await program.get(Object.keys(stored));
  const entries = Object.entries(stored).map(([name, { shape }]) => ({
    name,
    dtype: 'F32' as const,
    shape,
    data: values[name] ?? new Float32Array(),
  }));
  await writeSafetensors(join(fresh, STATE_FILE), entries, { step: String(step) });
  await writeFile(join(fresh, 'step.json'), JSON.stringify({ step }));
  await rm(`${folder}.old`, { recursive: true, force: true });
  await rename(folder, `${folder}.old`).catch(() => undefined);
  await rename(fresh, folder);
  await rm(`${folder}.old`, { recursive: true, force: true });
}

async function restoreState(program: Program, names: readonly string[], folder: string): Promise<number> {
  for (const candidate of [folder, `${folder}.old`]) {
    const text = await readFile(join(candidate, 'step.json'), 'utf8').catch(() => null);
    if (text === null) continue;
    const reader = await openSafetensors(join(candidate, STATE_FILE));
    const values: Record<string, Float32Array> = {};
    for (const name of names) values[name] = await reader.readFloat32(name);
    await reader.close();
    program.set(values);
    return (JSON.parse(text) as { step: number }).step;
  }
  return 0;
}
