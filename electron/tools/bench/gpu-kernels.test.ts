import { expect, it } from 'vitest';
import { kernelsTable, perStep } from './gpu-kernels.ts';

it('says what each kernel takes of a step, the longest first, and which rates it reaches', () => {
  const sums = new Map([
    ['sum', { dispatches: 4, bytes: 2e6, operations: 0, seconds: 0.002 }],
    ['product', { dispatches: 8, bytes: 6e6, operations: 24e9, seconds: 0.006 }],
    ['count', { dispatches: 2, bytes: 8, operations: 0, seconds: 0 }],
  ]);
  const lines = kernelsTable({ work: 'nano', method: 'grpo', kernels: perStep(sums, 2) }).split('\n');
  expect(lines[0]).toContain('nano, grpo, compiled: 4.0 ms of kernels a step');
  expect(lines.slice(4, 7)).toEqual([
    '| product | 4 | 3.000 ms | 75% | 1.0 | 4000.0 |',
    '| sum | 2 | 1.000 ms | 25% | 1.0 | – |',
    '| count | 1 | 0.000 ms | 0% | – | – |',
  ]);
});
