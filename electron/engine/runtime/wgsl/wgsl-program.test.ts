/** @file Programs compiled for a GPU: variables, loops, Adam, what cannot be compiled, and the order of calls. */
import { readFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { useSwiftShader } from '../../testing/swiftshader.ts';
import { addToBlock, emptyBlocks, overRows, placesOf, takeRows } from '../../model/blocks.ts';
import { linear, updateRows } from '../../model/ops.ts';
import { loadRuntime, type Runtime } from '../backend.ts';
import { createProgram } from '../create-program.ts';
import { packNf4 } from '../own-ops.ts';
import { entryOf, float32, int32, variables } from '../program.ts';
import { PIECE } from './device-plan.ts';
import { KernelTimes } from './kernel-times.ts';
import { compiledNeeds } from './needs.ts';

const here = useSwiftShader();
let runtime: Runtime;

beforeAll(async () => {
  if (here) runtime = await loadRuntime();
});

const ones = (count: number): Float32Array => new Float32Array(count).fill(1);

describe.skipIf(!here)('a compiled program', () => {
  it('keeps variables on the device, and runs calls in their order', async () => {
    const add = entryOf(['before'], { x: float32([2]) }, ({ x }, { total }) => ({
      outputs: { before: total! },
      updates: { total: tf.add(total!, x!) },
    }));
    const program = await createProgram(runtime, {
      variables: variables('weight', { total: [2] }, 'zeros'),
      entries: { add },
    });
    const feed = Float32Array.of(1, 2);
    const calls = [program.call(add, { x: feed }), program.call(add, { x: feed })];
    feed.fill(100);
    expect(await Promise.all(calls)).toEqual([{ before: Float32Array.of(0, 0) }, { before: Float32Array.of(1, 2) }]);
    expect(await program.get(['total'])).toEqual({ total: Float32Array.of(2, 4) });
    program.dispose();
  });

  it('runs calls in a row, each with what the one before has given', async () => {
    const grow = entryOf(['next', 'sum'], { x: int32([3]), add: float32([]) }, ({ x, add }, { total }) => {
      const sum = tf.add(total!, tf.add(tf.sum(tf.cast(x!, 'float32')), add!));
      return { outputs: { next: tf.mul(x!, tf.scalar(2, 'int32')), sum }, updates: { total: sum } };
    });
    const program = await createProgram(runtime, {
      variables: variables('weight', { total: [] }, 'zeros'),
      entries: { grow },
    });
    const x = Int32Array.of(1, 2, 3);
    const feeds = [10, 20, 30].map((add) => ({ x, add: Float32Array.of(add) }));
    expect(await program.callInRow!(grow, feeds, { from: 'next', to: 'x' })).toEqual([
      { next: Int32Array.of(2, 4, 6), sum: Float32Array.of(16) },
      { next: Int32Array.of(4, 8, 12), sum: Float32Array.of(48) },
      { next: Int32Array.of(8, 16, 24), sum: Float32Array.of(102) },
    ]);
    await expect(program.callInRow!(grow, feeds, { from: 'sum', to: 'x' })).rejects.toThrow(
      'sum cannot be carried over to x.',
    );
    expect(await program.get(['total'])).toEqual({ total: Float32Array.of(102) });
    program.dispose();
  });

  it('writes in place, and computes before a write what is read from before it', async () => {
    const put = entryOf(['old', 'now'], { rows: float32([2, 3]) }, ({ rows }, { cache }) => {
      const old = tf.mul(cache!, 2);
      const now = updateRows(cache!, tf.tensor1d([3, 1], 'int32'), tf.neg(rows!));
      return { outputs: { old, now: tf.mul(now, 1) } };
    });
    const program = await createProgram(runtime, {
      variables: variables('cache', { cache: [4, 3] }),
      entries: { put },
    });
    program.set({ cache: ones(12) });
    const { old, now } = await program.call(put, { rows: ones(6) });
    expect(old).toEqual(new Float32Array(12).fill(2));
    expect(now).toEqual(Float32Array.of(1, 1, 1, -1, -1, -1, 1, 1, 1, -1, -1, -1));
    expect((await program.get(['cache'])).cache).toEqual(now);
    program.dispose();
  });

  it('runs loops with buffers that they fill, add to, and carry', async () => {
    const loop = entryOf(['doubled', 'sums', 'last'], { x: float32([5, 2]) }, ({ x }) => {
      const scale = tf.exp(tf.mul(tf.sum(x!), 0));
      const [doubled, sums, last] = overRows(
        5,
        2,
        [emptyBlocks([5, 2]), emptyBlocks([1, 2]), tf.zeros([2])],
        (first, size, [buffer, total, before]) => {
          const rows = takeRows(x!, first, size);
          const sum = tf.sum(rows, 0);
          return [
            updateRows(buffer as Tensor, tf.add(first, placesOf(size)), tf.mul(tf.mul(rows, 2), scale)),
            addToBlock(total as Tensor, tf.scalar(0, 'int32'), sum),
            tf.add(tf.mul(before as Tensor, 10), sum),
          ];
        },
      );
      return { outputs: { doubled: doubled!, sums: sums!, last: last! } };
    });
    const program = await createProgram(runtime, { variables: {}, entries: { loop } });
    const x = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    for (let turn = 0; turn < 2; turn++) {
      // Rows 0–1, 2–3, and 3–4, because blocks are of one size.
      expect(await program.call(loop, { x })).toEqual({
        doubled: x.map((value) => 2 * value),
        sums: Float32Array.of(4 + 12 + 16, 6 + 14 + 18),
        last: Float32Array.of(536, 758),
      });
    }
    program.dispose();
  });

  it('takes a step of Adam in place', async () => {
    const step = entryOf(['loss'], { g: float32([3]) }, ({ g }, { p }) => ({
      outputs: { loss: tf.sum(p!) },
      adam: {
        rate: tf.scalar(0.5),
        beta1: tf.scalar(0.5),
        beta2: tf.scalar(0.75),
        epsilon: tf.scalar(0),
        slots: [{ parameter: 'p', mean: 'm', square: 'v', gradient: tf.mul(g!, p!), decay: tf.scalar(0.5) }],
      },
    }));
    const program = await createProgram(runtime, {
      variables: {
        ...variables('weight', { p: [3] }),
        ...variables('optimiser', { m: [3], v: [3] }, 'zeros'),
      },
      entries: { step },
    });
    program.set({ p: Float32Array.of(2, 4, 8) });
    expect(await program.call(step, { g: Float32Array.of(1, -1, 2) })).toEqual({ loss: Float32Array.of(14) });
    // m = g/2 and v = g²/4, so the step is 0.5 · sign(g).
    expect(await program.get(['p', 'm', 'v'])).toEqual({
      p: Float32Array.of(0.5, 2.5, 3.5),
      m: Float32Array.of(1, -2, 8),
      v: Float32Array.of(1, 4, 64),
    });
    program.dispose();
  });

  it('widens variables that are kept in bfloat16, two in a word', async () => {
    const multiply = entryOf(['y', 'row'], { x: float32([1, 3]) }, ({ x }, { w }) => ({
      outputs: { y: tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D, false, true), row: tf.slice(w!, [1, 0], [1, 3]) },
    }));
    const program = await createProgram(runtime, {
      variables: { w: { role: 'weight', shape: [3, 3], dtype: 'bfloat16' } },
      entries: { multiply },
    });
    // The upper halves of 1 … 9 as float32, which need no more.
    const words = new Uint16Array(new Float32Array([1, 2, 3, 4, 5, 6, 7, 8, 9]).buffer).filter((_, at) => at % 2 === 1);
    program.set({ w: new Uint8Array(words.buffer) });
    expect(await program.call(multiply, { x: Float32Array.of(1, -1, 2) })).toEqual({
      y: Float32Array.of(5, 11, 17),
      row: Float32Array.of(4, 5, 6),
    });
    await expect(program.get(['w'])).rejects.toThrow('w is kept in bfloat16 and cannot be read back.');
    program.dispose();
  });

  it('unpacks matrices in NF4 to the bits that bitsandbytes dequantises, and multiplies with them both ways', async () => {
    const golden = JSON.parse(
      await readFile(new URL('../../../formats/fixtures/nf4.json', import.meta.url), 'utf8'),
    ) as Record<'values' | 'rounded', number[]>;
    const bits = (numbers: number[]): Float32Array => new Float32Array(Int32Array.from(numbers).buffer);
    const [rows, columns] = [golden.values.length / 128, 128];
    // Few rows, and more than a tile: another kernel each.
    for (const count of [3, 40]) {
      const both = entryOf(
        ['w', 'y', 'dx'],
        { x: float32([count, columns]), dy: float32([count, rows]) },
        ({ x, dy }, { w }) => {
          const dx = tf.grad((input: Tensor) => tf.sum(tf.mul(linear(input, w!), dy)))(x);
          return { outputs: { w: tf.mul(w!, 1), y: linear(x, w!), dx } };
        },
      );
      const results = async (dtype: 'nf4' | 'float32') => {
        const program = await createProgram(runtime, {
          variables: { w: { role: 'weight', shape: [rows, columns], dtype } },
          entries: { both },
        });
        program.set({ w: dtype === 'nf4' ? packNf4(bits(golden.values)) : bits(golden.rounded) });
        const wave = (size: number): Float32Array => Float32Array.from({ length: size }, (_, i) => Math.sin(i * 1.7));
        const found = await program.call(both, { x: wave(count * columns), dy: wave(count * rows) });
        program.dispose();
        return found;
      };
      const packed = await results('nf4');
      expect([...new Int32Array(packed.w!.buffer)]).toEqual(golden.rounded);
      expect(packed).toEqual(await results('float32'));
    }
    const spec = {
      variables: { w: { role: 'weight' as const, shape: [rows, columns], dtype: 'nf4' as const } },
      entries: {},
    };
    expect(compiledNeeds(spec).variables.weight).toBe((rows * columns * 4.5) / 8);
  });

  it('compiles all shaders side by side, counting them, and makes nothing again at later calls', async () => {
    const { device } = runtime.gpu!;
    const grow = entryOf(['y'], { x: float32([21, 40]) }, ({ x }, { w }) => {
      const product = tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D);
      return { outputs: { y: tf.softmax(product) }, updates: { w: tf.add(w!, tf.sum(product)) } };
    });
    const program = await createProgram(runtime, {
      variables: variables('weight', { w: [40, 37] }),
      entries: { grow },
    });
    const spies = (['createComputePipelineAsync', 'createBindGroup', 'createBuffer'] as const).map((name) =>
      vi.spyOn(device, name),
    );
    const made = (): number[] => spies.map((spy) => spy.mock.calls.length);
    // No shader waits for another: all have been asked for when the first is ready.
    const told: [number, number, number | undefined][] = [];
    await program.compile!([grow], (done, total) => told.push([done, total, made()[0]]));
    const total = told[0]![1];
    expect(total).toBeGreaterThan(2);
    expect(told).toEqual(Array.from({ length: total + 1 }, (_, done) => [done, total, done === 0 ? 0 : total]));
    await program.call(grow, { x: ones(840) });
    const [pipelines, groups, buffers] = made();
    expect([pipelines, groups]).toEqual([total, total]);
    await program.call(grow, { x: ones(840) });
    // Only a buffer to read back with.
    expect(made()).toEqual([total, total, buffers! + 1]);
    for (const spy of spies) spy.mockRestore();
    program.dispose();
  });

  it('changes nothing where the device refuses a call', async () => {
    const twice = entryOf([], {}, (_, { x }) => ({ outputs: {}, updates: { x: tf.mul(x!, 2) } }));
    const program = await createProgram(runtime, { variables: variables('weight', { x: [1] }), entries: { twice } });
    program.set({ x: ones(1) });
    const device = runtime.gpu!.device;
    const pop = device.popErrorScope.bind(device);
    const spied = vi.spyOn(device, 'popErrorScope').mockImplementationOnce(async () => {
      await pop();
      return { message: 'too many bindings' } as GPUError;
    });
    await expect(program.call(twice, {})).rejects.toThrow('The GPU refused a computation: too many bindings');
    spied.mockRestore();
    expect(await program.get(['x'])).toEqual({ x: ones(1) });
    await program.call(twice, {});
    expect(await program.get(['x'])).toEqual({ x: Float32Array.of(2) });
    program.dispose();
  });

  it('says before it reads a weight that the GPU has no room for them, and names the largest', async () => {
    const run = entryOf(['y'], {}, (_, { small, large }) => ({
      outputs: { y: tf.add(tf.sum(small!), tf.sum(large!)) },
    }));
    const spec = { variables: variables('weight', { small: [4], large: [3, 1024] }), entries: { run } };
    const program = await createProgram(runtime, spec);
    const { device } = runtime.gpu!;
    const pop = device.popErrorScope.bind(device);
    const spied = vi.spyOn(device, 'popErrorScope').mockImplementationOnce(async () => {
      await pop();
      return { message: 'vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY' } as GPUError;
    });
    const read = vi.fn((name: string) => Promise.resolve(ones(name === 'small' ? 4 : 3072)));
    await expect(program.fill(['small', 'large'], read)).rejects.toMatchObject({
      code: 'OUT_OF_MEMORY',
      message: 'The GPU has no room for weights of 12.0 KiB, the largest of which is large with 12.0 KiB.',
    });
    expect(read).not.toHaveBeenCalled();
    spied.mockRestore();
    await program.fill(['small', 'large'], read);
    expect((await program.call(run, {})).y).toEqual(Float32Array.of(3076));
    program.dispose();
  });

  it('says before it reads a weight that the driver makes no buffers as large as it has promised', async () => {
    const { device } = runtime.gpu!;
    const rows = Math.floor(device.limits.maxBufferSize / 4096) + 1;
    const run = entryOf(['y'], {}, (_, { large }) => ({ outputs: { y: tf.sum(large!) } }));
    const lying = { ...runtime, gpu: { ...runtime.gpu!, limits: { bytes: 2 ** 40, buffers: 8 } } };
    const spec = { variables: variables('weight', { large: [rows, 1024] }), entries: { run } };
    const program = await createProgram(lying, spec);
    const read = vi.fn((_name: string) => Promise.resolve(ones(1)));
    await expect(program.fill(['large'], read)).rejects.toMatchObject({
      code: 'OUT_OF_MEMORY',
      message: expect.stringMatching(/^The GPU has no room for weights of .* largest of which is large with /),
    });
    expect(read).not.toHaveBeenCalled();
    program.dispose();
    expect(runtime.gpu!.lost()).toBeNull();
  });

  it('finds what is no number by its bits, also what a shader has made itself', async () => {
    const look = entryOf(['finite', 'infinite', 'none', 'made'], { x: float32([7]) }, ({ x }) => ({
      outputs: {
        finite: tf.cast(tf.isFinite(x), 'float32'),
        infinite: tf.cast(tf.isInf(x), 'float32'),
        none: tf.cast(tf.isNaN(x), 'float32'),
        made: tf.cast(tf.isFinite(tf.mul(x, 3e38)), 'float32'),
      },
    }));
    const program = await createProgram(runtime, { variables: {}, entries: { look } });
    const found = await program.call(look, { x: Float32Array.of(0, -1.5, NaN, Infinity, -Infinity, 3.4e38, 1) });
    expect(found).toEqual({
      finite: Float32Array.of(1, 1, 0, 0, 0, 1, 1),
      infinite: Float32Array.of(0, 0, 0, 1, 1, 0, 0),
      none: Float32Array.of(0, 0, 1, 0, 0, 0, 0),
      made: Float32Array.of(1, 0, 0, 0, 0, 0, 1),
    });
    program.dispose();
  });

  it('measures its kernels by the clock of the GPU, if somebody wants to know', async () => {
    const { programs, device } = runtime.gpu!;
    programs.times = KernelTimes.on(device, PIECE);
    const run = entryOf(['y'], { x: float32([16, 16]) }, ({ x }) => ({
      outputs: { y: tf.sum(tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D), 1) },
    }));
    const program = await createProgram(runtime, { variables: {}, entries: { run } });
    for (let turn = 0; turn < 2; turn++)
      expect((await program.call(run, { x: ones(256) })).y).toEqual(new Float32Array(16).fill(256));
    program.dispose();
    const { byLabel } = programs.times!;
    programs.times = null;
    expect([...byLabel.keys()]).toEqual(['product', 'sum']);
    // It reads the same buffer twice, which is bound once.
    expect(byLabel.get('product')).toMatchObject({ dispatches: 2, bytes: 2 * 2 * 1024, operations: 2 * 2 * 16 ** 3 });
    expect(byLabel.get('product')!.seconds).toBeGreaterThanOrEqual(0);
  });

  it('runs op by op if an op cannot be compiled, and says which', async () => {
    const sine = entryOf(['y'], { x: float32([2]) }, ({ x }) => ({ outputs: { y: tf.sin(x!) } }));
    const program = await createProgram(runtime, { variables: {}, entries: { sine } });
    expect((await program.call(sine, { x: Float32Array.of(0, 0) })).y).toEqual(Float32Array.of(0, 0));
    expect(runtime.gpu!.programs.notCompiled).toBe('Sin');
    program.dispose();
  });
});
