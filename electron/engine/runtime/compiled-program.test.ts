/** @file Compiled programs: what variables hold at the start, and weights that are kept in bfloat16. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { float32ToBfloat16, bfloat16ToFloat32 } from '../../formats/float-bits.ts';
import { gatherRows, linear, updateRows } from '../model/ops.ts';
import { loadRuntime } from './backend.ts';
import { createProgram } from './create-program.ts';
import { entryOf, float32, int32, type Program, type ReadableBytes, type VariableSpec } from './program.ts';

const runtime = await loadRuntime();
// Few rows are multiplied the other way round (tracer.ts): counts on both sides of its bounds.
const ROWS = [5, 9, 64, 65] as const;
const INPUTS = 16;
const OUTPUTS = 24;

const numbers = (count: number, seed: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(i * 12.9898 + seed) * 0.7);
const bytesOf = (values: Float32Array): Uint8Array =>
  new Uint8Array(Uint16Array.from(values, float32ToBfloat16).buffer);
const rounded = (values: Float32Array): Float32Array =>
  values.map((value) => bfloat16ToFloat32(float32ToBfloat16(value)));

const tensor = (map: Record<string, tf.Tensor>, name: string): tf.Tensor => {
  const found = map[name];
  if (found === undefined) throw new Error(`${name} is missing`);
  return found;
};

describe.skipIf(runtime.native === null)('a compiled program', () => {
  it('gives variables of one shape their own zeros: writing into one in place leaves the other', async () => {
    const cache: VariableSpec = { role: 'cache', shape: [3, 2], dtype: 'float32', initial: 'zeros' };
    const write = entryOf(['written'], { rows: float32([1, 2]), at: int32([1]) }, (inputs, variables) => ({
      outputs: { written: updateRows(tensor(variables, 'a'), inputs.at, inputs.rows) },
    }));
    const program = await createProgram(runtime, { variables: { a: cache, b: cache }, entries: { write } });
    await program.call(write, { rows: Float32Array.of(7, 8), at: Int32Array.of(1) });
    expect(await program.get(['a', 'b'])).toEqual({ a: Float32Array.of(0, 0, 7, 8, 0, 0), b: new Float32Array(6) });
    program.dispose();
  });

  it('prepares an entry point without changing anything, before and after there are values', async () => {
    const seen: VariableSpec = { role: 'cache', shape: [2], dtype: 'float32', initial: 'zeros' };
    const weight: VariableSpec = { role: 'weight', shape: [2], dtype: 'float32' };
    const scale = entryOf(['scaled'], { x: float32([2]), times: int32([]) }, ({ x, times }, variables) => {
      const scaled = tf.mul(tf.mul(tf.add(x, 1), tf.cast(times, 'float32')), tensor(variables, 'w'));
      return { outputs: { scaled }, updates: { seen: scaled } };
    });
    const variables = { w: weight, seen };
    const program = await createProgram(runtime, { variables, entries: { scale } });
    program.prepare([scale]);
    expect(await program.get(['seen'])).toEqual({ seen: new Float32Array(2) });
    await program.fill(
      ['w'],
      () => Promise.resolve(Float32Array.of(2, 3)),
      () => {
        program.prepare([scale]);
      },
    );
    const { scaled } = await program.call(scale, { x: Float32Array.of(0, 1), times: Int32Array.of(5) });
    expect(scaled).toEqual(Float32Array.of(10, 30));
    expect(await program.get(['seen'])).toEqual({ seen: scaled });
    program.prepare([scale]);
    expect(await program.get(['seen'])).toEqual({ seen: scaled });
    program.dispose();
  });

  describe('with a weight in bfloat16', () => {
    const weight = numbers(OUTPUTS * INPUTS, 1);
    const product = (count: number) =>
      entryOf(['y', 'value', 'gradient'], { x: float32([count, INPUTS]) }, ({ x }, variables) => {
        const w = tensor(variables, 'w');
        const { value, grads } = tf.valueAndGrads(
          (input: tf.Tensor) => tf.sum(tf.square(linear(input, w))) as tf.Scalar,
        )([x]);
        return { outputs: { y: linear(x, w), value, gradient: grads[0] as tf.Tensor } };
      });
    const products = new Map(ROWS.map((count) => [count, product(count)]));
    const rows = entryOf(['rows', 'reshaped'], { ids: int32([3]) }, ({ ids }, variables) => ({
      outputs: {
        rows: gatherRows(tensor(variables, 'w'), ids),
        reshaped: tf.mul(tf.reshape(tensor(variables, 'w'), [INPUTS, OUTPUTS]), 2),
      },
    }));
    const build = (dtype: VariableSpec['dtype']): Promise<Program> =>
      createProgram(runtime, {
        variables: { w: { role: 'weight', shape: [OUTPUTS, INPUTS], dtype } },
        entries: { product: [...products.values()], rows },
      });

    it.each(ROWS)('computes products of %i rows and their gradients to the precision of bfloat16', async (count) => {
      const x = numbers(count * INPUTS, 2);
      const [half, full] = await Promise.all([build('bfloat16'), build('float32')]);
      half.set({ w: bytesOf(weight) });
      full.set({ w: rounded(weight) });
      const entry = products.get(count);
      if (entry === undefined) throw new Error('There is no such product.');
      const found = await half.call(entry, { x });
      const wanted = await full.call(entry, { x });
      for (const name of ['y', 'gradient'] as const) {
        const scale = Math.max(...(wanted[name] as Float32Array).map(Math.abs));
        const worst = Math.max(
          ...(found[name] as Float32Array).map((value, i) => Math.abs(value - (wanted[name]?.[i] ?? NaN))),
        );
        expect(worst / scale, name).toBeLessThan(2 ** -6);
        expect(worst, `${name} is rounded, or bfloat16 was not used`).toBeGreaterThan(0);
      }
      half.dispose();
      full.dispose();
    });

    it('gives a row the same result beside few rows and many, up to the order in which it is summed', async () => {
      const [width, most] = [512, 80];
      const given = numbers(most * width, 3);
      const wide = bytesOf(numbers(width * width, 4));
      const ofRows = async (count: number): Promise<Float32Array> => {
        const entry = entryOf(['y'], { x: float32([count, width]) }, ({ x }, variables) => ({
          outputs: { y: linear(x, tensor(variables, 'w')) },
        }));
        const program = await createProgram(runtime, {
          variables: { w: { role: 'weight', shape: [width, width], dtype: 'bfloat16' } },
          entries: { entry },
        });
        program.set({ w: wide });
        const { y } = await program.call(entry, { x: given.slice(0, count * width) });
        program.dispose();
        return y as Float32Array;
      };
      const many = await ofRows(most);
      for (const count of [1, 16, 64]) {
        const few = await ofRows(count);
        expect(few).toEqual(rounded(few));
        // Kernels sum in orders of their own, so a sum may fall on the other side of the middle between two steps.
        const differing = [...few.keys()].filter((i) => few[i] !== many[i]);
        expect(differing.length, `${count} rows`).toBeLessThan(few.length / 500);
        for (const i of differing)
          expect(Math.abs(few[i]! - many[i]!)).toBeLessThan(2 ** -7 * Math.max(1e-4, Math.abs(few[i]!)));
      }
    });

    it('gives its rows and other uses exactly', async () => {
      const program = await build('bfloat16');
      program.set({ w: bytesOf(weight) });
      const { rows: gathered, reshaped } = await program.call(rows, { ids: Int32Array.of(4, 0, 23) });
      const exact = rounded(weight);
      const row = (index: number): number[] => [...exact.slice(index * INPUTS, (index + 1) * INPUTS)];
      expect([...(gathered as Float32Array)]).toEqual([...row(4), ...row(0), ...row(23)]);
      expect([...(reshaped as Float32Array)]).toEqual([...exact.map((value) => value * 2)]);
      program.dispose();
    });

    it('is filled from memory that is used again for the value after the next', async () => {
      const program = await build('bfloat16');
      program.set({ w: bytesOf(weight) });
      const before = await program.call(rows, { ids: Int32Array.of(4, 0, 23) });
      const other = await build('bfloat16');
      const reused = bytesOf(weight);
      await other.fill(['w'], () => Promise.resolve(reused));
      reused.fill(0);
      expect(await other.call(rows, { ids: Int32Array.of(4, 0, 23) })).toEqual(before);
      await expect(other.fill(['w'], () => Promise.reject(new Error('the disk')))).rejects.toThrow('the disk');
      await expect(other.fill(['w'], () => Promise.resolve(new Uint8Array(4)))).rejects.toThrow('768 bytes');
      program.dispose();
      other.dispose();
    });

    it('reads what is too large for memory in pieces, and is as it was if that fails', async () => {
      const [program, other] = [await build('bfloat16'), await build('bfloat16')];
      program.set({ w: bytesOf(weight) });
      const wanted = await program.call(rows, { ids: Int32Array.of(4, 0, 23) });
      const bytes = bytesOf(weight);
      const readable = (byteLength = bytes.byteLength): ReadableBytes => ({
        byteLength,
        readInto: async (offset, target) => {
          await Promise.resolve();
          target.set(bytes.subarray(offset, offset + target.byteLength));
        },
      });
      await other.fill(['w'], () => Promise.resolve(readable()));
      expect(await other.call(rows, { ids: Int32Array.of(4, 0, 23) })).toEqual(wanted);
      const broken = { ...readable(), readInto: () => Promise.reject(new Error('the disk')) };
      await expect(other.fill(['w'], () => Promise.resolve(broken))).rejects.toThrow('the disk');
      await expect(other.fill(['w'], () => Promise.resolve(readable(4)))).rejects.toThrow('768 bytes');
      expect(await other.call(rows, { ids: Int32Array.of(4, 0, 23) })).toEqual(wanted);
      program.dispose();
      other.dispose();
    });

    it('puts pieces where they belong', async () => {
      const [outputs, inputs] = [2100, 2048];
      const large = numbers(outputs * inputs, 3);
      const bytes = bytesOf(large);
      const offsets: number[] = [];
      const ends = entryOf(['rows'], { ids: int32([2]) }, ({ ids }, variables) => ({
        outputs: { rows: gatherRows(tensor(variables, 'w'), ids) },
      }));
      const program = await createProgram(runtime, {
        variables: { w: { role: 'weight', shape: [outputs, inputs], dtype: 'bfloat16' } },
        entries: { ends },
      });
      const readInto = async (offset: number, target: Uint8Array): Promise<void> => {
        offsets.push(offset);
        await Promise.resolve();
        target.set(bytes.subarray(offset, offset + target.byteLength));
      };
      await program.fill(['w'], () => Promise.resolve({ byteLength: bytes.byteLength, readInto }));
      const { rows: found } = await program.call(ends, { ids: Int32Array.of(0, outputs - 1) });
      const wanted = rounded(large);
      expect(found).toEqual(Float32Array.of(...wanted.slice(0, inputs), ...wanted.slice(-inputs)));
      if (runtime.native?.sessions !== undefined) expect(offsets).toEqual([0, 8 * 1024 * 1024]);
      program.dispose();
    });

    it('refuses values of another kind or size', async () => {
      const program = await build('bfloat16');
      expect(() => {
        program.set({ w: weight });
      }).toThrow('768 bytes');
      expect(() => {
        program.set({ w: new Uint8Array(4) });
      }).toThrow('768 bytes');
      program.dispose();
    });
  });
});
