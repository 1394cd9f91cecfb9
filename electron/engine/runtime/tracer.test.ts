/** @file What a trace makes of constants. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { emptyBlocks, putBlock, repeat } from '../model/blocks.ts';
import { loadRuntime } from './backend.ts';
import { compileProgram, programMemory } from './compiled-program.ts';
import { entryOf, float32, floats } from './program.ts';
import { phantomTensor } from './phantoms.ts';
import { Tracer } from './tracer.ts';

const { native } = await loadRuntime();

const withConstants = (...constants: (() => tf.Tensor)[]) =>
  entryOf(['y'], { x: float32([2]) }, ({ x }) => ({
    outputs: { y: constants.reduce((sum: tf.Tensor, make) => tf.add(sum, make()), x) },
  }));

describe.skipIf(native === null)('constants', () => {
  it('of equal shape, type and content are one node, and others are not', async () => {
    if (native === null) return;
    const pair = () => tf.tensor1d([1, 2]);
    const nodesOf = (...constants: (() => tf.Tensor)[]): number =>
      programMemory(native, { variables: {}, entries: { sum: withConstants(...constants) } }).nodes;
    // An addition each, and a node for each constant that differs.
    const one = nodesOf(pair);
    expect(nodesOf(pair, pair)).toBe(one + 1);
    expect(nodesOf(pair, () => tf.tensor1d([1, 3]))).toBe(one + 2);
    expect(nodesOf(pair, () => tf.tensor2d([[1, 2]]))).toBe(one + 2);
    const sum = withConstants(pair, pair, () => tf.tensor1d([1, 3]));
    const program = await compileProgram(native, { variables: {}, entries: { sum } });
    expect(floats(await program.call(sum, { x: Float32Array.of(10, 20) }), 'y')).toEqual(Float32Array.of(13, 27));
    program.dispose();
  });

  it('that are really data are refused, with the entry point and the shape', () => {
    if (native === null) return;
    const constant = withConstants(() => tf.tensor(new Float32Array(2100 * 2100 * 2), [2100, 2100, 2]));
    expect(() => programMemory(native, { variables: {}, entries: { sum: constant } })).toThrow(
      'sum has a constant of shape [2100, 2100, 2] and 35280000 bytes',
    );
  });
});

describe.skipIf(native === null)('loops', () => {
  it('allocate what they fill when they can begin, not when the call does', () => {
    if (native === null) return;
    const tracer = new Tracer(native, 'two', () => undefined);
    tf.tidy(() => {
      const x = phantomTensor(native, [8], 'float32');
      tracer.bind(x, 'x');
      const twice = (before: tf.Tensor): tf.Tensor => {
        const [filled] = repeat(4, [emptyBlocks([4, 8])], (index, [buffer]) => [putBlock(buffer!, index, before)]);
        return tf.sum(filled!, 0);
      };
      tracer.record(() => twice(twice(x)));
    });
    const [first, second] = tracer.nodes.filter(({ op }) => op === 'Empty');
    const sum = tracer.nodes.find(({ op }) => op === 'Sum');
    expect(first?.input).toContain('^x');
    expect(second?.input).toContain(`^${sum?.name ?? ''}`);
    expect(second?.input).not.toContain('^x');
  });
});
