/** @file Every kernel against the same function on WebAssembly's or the processor's kernels, on small random shapes. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { attendInBlocks, MASKED } from '../../model/attention.ts';
import { bothWays, numbers } from '../../testing/both-ways.ts';
import { useSwiftShader } from '../../testing/swiftshader.ts';
import { loadRuntime, type Runtime } from '../backend.ts';
import { entryOf, float32, int32 } from '../program.ts';
import { createWgslProgram, planProgram } from './wgsl-program.ts';

const here = useSwiftShader();
let runtime: Runtime;

beforeAll(async () => {
  if (!here) return;
  runtime = await loadRuntime();
});

describe.skipIf(!here)('compiled kernels', () => {
  it('compute formulas element by element, with stretched operands', async () => {
    await bothWays(runtime, {
      inputs: { x: float32([3, 4, 5]), row: float32([5]), column: float32([3, 1, 1]), middle: float32([4, 1]) },
      run: ({ x, row, column, middle }) => ({
        sum: tf.add(tf.mul(x!, row!), tf.sub(column!, middle!)),
        functions: tf.tanh(tf.exp(tf.sigmoid(tf.neg(tf.square(x!))))),
        roots: tf.rsqrt(tf.add(tf.abs(x!), 0.5)),
        error: tf.erf(x!),
        chosen: tf.where(tf.greater(x!, row!), x!, tf.zerosLike(x!)),
        floor: tf.floor(tf.mul(x!, 4)),
        both: tf.cast(tf.logicalAnd(tf.greater(x!, 0), tf.less(x!, 0.5)), 'float32'),
        numbers: tf.mul(tf.exp(tf.scalar(2)), tf.ones([2])),
      }),
    });
  });

  it.each([
    [[7, 5], [1]],
    [[7, 5], [0]],
    [[3, 200], [1]],
    [[200, 3], [0]],
    [[3, 1000], [1]],
    [
      [4, 6, 30],
      [0, 2],
    ],
    [[4, 6, 30], [1]],
    [[33], [0]],
  ] as [number[], number[]][])('reduce %j over %j, and go on with the result', async (shape, axes) => {
    await bothWays(runtime, {
      alone: true,
      inputs: { x: float32(shape) },
      run: ({ x }) => ({
        sum: tf.sum(x!, axes),
        mean: tf.rsqrt(tf.add(tf.mean(tf.square(x!), axes, true), 1e-5)),
        max: tf.max(x!, axes),
        min: tf.min(x!, axes),
        all: tf.cast(tf.all(tf.greater(x!, -2), axes), 'float32'),
        any: tf.cast(tf.any(tf.greater(x!, 0.99), axes), 'float32'),
      }),
    });
  });

  it.each([[[3, 4]], [[9, 100]], [[2, 3, 700]]])('take the softmax of %j', async (shape) => {
    await bothWays(runtime, {
      alone: true,
      inputs: { x: float32(shape) },
      run: ({ x }) => ({ softmax: tf.softmax(tf.mul(x!, 9)), logarithm: tf.logSoftmax(tf.mul(x!, 9)) }),
    });
  });

  it.each([
    [[5, 7], [7, 6], false, false],
    [[70, 33], [33, 90], false, false],
    [[33, 70], [33, 90], true, false],
    [[70, 33], [90, 33], false, true],
    [[200, 130], [170, 130], false, true],
    [[500, 21], [510, 21], false, true],
    [[17, 1000], [17, 1030], true, false],
    [[1, 40], [50, 40], false, true],
    [[6, 40], [40, 50], false, false],
    [[100, 40], [3, 40], false, true],
    [[40, 100], [40, 3], true, false],
    [[2, 3, 9, 17], [2, 3, 17, 12], false, false],
    [[2, 3, 9, 17], [2, 3, 12, 17], false, true],
    [[2, 40, 20], [1, 20, 40], false, false],
    [[3, 4, 30], [3, 50, 30], false, true],
  ] as [number[], number[], boolean, boolean][])(
    'multiply %j and %j, transposed %s and %s',
    async (a, b, transposeA, transposeB) => {
      await bothWays(runtime, {
        alone: true,
        inputs: { a: float32(a), b: float32(b), bias: float32([1]) },
        run: ({ a, b, bias }) => {
          const product = tf.matMul(a!, b!, transposeA, transposeB);
          return { product, shifted: tf.relu(tf.add(tf.matMul(tf.neg(a!), b!, transposeA, transposeB), bias!)) };
        },
      });
    },
  );

  it('move values', async () => {
    await bothWays(runtime, {
      inputs: { x: float32([2, 3, 4]), y: float32([2, 5, 4]), ids: int32([3]) },
      whole: { ids: [2, 0, 2] },
      run: ({ x, y, ids }) => ({
        transposed: tf.transpose(x!, [2, 0, 1]),
        seen: tf.mul(tf.reshape(tf.transpose(x!, [1, 0, 2]), [6, 4]), 2),
        slice: tf.slice(x!, [0, 1, 2], [2, 2, 2]),
        joined: tf.concat([x!, tf.neg(y!), x!], 1),
        many: tf.concat(Array.from({ length: 15 }, (_, at) => tf.mul(x!, at))),
        gathered: tf.gather(x!, tf.cast(ids!, 'int32'), 1),
        tiled: tf.tile(x!, [2, 1, 3]),
        padded: tf.pad(
          x!,
          [
            [1, 0],
            [0, 2],
            [0, 0],
          ],
          7,
        ),
        stacked: tf.stack([x!, tf.mul(x!, 2)], 1),
        ...Object.fromEntries(tf.unstack(x!, 1).map((part, at) => [`part${String(at)}`, part])),
        ...Object.fromEntries(tf.split(x!, [1, 2], 1).map((part, at) => [`split${String(at)}`, part])),
        hot: tf.oneHot(ids as tf.Tensor1D, 4),
      }),
    });
  });

  it('add up by segment, run sums, and find the largest', async () => {
    await bothWays(runtime, {
      inputs: { x: float32([6, 5]), ids: int32([6]) },
      whole: { ids: [1, 0, 3, 1, 1, 3] },
      run: ({ x, ids }) => ({
        segments: tf.unsortedSegmentSum(x!, ids as tf.Tensor1D, 4),
        running: tf.cumsum(x!, 1),
        before: tf.cumsum(x!, 0, true),
        after: tf.cumsum(x!, 1, false, true),
        place: tf.argMax(x!, 1),
        down: tf.argMax(x!, 0),
        values: tf.topk(x!, 3).values,
        places: tf.topk(tf.round(tf.mul(x!, 2)), 4).indices,
      }),
    });
  });

  it.each([
    // Groups, queries, head dimension, shared keys and of how many sets, own keys. More than a block of each, and fewer.
    [4, 10, 8, 7, 2, 5],
    [4, 70, 40, 45, 1, 35],
    [2, 16, 80, 40, 2, 16],
    [1, 9, 200, 9, 1, 3],
    [3, 3, 72, 33, 3, 3],
  ])(
    'attend without writing scores: %d groups of %d queries',
    async (groups, queries, dim, shared, sharedSets, own) => {
      const padding = Float32Array.from({ length: shared }, (_, at) => (at < 3 ? MASKED : 0));
      await bothWays(runtime, {
        inputs: {
          q: float32([groups, queries, dim]),
          keys: float32([sharedSets, shared, dim]),
          values: float32([sharedSets, shared, dim]),
          ownKeys: float32([groups, own, dim]),
          ownValues: float32([groups, own, dim]),
          towards: float32([groups, queries, dim]),
        },
        run: ({ q, keys, values, ownKeys, ownValues, towards }) => {
          const mask = tf.tensor2d(padding, [1, shared]);
          const attend = (...parts: Tensor[]): Tensor => {
            const [asked, k, v, ok, ov] = parts as [Tensor, Tensor, Tensor, Tensor, Tensor];
            const sets = [
              { keys: k, values: v, mask },
              { keys: ok, values: ov, causal: { first: 0, places: own } },
            ];
            return attendInBlocks(asked, sets, 0.7);
          };
          const given = [q!, keys!, values!, ownKeys!, ownValues!];
          const [dq, dk, dv, dok, dov] = tf.grads(attend)(given, towards!) as [Tensor, Tensor, Tensor, Tensor, Tensor];
          return { context: attend(...given), dq, dk, dv, dok, dov };
        },
      });
    },
  );

  it('attend to keys at later places of a prompt, and to keys with two masks', async () => {
    await bothWays(runtime, {
      inputs: { q: float32([2, 6, 8]), keys: float32([2, 50, 8]), mask: float32([2, 50]), other: float32([1, 50]) },
      run: ({ q, keys, mask, other }) => {
        const causal = { first: 40, places: 3 };
        return {
          causal: attendInBlocks(q!, [{ keys: keys!, values: keys!, causal }], 1),
          masks: attendInBlocks(
            q!,
            [
              { keys: keys!, values: tf.neg(keys!), mask: mask! },
              { keys: tf.mul(keys!, 2), values: keys!, mask: other! },
            ],
            1,
          ),
        };
      },
    });
  });

  it('attend where there are no queries, or no keys in a set', async () => {
    const inputs = { q: float32([2, 3, 8]), none: float32([2, 0, 8]) };
    const entry = entryOf(['some', 'all', 'nothing'], inputs, ({ q, none }) => {
      const keys = { keys: q, values: q };
      return {
        outputs: {
          some: attendInBlocks(q, [{ keys: none, values: none }, keys], 1),
          all: attendInBlocks(q, [keys], 1),
          nothing: tf.grads((a: Tensor) => attendInBlocks(a, [keys], 1))([none], none)[0]!,
        },
      };
    });
    const program = createWgslProgram({ variables: {}, entries: { entry } }, runtime.gpu!);
    const { some, all, nothing } = await program.call(entry, { q: numbers(48, 1), none: new Float32Array(0) });
    program.dispose();
    expect(some).toEqual(all);
    expect(nothing).toEqual(new Float32Array(0));
  });

  it('differentiate', async () => {
    await bothWays(runtime, {
      inputs: { x: float32([5, 8]), w: float32([6, 8]) },
      run: ({ x, w }) => {
        const [dx, dw] = tf.grads((a: Tensor, b: Tensor) =>
          tf.sum(tf.logSoftmax(tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, false, true))),
        )([x!, w!]) as [Tensor, Tensor];
        return { dx, dw };
      },
    });
  });

  it.each([8, 32, 64])('are accepted where %d threads hand values to each other', async (together) => {
    const entry = entryOf(
      ['y'],
      { x: float32([3, 700]), q: float32([2, 9, 8]), wide: float32([600, 30]) },
      ({ x, q, wide }) => {
        const row = tf.matMul(tf.slice(x!, [0, 0], [1, 700]) as tf.Tensor2D, x as tf.Tensor2D, false, true);
        const [square, gram] = [false, true].map((turned) =>
          tf.matMul(wide as tf.Tensor2D, wide as tf.Tensor2D, turned, !turned),
        );
        const attended = attendInBlocks(q!, [{ keys: q!, values: q! }], 1);
        const parts = [
          tf.softmax(x!),
          tf.sum(tf.reshape(x!, [21, 100]), 1),
          tf.mean(x!, 1),
          row,
          attended,
          square!,
          gram!,
        ];
        return { outputs: { y: tf.addN(parts.map((part) => tf.sum(part))) } };
      },
    );
    const { plans } = planProgram({ variables: {}, entries: { entry } }, together);
    const kernels = plans.get(entry)!.plan.steps.flatMap((step) => (step.kind === 'kernel' ? [step.kernel] : []));
    const handing = kernels.filter(({ code }) => code.startsWith('enable subgroups;'));
    expect(new Set(handing.flatMap(({ label }) => label.split(' + ')))).toEqual(
      new Set(['softmax', 'sum', 'mean', 'narrow product', 'product', 'attention']),
    );
    const { device } = runtime.gpu!;
    device.pushErrorScope('validation');
    for (const { code } of handing) device.createShaderModule({ code });
    expect(await device.popErrorScope()).toBeNull();
  });
});
