/** @file Which kernels become one, and that all of them still compute what they did. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useSwiftShader } from '../../testing/swiftshader.ts';
import { loadRuntime, type Runtime } from '../backend.ts';
import { entryOf, float32, type Entry, type FeedData, type Tensors } from '../program.ts';
import { NO_LIMIT } from './binding-limits.ts';
import { withDirectWrites } from './direct-writes.ts';
import { mapKernel } from './kernels/map.ts';
import type { Step } from './plan.ts';
import { sideBySide } from './side-by-side.ts';
import type { Storage, Value } from './values.ts';
import { createWgslProgram } from './wgsl-program.ts';

let ids = 0;
const storage = (size = 100): Storage => ({ id: ids++, size, type: 'f32', packed: null, place: { kind: 'work' } });

/** Copies one storage to another by a shader. */
function move(from: Storage, to: Storage): Step {
  const value: Value = { id: ids++, shape: [from.size], type: 'f32', form: { kind: 'stored', storage: from } };
  return { kind: 'kernel', kernel: mapKernel(value, to) };
}

/** What each step writes. */
function writesOf(steps: readonly Step[]): unknown[] {
  return steps.map((step) => {
    if (step.kind === 'kernel') return step.kernel.writes;
    return step.kind === 'loop' ? writesOf(step.body) : step.kind === 'copy' ? step.to : step.storage;
  });
}

describe('kernels side by side', () => {
  const [a, b, c, d, e] = [storage(), storage(), storage(), storage(), storage()];

  it('are those that do not need each other, wherever they stand', () => {
    const steps = [move(a, b), move(b, c), move(a, d), move(d, e)];
    expect(writesOf(sideBySide(steps, NO_LIMIT))).toEqual([
      [b, d],
      [c, e],
    ]);
  });

  it('never write what another reads or writes, and never pass what does', () => {
    expect(writesOf(sideBySide([move(a, b), move(b, c)], NO_LIMIT))).toEqual([[b], [c]]);
    expect(writesOf(sideBySide([move(a, b), move(c, a)], NO_LIMIT))).toEqual([[b], [a]]);
    expect(writesOf(sideBySide([move(a, b), move(c, b)], NO_LIMIT))).toEqual([[b], [b]]);
    const copied = sideBySide([move(a, b), { kind: 'copy', from: b, to: c }, move(c, d)], NO_LIMIT);
    expect(writesOf(copied)).toEqual([[b], c, [d]]);
  });

  it('stay on their side of a loop that touches what they touch', () => {
    const loop: Step = { kind: 'loop', count: 2, body: [move(a, b), move(a, c)] };
    expect(writesOf(sideBySide([move(a, e), loop, move(b, d), move(a, storage())], NO_LIMIT))).toEqual([
      [e, expect.anything()],
      [[b, c]],
      [d],
    ]);
  });

  it('bind no more buffers than the GPU can, and are of one kind or small', () => {
    const many = Array.from({ length: 8 }, () => move(a, storage()));
    expect(writesOf(sideBySide(many, NO_LIMIT)).map((each) => (each as unknown[]).length)).toEqual([7, 1]);
    const [large, other] = [storage(2 ** 20), storage(2 ** 20)];
    const map = move(large, other);
    const named: Step = map.kind === 'kernel' ? { kind: 'kernel', kernel: { ...map.kernel, label: 'sum' } } : map;
    expect(sideBySide([move(a, b), named], NO_LIMIT)).toHaveLength(2);
    expect(sideBySide([move(a, b), map], NO_LIMIT)).toHaveLength(1);
  });
});

describe('a new value of a variable', () => {
  const variable = (name: string): Storage => ({ ...storage(), place: { kind: 'variable', name } });

  it('is written where it belongs, unless the old one is still needed or the new one is given back', () => {
    const [v, w, a, b, c] = [variable('v'), variable('w'), storage(), storage(), storage()];
    const copy: Step = { kind: 'copy', from: a, to: v };
    expect(writesOf(withDirectWrites([move(v, b), move(b, a), move(a, c), copy], []))).toEqual([[b], [v], [c]]);
    expect(writesOf(withDirectWrites([move(b, a), move(v, c), copy], []))).toEqual([[a], [c], v]);
    expect(writesOf(withDirectWrites([move(v, a), copy], []))).toEqual([[a], v]);
    expect(writesOf(withDirectWrites([move(b, a), copy], [{ name: 'y', storage: a }]))).toEqual([[a], v]);
    const loop: Step = { kind: 'loop', count: 2, body: [move(w, a)] };
    expect(writesOf(withDirectWrites([loop, copy], []))).toEqual([[[v]]]);
    // Two variables with the same value.
    const second: Step = { kind: 'copy', from: a, to: w };
    expect(withDirectWrites([move(b, a), copy, second], []).slice(1)).toEqual([{ kind: 'copy', from: v, to: w }]);
  });
});

const here = useSwiftShader();
let runtime: Runtime;

beforeAll(async () => {
  if (here) runtime = await loadRuntime();
});

describe.skipIf(!here)('kernels side by side on a GPU', () => {
  type Names = 'long' | 'short' | 'sums' | 'soft' | 'wide';
  const inputs = { x: float32([40, 70]), y: float32([70, 50]), z: float32([70, 40]), row: float32([3, 70]) };
  const outputs: Record<Names, (given: Tensors) => tf.Tensor> = {
    long: ({ x, y }) => tf.matMul(x as tf.Tensor2D, y as tf.Tensor2D),
    short: ({ x, z }) => tf.matMul(x as tf.Tensor2D, z as tf.Tensor2D),
    sums: ({ x }) => tf.sum(tf.square(x!), 1),
    soft: ({ x }) => tf.softmax(x!),
    wide: ({ row, y }) => tf.matMul(row as tf.Tensor2D, y as tf.Tensor2D),
  };

  function run(names: readonly Names[], feeds: Record<string, FeedData>): Promise<Partial<Record<string, FeedData>>> {
    const entry = entryOf(['none'], inputs, (given) => ({
      outputs: Object.fromEntries(names.map((name) => [name, outputs[name](given)])),
    })) as unknown as Entry;
    const program = createWgslProgram({ variables: {}, entries: { entry } }, runtime.gpu!);
    return program.call(entry, feeds as never).finally(() => program.dispose());
  }

  it('compute the bits that each computes alone', async () => {
    const feeds = Object.fromEntries(
      Object.entries(inputs).map(([name, { shape }]) => {
        const size = shape.reduce((product, n) => product * n, 1);
        return [name, Float32Array.from({ length: size }, (_, i) => Math.sin(i * 7.3 + size))];
      }),
    );
    const names = Object.keys(outputs) as Names[];
    const together = await run(names, feeds);
    for (const name of names) expect(together[name], name).toEqual((await run([name], feeds))[name]);
  });
});
