/** @file LoRA on linear layers (PEFT's conventions): y = W x + b + (alpha / r) · B (A x). */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { AdapterPart } from '../../contract/model/recipe.ts';
import { withCounterparts } from '../../formats/families/counterparts.ts';
import { familyOf, type ModelConfig } from '../../formats/model-config.ts';
import { linear } from './ops.ts';

/** Weights under the published (hub) names, e.g. `model.layers.0.self_attn.q_proj.weight`. */
export type Weights = Record<string, Tensor>;

/** LoRA factors under `<module>.lora_A` [r, in] and `<module>.lora_B` [out, r]; null = adapter off. */
export interface Adapter {
  weights: Weights;
  scaling: number;
  /** One product with W + (alpha / r) · B A (`mergedLinear`); absent = the product with W and two narrow ones. */
  merged?: boolean;
}

/** A linear module by name, with its bias when it has one and its adapter when there is one. */
export function adaptedLinear(x: Tensor, weights: Weights, module: string, adapter: Adapter | null): Tensor {
  const weight = weights[`${module}.weight`];
  if (weight === undefined) throw new Error(`The weight ${module}.weight is missing.`);
  const bias = weights[`${module}.bias`];
  const factors = factorsOf(adapter, module);
  if (factors === null) return linear(x, weight, bias);
  const { a, b, scaling } = factors;
  if (adapter?.merged === true) {
    const product = mergedLinear(x, weight, a, b, scaling);
    return bias === undefined ? product : tf.add(product, bias);
  }
  // The scaling is applied to the narrow product: r columns instead of `out`.
  return tf.add(linear(x, weight, bias), linear(tf.mul(linear(x, a), scaling), b));
}

/** Names of a module's LoRA factors in a program and in a checkpoint. */
export function loraNames(module: string): { a: string; b: string } {
  return { a: `${module}.lora_A`, b: `${module}.lora_B` };
}

/** A module's factors A [r, in] and B [out, r]; null where it has none. */
export function factorsOf(adapter: Adapter | null, module: string): { a: Tensor; b: Tensor; scaling: number } | null {
  const names = loraNames(module);
  const a = adapter?.weights[names.a];
  const b = adapter?.weights[names.b];
  return adapter === null || a === undefined || b === undefined ? null : { a, b, scaling: adapter.scaling };
}

/** W + scaling · B A, as PEFT's `merge_and_unload` computes it. @returns [out, in] */
export function mergedWeight(weight: Tensor, a: Tensor, b: Tensor, scaling: number): Tensor {
  return tf.add(weight, tf.mul(tf.matMul(b as tf.Tensor2D, a as tf.Tensor2D), scaling));
}

/**
 * `x (W + s · B A)ᵀ` for a frozen W, with the gradients of x, A and B. Forward and backward need one product each with the
 * merged weight, instead of one with W, two narrow ones and a sum over all rows. Worth a copy of W if W is small and
 * float32.
 * @param x [rows, in]
 * @returns [rows, out]
 */
function mergedLinear(x: Tensor, weight: Tensor, a: Tensor, b: Tensor, scaling: number): Tensor {
  const op = tf.customGrad((...args) => {
    const [input, factorA, factorB, save] = args as unknown as [Tensor, Tensor, Tensor, (tensors: Tensor[]) => void];
    const merged = mergedWeight(weight, factorA, factorB, scaling);
    save([input, factorA, factorB, merged]);
    return {
      value: linear(input, merged),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [h, wA, wB, w] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
        const rows = dy as tf.Tensor2D;
        const dA = tf.matMul(narrow(rows, wB, false), h, true, false);
        // Transposed afterwards: a product that is `out` wide is faster than one that is as wide as the rank.
        const dB = tf.transpose(tf.matMul(narrow(h, wA, true), rows, true, false));
        return [tf.matMul(rows, w), tf.mul(dA, scaling), tf.mul(dB, scaling)];
      },
    };
  });
  return op(x, a, b);
}

/** A product as wide as the rank, as a batch of one, for which TensorFlow has a faster kernel. @returns [rows, r] */
function narrow(rows: tf.Tensor2D, factor: tf.Tensor2D, transposed: boolean): tf.Tensor2D {
  const product = tf.matMul(tf.expandDims(rows, 0), tf.expandDims(factor, 0), false, transposed);
  return tf.reshape(product, [rows.shape[0], -1]);
}

/**
 * The modules that an adapter changes, in the order of the weights: of the text layers those whose last name is one of PEFT's
 * `target_modules` (in linear attention, those that go with them), of merger and vision tower every linear layer.
 * @param of absent = the language model alone
 */
export function adaptedModules(
  weightShapes: Record<string, readonly number[]>,
  targetModules: readonly string[],
  of?: { layers: readonly AdapterPart[]; config: Pick<ModelConfig, 'family' | 'linear'> },
): string[] {
  const layers: readonly AdapterPart[] = of?.layers ?? ['language'];
  const targets = of === undefined ? targetModules : withCounterparts(targetModules, of.config);
  const vision = of === undefined ? null : familyOf(of.config).vision;
  const seen =
    vision === null
      ? []
      : [...(layers.includes('vision') ? [vision.layers] : []), ...(layers.includes('merger') ? vision.merged : [])];
  return Object.entries(weightShapes).flatMap(([name, shape]) => {
    if (!name.endsWith('.weight') || shape.length !== 2) return [];
    const module = name.slice(0, -'.weight'.length);
    if (seen.some((prefix) => name.startsWith(prefix))) return [module];
    const match = /^model\.layers\.\d+\.(?:self_attn|linear_attn|mlp)\.(\w+)$/.exec(module);
    return layers.includes('language') && match !== null && targets.includes(match[1] ?? '') ? [module] : [];
  });
}

/** Whether a tensor belongs to the vision tower or its merger, so that image features change as it is trained. */
export function isSeen(name: string): boolean {
  return name.startsWith('visual.');
}

/** Shapes of the LoRA factors of rank r for the given modules. */
export function loraShapes(
  weightShapes: Record<string, readonly number[]>,
  modules: readonly string[],
  r: number,
): Record<string, [number, number]> {
  const shapes: Record<string, [number, number]> = {};
  for (const module of modules) {
    const [out, input] = weightShapes[`${module}.weight`] ?? [];
    if (out === undefined || input === undefined) throw new Error(`The weight of ${module} is missing.`);
    const names = loraNames(module);
    shapes[names.a] = [r, input];
    shapes[names.b] = [out, r];
  }
  return shapes;
}

/**
 * Initial factors: A uniform in ±1/√in (kaiming_uniform with a = √5, PEFT's default), B zero.
 * @param uniform returns numbers in [0, 1) for (name, index)
 */
export function initialiseLora(
  modules: readonly string[],
  shapes: Record<string, [number, number]>,
  uniform: (name: string, index: number) => number,
): Record<string, Float32Array> {
  const values: Record<string, Float32Array> = {};
  for (const module of modules) {
    const names = loraNames(module);
    const [r = 0, input = 0] = shapes[names.a] ?? [];
    const [out = 0] = shapes[names.b] ?? [];
    const bound = 1 / Math.sqrt(input);
    values[names.a] = Float32Array.from({ length: r * input }, (_, i) => (2 * uniform(names.a, i) - 1) * bound);
    values[names.b] = new Float32Array(out * r);
  }
  return values;
}
