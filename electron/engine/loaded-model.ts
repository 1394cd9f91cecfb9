/** @file A checkpoint in memory, with or without an adapter on it. */
import type { LoraConfig } from '../contract/recipe.ts';
import { readCheckpoint } from '../formats/checkpoint.ts';
import { checkAdapterFits, loraScaling, readAdapter } from '../formats/peft.ts';
import { expectedTensors } from '../formats/tensor-names.ts';
import { initialiseLora, loraShapes } from './model/lora.ts';
import { createProcessor, type Processor } from './processor.ts';
import { STREAM, uniform } from './training/random.ts';

export type Shapes = Record<string, readonly number[]>;
export type Values = Record<string, Float32Array>;

export interface LoadedModel {
  path: string;
  processor: Processor;
  shapes: Shapes;
  weights: Values;
}

/** LoRA factors by program name (`<module>.lora_A`, `<module>.lora_B`). */
export interface LoadedAdapter {
  shapes: Shapes;
  values: Values;
  scaling: number;
}

/** Reads every weight as float32. @throws AtelierError naming the file or tensor */
export async function loadModel(path: string): Promise<LoadedModel> {
  const [processor, checkpoint] = await Promise.all([createProcessor(path), readCheckpoint(path)]);
  try {
    const shapes = Object.fromEntries(expectedTensors(checkpoint.config));
    const weights: Values = {};
    for (const name of Object.keys(shapes)) weights[name] = await checkpoint.tensors.readFloat32(name);
    return { path, processor, shapes, weights };
  } finally {
    await checkpoint.tensors.close();
  }
}

/** Reads a PEFT adapter and checks that each factor fits the model's layer. */
export async function loadAdapter(path: string, model: LoadedModel): Promise<LoadedAdapter> {
  const adapter = await readAdapter(path);
  checkAdapterFits(adapter, new Map(Object.entries(model.shapes)), path);
  const shapes: Shapes = {};
  const values: Values = {};
  for (const [module, { a, b, inFeatures, outFeatures }] of adapter.weights) {
    shapes[`${module}.lora_A`] = [adapter.r, inFeatures];
    shapes[`${module}.lora_B`] = [outFeatures, adapter.r];
    values[`${module}.lora_A`] = a;
    values[`${module}.lora_B`] = b;
  }
  return { shapes, values, scaling: loraScaling(adapter) };
}

/** A fresh adapter for training: A drawn from the seed, B zero, so the policy starts as the base model. */
export function freshAdapter(config: LoraConfig, model: LoadedModel, seed: number): LoadedAdapter {
  const shapes = loraShapes(model.shapes, config.targetModules, config.r);
  const order = Object.keys(shapes);
  const values = initialiseLora(shapes, (name, index) => uniform(seed, STREAM.adapter, order.indexOf(name), index));
  return { shapes, values, scaling: config.loraAlpha / config.r };
}
