/** @file Memory estimated from small graphs, compared with counting by hand. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { loadRuntime } from './backend.ts';
import { programMemory } from './compiled-program.ts';
import type { NodeDef } from './graph-def.ts';
import { peakBytes } from './graph-memory.ts';

const node = (name: string, op: string, ...input: string[]): NodeDef => ({ name, op, input, attr: {} });
const sizes = (map: Record<string, number>): Map<string, number> => new Map(Object.entries(map));

describe('peak memory of a graph', () => {
  it('counts a result until its last reader has run', () => {
    const nodes = [
      node('x', 'Placeholder'),
      node('a', 'MatMul', 'x', 'x'),
      node('b', 'MatMul', 'a', 'a'),
      node('c', 'MatMul', 'b', 'b'),
    ];
    const bytes = sizes({ x: 10, a: 100, b: 100, c: 100 });
    // What is fed stays; beside it a and b, then b and c.
    expect(peakBytes({ nodes, bytes, kept: ['c'] })).toBe(210);
    expect(peakBytes({ nodes, bytes, kept: ['a', 'c'] })).toBe(310);
  });

  it('counts neither variables nor other names for the same memory, and lets sums write into their input', () => {
    const nodes = [
      node('w', 'ReadVariableOp', 'var/w'),
      node('x', 'Placeholder'),
      node('y', 'MatMul', 'x', 'w'),
      node('r', 'Reshape', 'y', 'shape'),
      node('z', 'Add', 'r', 'w'),
    ];
    expect(peakBytes({ nodes, bytes: sizes({ w: 1000, x: 10, y: 50, r: 50, z: 50 }), kept: ['z'] })).toBe(60);
  });

  it('leaves out what nothing needs, and counts every result of an op that has several', () => {
    const nodes = [node('x', 'Placeholder'), node('dead', 'MatMul', 'x', 'x'), node('s', 'SplitV', 'x')];
    const bytes = sizes({ x: 8, dead: 4000, s: 4, 's:1': 4 });
    expect(peakBytes({ nodes, bytes, kept: ['s:1'] })).toBe(16);
  });
});

const { native } = await loadRuntime();
describe.skipIf(native === null)('memory of a program', () => {
  it('has the variables by role, bfloat16 ones at half, and the peak of each kind of call', () => {
    if (native === null) return;
    const memory = programMemory(native, {
      variables: {
        w: { role: 'weight', shape: [64, 32], dtype: 'bfloat16' },
        v: { role: 'optimiser', shape: [64], dtype: 'float32' },
        u: { role: 'optimiser', shape: [2], dtype: 'float32' },
      },
      entries: {
        product: {
          inputs: { x: { shape: [80, 32], dtype: 'float32' } },
          run: ({ x }, { w }) => ({
            outputs: { y: tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D, false, true) },
          }),
        },
      },
    });
    expect(memory.variables).toEqual({ weight: 64 * 32 * 2, optimiser: 66 * 4 });
    // What is fed, and the result in bfloat16 while it becomes float32 (with fewer rows, our own op gives float32).
    expect(memory.calls['product']).toBe(4 * (80 * 32) + 2 * (80 * 64) + 4 * (80 * 64));
  });
});
