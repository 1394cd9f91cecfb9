/** @file A kernel that writes a formula, element by element. */
import { groupText, spread, type Kernel } from '../plan.ts';
import { sizeOf } from '../../program.ts';
import type { Storage, Value } from '../values.ts';
import { Writer } from '../writer.ts';
import { shaderOf } from './shader.ts';

const THREADS = 64;

export function mapKernel(value: Value, to: Storage): Kernel {
  const size = sizeOf(value.shape);
  const writer = new Writer([to]);
  const groups = Math.ceil(size / THREADS);
  writer.add(`let i: u32 = ${groupText(groups)} * ${THREADS}u + local;`, `if (i >= ${size}u) { return; }`);
  const text = writer.read(value, writer.at(value.shape, 'i'));
  writer.add(`o0[${size === 1 ? '0u' : 'i'}] = ${text};`);
  return shaderOf({ label: 'map', writer, writes: [to], groups: spread(groups), threads: THREADS });
}
