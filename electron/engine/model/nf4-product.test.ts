/** @file Products with a matrix in NF4: those with the matrix that NF4 stands for, whatever is computed beside them. */
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { nf4Bytes, quantiseToNf4, roundToNf4 } from '../../formats/nf4.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { programMemory } from '../runtime/compiled-program.ts';
import { createProgram } from '../runtime/create-program.ts';
import { packNf4, partsOfNf4, registerOwnOps } from '../runtime/own-ops.ts';
import { entryOf, float32, type Entry, type Program, type TensorSpec, type VariableSpec } from '../runtime/program.ts';
import { mapRows, takeRows } from './blocks.ts';
import { linear } from './ops.ts';

const runtime = await loadRuntime();
const { native } = runtime;
const hasOwnOps = native?.ownOps === true;
// More than one part of a row's sum, rows that are no multiple of a tile, and work for several threads.
const [OUT, IN] = [133, 1152];

const values = (count: number, seed: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(i * 12.9898 + seed) * Math.cos(i * 0.37));
const MATRIX = values(OUT * IN, 1);
const ROUNDED = MATRIX.slice();
roundToNf4(ROUNDED);

const w = (dtype: VariableSpec['dtype']): Record<string, VariableSpec> => ({
  w: { role: 'weight', shape: [OUT, IN], dtype },
});

/** y = x Wᵀ, and the gradient of Σ y · factor. */
function bothWays(rows: number): Entry<{ x: TensorSpec<'float32'>; factor: TensorSpec<'float32'> }, 'y' | 'dx'> {
  return entryOf(['y', 'dx'], { x: float32([rows, IN]), factor: float32([rows, OUT]) }, ({ x, factor }, { w }) => {
    const dx = tf.grad((input: Tensor) => tf.sum(tf.mul(linear(input, w as Tensor), factor)))(x);
    return { outputs: { y: linear(x, w as Tensor), dx } };
  });
}

async function programWith(dtype: 'nf4' | 'float32', entry: Entry): Promise<Program> {
  const program = await createProgram(runtime, { variables: w(dtype), entries: { entry } });
  program.set({ w: dtype === 'nf4' ? packNf4(MATRIX) : ROUNDED });
  return program;
}

async function results(dtype: 'nf4' | 'float32', rows: number): Promise<{ y: Float32Array; dx: Float32Array }> {
  const entry = bothWays(rows);
  const program = await programWith(dtype, entry as unknown as Entry);
  const feeds = {
    x: values(MOST * IN, 2).subarray(0, rows * IN),
    factor: values(MOST * OUT, 3).subarray(0, rows * OUT),
  };
  const { y, dx } = await program.call(entry, feeds);
  program.dispose();
  return { y: y as Float32Array, dx: dx as Float32Array };
}

/** Rows on every side of the bounds between the ways in which a product is computed. */
const MOST = 70;
const COUNTS = [1, 4, 5, MOST];

function farthest(a: Float32Array, b: Float32Array): number {
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
}

function same(a: Float32Array, b: Float32Array): boolean {
  return Buffer.compare(bytes(a), bytes(b)) === 0;
}

function bytes({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

afterEach(() => {
  if (!hasOwnOps) return;
  registerOwnOps(1);
  delete native.weightsFolder;
});

describe.skipIf(!hasOwnOps)('a matrix in NF4', () => {
  it('is packed by the addon as it is in JavaScript', () => {
    const { codes, scales } = partsOfNf4(packNf4(MATRIX), MATRIX.length);
    expect({ codes, scales }).toEqual(quantiseToNf4(MATRIX));
  });

  it.each(['AVX-512', 'AVX2'] as const)('gives what its values give, with %s', async (most) => {
    registerOwnOps(1, { most });
    for (const rows of COUNTS) {
      const [own, plain] = [await results('nf4', rows), await results('float32', rows)];
      // Sums reach 300.
      expect(farthest(own.y, plain.y)).toBeLessThan(1e-3);
      expect(farthest(own.dx, plain.dx)).toBeLessThan(1e-3);
    }
  });

  it.each(['AVX-512', 'AVX2'] as const)(
    'gives a row the same bits beside other rows and on more threads, with %s',
    async (most) => {
      registerOwnOps(1, { most });
      const all = await results('nf4', MOST);
      registerOwnOps(3, { most });
      const threaded = await results('nf4', MOST);
      expect(same(threaded.y, all.y) && same(threaded.dx, all.dx)).toBe(true);
      for (const rows of COUNTS) {
        const { y, dx } = await results('nf4', rows);
        expect(same(y, all.y.subarray(0, y.length)) && same(dx, all.dx.subarray(0, dx.length))).toBe(true);
      }
    },
  );

  it('is read inside a loop of the graph', async () => {
    const entry = entryOf(['y'], { x: float32([MOST, IN]) }, ({ x }, { w }) => ({
      outputs: { y: mapRows([MOST, OUT], 32, (first, size) => linear(takeRows(x, first, size), w as Tensor)) },
    }));
    const program = await programWith('nf4', entry as unknown as Entry);
    const { y } = await program.call(entry, { x: values(MOST * IN, 2) });
    program.dispose();
    expect(same(y as Float32Array, (await results('nf4', MOST)).y)).toBe(true);
  });

  it('is mapped from the disk on request, and gives the same bits', async () => {
    const entry = bothWays(4);
    const mapped = async (): Promise<boolean> =>
      (await readFile('/proc/self/maps', 'utf8')).includes('atelier-weights');
    native!.weightsFolder = tmpdir();
    const program = await createProgram(runtime, { variables: w('nf4'), entries: { entry } });
    await program.fill(['w'], () => Promise.resolve(packNf4(MATRIX)));
    expect(programMemory(native!, { variables: w('nf4'), entries: { entry } }).variables.weight).toBeUndefined();
    const feeds = { x: values(MOST * IN, 2).subarray(0, 4 * IN), factor: values(MOST * OUT, 3).subarray(0, 4 * OUT) };
    const { y } = await program.call(entry, feeds);
    expect(await mapped()).toBe(true);
    program.dispose();
    expect(await mapped()).toBe(false);
    delete native!.weightsFolder;
    expect(same(y as Float32Array, (await results('nf4', 4)).y)).toBe(true);
  });

  it('takes 4.5 bits for each value, and is refused to anything but a product', () => {
    const entry = bothWays(4) as unknown as Entry;
    const { variables } = programMemory(native!, { variables: w('nf4'), entries: { entry } });
    expect(variables.weight).toBe((MATRIX.length * 4.5) / 8);
    expect(nf4Bytes(MATRIX.length)).toBe(variables.weight);
    const other = entryOf(['y'], {}, (_, { w }) => ({ outputs: { y: tf.mul(w as Tensor, 2) } })) as unknown as Entry;
    expect(() => programMemory(native!, { variables: w('nf4'), entries: { other } })).toThrow('can only be multiplied');
  });
});
