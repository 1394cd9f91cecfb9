/** @file AdamW as a compiled program takes it (one fused op in place) and as it is taken op by op, beside plain arithmetic. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { loadRuntime } from '../../runtime/backend.ts';
import { compileProgram } from '../../runtime/compiled-program.ts';
import { createEagerProgram } from '../../runtime/eager-program.ts';
import { entryOf, float32, variables, type Program, type ProgramSpec } from '../../runtime/program.ts';
import { adamUpdate, type AdamConfig } from './adamw.ts';
import { optimiserVariables } from './update-program.ts';

const CONFIG: AdamConfig = { adamBeta1: 0.9, adamBeta2: 0.99, adamEpsilon: 1e-8, weightDecay: 0.1, maxGradNorm: 0.5 };
/** Names say nothing about decay: a matrix decays whatever it is called, and a vector does not. */
const START = { 'norm.bias': [0.5, -1, 2], 'a.weight': [0.3] };
const SHAPES: Record<keyof typeof START, number[]> = { 'norm.bias': [1, 3], 'a.weight': [1] };
const RATE = 0.05;
const scalar = float32([]);
const { native } = await loadRuntime();

const NAMES = Object.keys(START);

/** Minimises ½Σθ², so the gradient is θ itself: it is read from the very variables that the step changes. */
const STEP = entryOf(
  ['norm', 'loss'],
  { learningRate: scalar, correction1: scalar, correction2: scalar, scale: scalar },
  ({ scale, ...scalars }, current) => {
    const at = (name: string): tf.Tensor => current[name] as tf.Tensor;
    const trained = NAMES.map((name) => ({ name, gradient: tf.mul(at(name), scale) }));
    const { norm, adam } = adamUpdate(trained, scalars, CONFIG);
    const loss = tf.addN(NAMES.map((name) => tf.sum(tf.square(at(name)))));
    return { outputs: { norm, loss }, adam };
  },
);

function spec(): ProgramSpec {
  return {
    variables: { ...variables('weight', SHAPES), ...optimiserVariables(SHAPES, NAMES) },
    entries: { step: STEP },
  };
}

async function takeSteps(
  program: Program,
  scales: readonly number[],
): Promise<{ norms: number[]; values: Record<string, number[]> }> {
  program.set(Object.fromEntries(Object.entries(START).map(([name, values]) => [name, Float32Array.from(values)])));
  const norms: number[] = [];
  for (const [index, scale] of scales.entries()) {
    const t = index + 1;
    const feeds = {
      learningRate: Float32Array.of(RATE),
      correction1: Float32Array.of(1 - CONFIG.adamBeta1 ** t),
      correction2: Float32Array.of(Math.sqrt(1 - CONFIG.adamBeta2 ** t)),
      scale: Float32Array.of(scale),
    };
    const { norm } = await program.call(STEP, feeds);
    norms.push(norm?.[0] ?? NaN);
  }
  const values = await program.get(Object.keys(START));
  program.dispose();
  return { norms, values: Object.fromEntries(Object.entries(values).map(([name, each]) => [name, [...each]])) };
}

/** torch.optim.AdamW after torch.nn.utils.clip_grad_norm_, in double precision. */
function expected(steps: number): Record<string, number[]> {
  const values = structuredClone(START) as Record<string, number[]>;
  const means = Object.fromEntries(Object.entries(values).map(([name, each]) => [name, each.map(() => 0)]));
  const squares = structuredClone(means);
  for (let t = 1; t <= steps; t++) {
    const norm = Math.sqrt(
      Object.values(values)
        .flat()
        .reduce((sum, value) => sum + value ** 2, 0),
    );
    const clip = Math.min(1, CONFIG.maxGradNorm / (norm + 1e-6));
    for (const [name, each] of Object.entries(values)) {
      values[name] = each.map((value, i) => {
        const g = value * clip;
        const m = ((means[name] as number[])[i] =
          CONFIG.adamBeta1 * (means[name]?.[i] ?? 0) + (1 - CONFIG.adamBeta1) * g);
        const v = ((squares[name] as number[])[i] =
          CONFIG.adamBeta2 * (squares[name]?.[i] ?? 0) + (1 - CONFIG.adamBeta2) * g * g);
        const decayed = name === 'a.weight' ? value : value * (1 - RATE * CONFIG.weightDecay);
        const denominator = Math.sqrt(v) / Math.sqrt(1 - CONFIG.adamBeta2 ** t) + CONFIG.adamEpsilon;
        return decayed - (RATE / (1 - CONFIG.adamBeta1 ** t)) * (m / denominator);
      });
    }
  }
  return values;
}

const kinds: [string, () => Promise<Program>][] = [['op by op', () => Promise.resolve(createEagerProgram(spec()))]];
if (native !== null) kinds.push(['in one fused op', () => compileProgram(native, spec())]);

describe.each(kinds)('AdamW %s', (_what, build) => {
  it('clips by the global norm, corrects both biases and decays matrices but not vectors', async () => {
    const { norms, values } = await takeSteps(await build(), [1, 1, 1, 1]);
    expect(norms[0]).toBeCloseTo(Math.sqrt(0.25 + 1 + 4 + 0.09), 5);
    for (const [name, wanted] of Object.entries(expected(4)))
      wanted.forEach((value, i) => expect(values[name]?.[i], name).toBeCloseTo(value, 5));
  });

  it('changes nothing at all where the norm is not finite', async () => {
    const { norms, values } = await takeSteps(await build(), [1, Infinity, NaN]);
    expect(norms.slice(1).some(Number.isFinite)).toBe(false);
    for (const [name, wanted] of Object.entries(expected(1)))
      wanted.forEach((value, i) => expect(values[name]?.[i], name).toBeCloseTo(value, 5));
  });
});
