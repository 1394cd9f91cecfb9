/** @file The number of an iteration, raised by one. */
import type { Kernel } from '../plan.ts';
import type { Storage } from '../values.ts';
import { Writer } from '../writer.ts';
import { shaderOf } from './shader.ts';

export function countKernel(counter: Storage): Kernel {
  const writer = new Writer([counter]);
  writer.add('o0[0] += 1i;');
  return shaderOf({ label: 'count', writer, writes: [counter], groups: [1, 1, 1], threads: 1 });
}
