/** @file A checkpoint ready for use: processor and shapes in memory, weights read when a program needs them. */
import type { LoraConfig } from '../../contract/model/recipe.ts';
import { readCheckpoint } from '../../formats/checkpoint.ts';
import { narrowToBfloat16 } from '../../formats/float-bits.ts';
import { FROZEN_WEIGHTS } from '../../formats/nf4.ts';
import { fitAdapter, loraScaling, readAdapter } from '../../formats/peft.ts';
import { expectedTensors } from '../../formats/tensor-names.ts';
import { unalignedBytes } from '../../formats/unaligned.ts';
import { MOST_WHOLE_BYTES, type ReadableBytes } from '../runtime/program.ts';
import { adaptedModules, initialiseLora, loraNames, loraShapes } from '../model/lora.ts';
import { createProcessor, type Processor } from './processor.ts';
import { STREAM, uniform } from '../training/random.ts';

export type Shapes = Record<string, readonly number[]>;
export type Values = Record<string, Float32Array>;

export interface LoadedModel {
  path: string;
  processor: Processor;
  shapes: Shapes;
  /** True if the files hold bfloat16, so that programs can keep the weights so without loss. */
  storedAsBfloat16: boolean;
}

/**
 * Weights of an open checkpoint, one at a time: the whole model is never in JavaScript's memory. What `bfloat16` returns
 * may be overwritten by the next call but one.
 */
export interface WeightReader {
  float32(name: string): Promise<Float32Array>;
  /** Little-endian bfloat16, rounded where the file holds more. A large weight is read only while it is used. */
  bfloat16(name: string): Promise<Uint8Array | ReadableBytes>;
  /** How many bytes it takes in the file. */
  bytesOf(name: string): number;
}

/** LoRA factors by program name (`<module>.lora_A`, `<module>.lora_B`). */
export interface LoadedAdapter {
  /** The adapted linear modules. */
  modules: readonly string[];
  shapes: Shapes;
  values: Values;
  scaling: number;
  /** How the base model's frozen weights were rounded when it was trained; absent = they were not. */
  frozenWeights?: 'nf4';
}

/**
 * Reads everything but the weights, and checks that every weight exists.
 * @param limits `maxPixels`: larger pictures are shrunk to this many pixels; absent = the checkpoint's own limit
 * @throws AtelierError naming the file or tensor
 */
export async function loadModel(path: string, limits: { maxPixels?: number | undefined } = {}): Promise<LoadedModel> {
  const [whole, checkpoint] = await Promise.all([createProcessor(path), readCheckpoint(path)]);
  const processor = limits.maxPixels === undefined ? whole : whole.limitedTo(limits.maxPixels);
  try {
    const shapes = Object.fromEntries(expectedTensors(checkpoint.config));
    // Only matrices are ever kept so (precision.ts).
    const storedAsBfloat16 = Object.entries(shapes).every(
      ([name, shape]) => shape.length < 2 || checkpoint.tensors.info(name).dtype === 'BF16',
    );
    return { path, processor, shapes, storedAsBfloat16 };
  } finally {
    await checkpoint.tensors.close();
  }
}

/** Opens the model's weights while `use` runs. */
export async function withWeights<T>(model: LoadedModel, use: (weights: WeightReader) => Promise<T>): Promise<T> {
  const { tensors } = await readCheckpoint(model.path);
  let buffers: Uint8Array[] = [];
  let turn = 0;
  const stored = async (name: string, byteLength: number): Promise<Uint8Array> => {
    // Fresh memory for every weight costs as much as reading it.
    if (buffers.length === 0) buffers = [unalignedBytes(MOST_WHOLE_BYTES), unalignedBytes(MOST_WHOLE_BYTES)];
    turn = 1 - turn;
    const bytes = buffers[turn]!.subarray(0, byteLength);
    await tensors.readInto(name, 0, bytes);
    return bytes;
  };
  try {
    return await use({
      bytesOf: (name) => tensors.info(name).byteLength,
      float32: (name) => tensors.readFloat32(name),
      bfloat16: async (name) => {
        const { dtype, byteLength } = tensors.info(name);
        if (dtype !== 'BF16') return bfloat16Bytes(await tensors.readFloat32(name));
        if (byteLength <= MOST_WHOLE_BYTES) return await stored(name, byteLength);
        return { byteLength, readInto: async (offset, target) => tensors.readInto(name, offset, target) };
      },
    });
  } finally {
    await tensors.close();
  }
}

function bfloat16Bytes(values: Float32Array): Uint8Array {
  const bytes = unalignedBytes(2 * values.length);
  narrowToBfloat16(values, new Uint16Array(bytes.buffer, bytes.byteOffset, values.length));
  return bytes;
}

/**
 * Reads a PEFT adapter and checks that it fits the model and is whole.
 * @param partial take what is there, as PEFT would
 */
export async function loadAdapter(path: string, model: LoadedModel, partial = false): Promise<LoadedAdapter> {
  const adapter = fitAdapter(await readAdapter(path), new Map(Object.entries(model.shapes)), path, partial);
  const scaling = loraScaling(adapter);
  const shapes: Shapes = {};
  const values: Values = {};
  for (const [module, { a, b, inFeatures, outFeatures, ...own }] of adapter.weights) {
    const names = loraNames(module);
    shapes[names.a] = [own.r, inFeatures];
    shapes[names.b] = [outFeatures, own.r];
    values[names.a] = a;
    // A program has one scaling, so a module with its own (rank_pattern, alpha_pattern) carries the difference in B.
    values[names.b] = own.scaling === scaling ? b : b.map((value) => value * (own.scaling / scaling));
  }
  const rounded = adapter.metadata[FROZEN_WEIGHTS] === 'nf4' ? { frozenWeights: 'nf4' as const } : {};
  return { modules: [...adapter.weights.keys()], shapes, values, scaling, ...rounded };
}

/** A fresh adapter for training: A drawn from the seed, B zero, so the policy starts as the base model. */
export function freshAdapter(config: LoraConfig, model: LoadedModel, seed: number): LoadedAdapter {
  const { targetModules, layers = ['language'] } = config;
  const modules = adaptedModules(model.shapes, targetModules, { layers, config: model.processor.config });
  const shapes = loraShapes(model.shapes, modules, config.r);
  const order = Object.keys(shapes);
  const values = initialiseLora(modules, shapes, (name, index) =>
    uniform(seed, STREAM.adapter, order.indexOf(name), index),
  );
  return { modules, shapes, values, scaling: config.loraAlpha / config.r };
}
