/** @file A step of Adam in place: parameter and both means in one pass over the memory (AdamUpdate in program.ts). */
import { groupText, spread, type Kernel } from '../plan.ts';
import { sizeOf } from '../../program.ts';
import type { Storage, Value } from '../values.ts';
import { Writer } from '../writer.ts';
import { shaderOf } from './shader.ts';

const THREADS = 64;

export interface AdamCall {
  parameter: Storage;
  mean: Storage;
  square: Storage;
  gradient: Value;
  /** Scalars. */
  rate: Value;
  beta1: Value;
  beta2: Value;
  epsilon: Value;
  decay: Value | null;
}

export function adamKernel({ parameter, mean, square, gradient, ...scalars }: AdamCall): Kernel {
  const size = sizeOf(gradient.shape);
  const writes = [parameter, mean, square];
  const writer = new Writer(writes);
  const groups = Math.ceil(size / THREADS);
  writer.add(`let i: u32 = ${groupText(groups)} * ${THREADS}u + local;`, `if (i >= ${size}u) { return; }`);
  const scalar = (value: Value): string => writer.read(value, writer.at(value.shape, '0u'));
  const slope = writer.read(gradient, writer.at(gradient.shape, 'i'));
  const decayed = scalars.decay === null ? 'o0[i]' : `o0[i] * ${scalar(scalars.decay)}`;
  writer.add(
    `let mean: f32 = o1[i] + (${slope} - o1[i]) * (1.0 - ${scalar(scalars.beta1)});`,
    `let square: f32 = o2[i] + (${slope} * ${slope} - o2[i]) * (1.0 - ${scalar(scalars.beta2)});`,
    `o0[i] = ${decayed} - ${scalar(scalars.rate)} * (mean / (sqrt(square) + ${scalar(scalars.epsilon)}));`,
    'o1[i] = mean;',
    'o2[i] = square;',
  );
  return shaderOf({ label: 'adam', writer, writes, groups: spread(groups), threads: THREADS });
}
