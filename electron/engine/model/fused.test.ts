/** @file A decoding step over weights laid out for it is the step over the weights as they are, adapter included. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../formats/checkpoint.ts';
import { expectedTensors } from '../../formats/tensor-names.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { createProgram } from '../runtime/create-program.ts';
import { sizeOf, variables as variablesOf, type Entry, type FeedData, type TensorSpec } from '../runtime/program.ts';
import { fuseWeights, runFusedStep } from './fused.ts';
import { MASKED } from './attention.ts';
import { runStep, type KeyValues, type Model, type StepInputs } from './language.ts';
import { adaptedModules, loraShapes } from './lora.ts';

const fixture = new URL('../fixtures/qwen2vl-tiny/model', import.meta.url).pathname;
const [BATCH, GROUP, PROMPT, CAPACITY, POSITION] = [2, 3, 7, 5, 2] as const;

const noise = (count: number, seed: number, scale: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => scale * Math.sin(i * 78.233 + seed * 12.9898));

describe('a fused decoding step', () => {
  it('gives the hidden states and writes the keys and values of the plain step', async () => {
    const { config, tensors } = await readCheckpoint(fixture);
    const shapes = Object.fromEntries(expectedTensors(config));
    const targets = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];
    const factors = loraShapes(shapes, adaptedModules(shapes, targets), 4);
    const rows = BATCH * GROUP;
    const { numKeyValueHeads: heads, headDim, numLayers, hiddenSize } = config;
    const own = BATCH * heads * GROUP * CAPACITY;
    const inputs: Record<string, TensorSpec> = {
      embeds: { shape: [rows, hiddenSize], dtype: 'float32' },
      cos: { shape: [rows, 1, headDim], dtype: 'float32' },
      sin: { shape: [rows, 1, headDim], dtype: 'float32' },
      slots: { shape: [rows * heads], dtype: 'int32' },
      promptMask: { shape: [BATCH, 1, 1, PROMPT], dtype: 'float32' },
      ownMask: { shape: [1, CAPACITY], dtype: 'float32' },
      promptCaches: { shape: [2 * numLayers, BATCH, heads, PROMPT, headDim], dtype: 'float32' },
      ownCaches: { shape: [2 * numLayers, own, headDim], dtype: 'float32' },
    };
    const step = (which: 'plain' | 'fused'): Entry => ({
      inputs,
      run: (fed, variables) => {
        const at = (name: string): tf.Tensor => fed[name] as tf.Tensor;
        const pairs = (all: tf.Tensor): KeyValues[] => {
          const each = tf.unstack(all);
          return Array.from({ length: numLayers }, (_, layer) => ({
            keys: each[2 * layer] as tf.Tensor,
            values: each[2 * layer + 1] as tf.Tensor,
          }));
        };
        const model: Model = {
          weights: Object.fromEntries(Object.keys(shapes).map((name) => [name, variables[name] as tf.Tensor])),
          adapter: {
            weights: Object.fromEntries(Object.keys(factors).map((name) => [name, variables[name] as tf.Tensor])),
            scaling: 1.5,
          },
          config,
        };
        const given: StepInputs = {
          embeds: at('embeds'),
          rotary: { cos: at('cos'), sin: at('sin') },
          shared: pairs(at('promptCaches')),
          caches: pairs(at('ownCaches')),
          batch: BATCH,
          groupSize: GROUP,
          capacity: CAPACITY,
          slots: at('slots'),
          promptMask: at('promptMask'),
          ownMask: at('ownMask'),
        };
        const { hidden, caches } =
          which === 'plain' ? runStep(model, given) : runFusedStep(model, fuseWeights(model), given);
        return {
          outputs: { hidden, caches: tf.stack(caches.flatMap((cache) => Object.values<tf.Tensor>({ ...cache }))) },
        };
      },
    });
    const [plainStep, fusedStep] = [step('plain'), step('fused')];
    const program = await createProgram(await loadRuntime(), {
      variables: variablesOf('weight', { ...shapes, ...factors }),
      entries: { plain: plainStep, fused: fusedStep },
    });
    for (const name of Object.keys(shapes)) program.set({ [name]: await tensors.readFloat32(name) });
    await tensors.close();
    Object.entries(factors).forEach(([name, shape], seed) => {
      program.set({ [name]: noise(sizeOf(shape), seed, 0.2) });
    });
    const feeds: Record<string, FeedData> = {};
    Object.entries(inputs).forEach(([name, { shape }], seed) => (feeds[name] = noise(sizeOf(shape), seed, 0.8)));
    feeds['slots'] = Int32Array.from({ length: rows * heads }, (_, i) => i * CAPACITY + POSITION);
    feeds['promptMask'] = new Float32Array(BATCH * PROMPT).fill(MASKED, 0, 2);
    feeds['ownMask'] = new Float32Array(CAPACITY).fill(MASKED, POSITION + 1);
    const plain = await program.call(plainStep, feeds);
    const fused = await program.call(fusedStep, feeds);
    program.dispose();
    for (const name of ['hidden', 'caches']) {
      const [found, wanted] = [fused[name] as Float32Array, plain[name] as Float32Array];
      const scale = Math.max(...wanted.map(Math.abs));
      const worst = Math.max(...found.map((value, index) => Math.abs(value - (wanted[index] ?? NaN))));
      expect(scale).toBeGreaterThan(0.1);
      expect(worst / scale, name).toBeLessThan(1e-5);
    }
  });
});
