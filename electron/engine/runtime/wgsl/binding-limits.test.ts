/** @file A weight that is larger than a GPU binds lies in parts and gives the same results; anything else that is larger is refused by name. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { narrowToBfloat16 } from '../../../formats/float-bits.ts';
import { useSwiftShader } from '../../testing/swiftshader.ts';
import { loadRuntime, type Runtime } from '../backend.ts';
import { createProgram } from '../create-program.ts';
import { packNf4 } from '../own-ops.ts';
import { entryOf, float32, int32, variables, type ProgramSpec } from '../program.ts';
import { compiledNeeds } from './needs.ts';

const here = useSwiftShader();
let runtime: Runtime;

beforeAll(async () => {
  if (here) runtime = await loadRuntime();
});

const [ROWS, WIDTH] = [390, 64];
/** More than few, so that their product is computed in tiles. */
const MANY = 12;
/** In 4 bits, a part of a narrow table would take less than its logits. */
const NF4_WIDTH = 6 * WIDTH;
const values = Float32Array.from({ length: ROWS * NF4_WIDTH }, (_, i) => Math.sin(i * 12.9898));

/** What a model does with its table of words: rows by place, logits, and the gradient that goes through them. */
const wordsOf = (width: number) =>
  entryOf(
    ['rows', 'few', 'many', 'slopes', 'slope'],
    { ids: int32([5]), x: float32([3, width]), tall: float32([MANY, width]) },
    ({ ids, x, tall }, { table }) => {
      const logits = (hidden: tf.Tensor): tf.Tensor =>
        tf.matMul(hidden as tf.Tensor2D, table as tf.Tensor2D, false, true);
      const loss = (hidden: tf.Tensor): tf.Tensor => tf.sum(tf.square(tf.softmax(logits(hidden))));
      return {
        outputs: {
          rows: tf.mul(tf.gather(table!, ids as tf.Tensor1D), 2),
          few: logits(x!),
          many: logits(tall!),
          slope: tf.grad(loss)(x!),
          slopes: tf.grad(loss)(tall!),
        },
      };
    },
  );

function limitedTo(bytes: number): Runtime {
  return { ...runtime, gpu: { ...runtime.gpu!, limits: { bytes, buffers: 8 } } };
}

/** The table as a program keeps it. */
function tableIn(dtype: 'float32' | 'bfloat16' | 'nf4'): { width: number; data: Float32Array | Uint8Array } {
  if (dtype === 'nf4') return { width: NF4_WIDTH, data: packNf4(values) };
  const own = values.subarray(0, ROWS * WIDTH);
  if (dtype === 'float32') return { width: WIDTH, data: own };
  const halves = new Uint16Array(own.length);
  narrowToBfloat16(own, halves);
  return { width: WIDTH, data: new Uint8Array(halves.buffer) };
}

async function resultsOf(on: Runtime, dtype: Parameters<typeof tableIn>[0]) {
  const { width, data } = tableIn(dtype);
  const words = wordsOf(width);
  const spec: ProgramSpec = {
    variables: { table: { role: 'weight', shape: [ROWS, width], dtype } },
    entries: { words },
  };
  const program = await createProgram(on, spec);
  program.set({ table: data });
  const results = await program.call(words, {
    ids: Int32Array.of(0, 389, 99, 100, 210),
    x: values.subarray(0, 3 * width),
    tall: Float32Array.from({ length: MANY * width }, (_, i) => Math.cos(i)),
  });
  program.dispose();
  return results;
}

describe.skipIf(!here)('what a GPU can bind', () => {
  it.each([
    // A hundred rows in each of four parts, and two hundred in each of two.
    ['float32', 100 * WIDTH * 4 + 20],
    ['bfloat16', 200 * WIDTH * 2 + 5],
    // The last of four has fewer rows, and so its scales lie elsewhere.
    ['nf4', 100 * (NF4_WIDTH / 64) * 36 + 30],
  ] as const)('a table in parts gives the same to the last bit, in %s', async (dtype, bytes) => {
    const whole = await resultsOf(runtime, dtype);
    const parted = await resultsOf(limitedTo(bytes), dtype);
    expect(parted).toEqual(whole);
    expect(Math.abs(whole.few![7] ?? 0)).toBeGreaterThan(0);
  });

  it('refuses a weight of too many parts, one in parts that is trained, and a large result, by name', async () => {
    const refused = (on: Runtime, spec: ProgramSpec): Promise<unknown> =>
      createProgram(on, spec).then(
        () => null,
        (error: unknown) => error,
      );
    const table = variables('weight', { table: [ROWS, WIDTH] });
    const one = entryOf(['y'], {}, (_, { table: all }) => ({ outputs: { y: tf.sum(tf.square(all!)) } }));
    const twice = entryOf([], {}, (_, { table: all }) => ({ outputs: {}, updates: { table: tf.mul(all!, 2) } }));
    const wide = entryOf(['y'], { x: float32([300]) }, ({ x }) => ({ outputs: { y: tf.exp(x!) } }));
    expect(await refused(limitedTo(10_000), { variables: table, entries: { one } })).toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringMatching(/^The weight table takes 97\.5 KiB; .* tensors of up to 48\.8 KiB\.$/),
    });
    expect(await refused(limitedTo(50_000), { variables: table, entries: { twice } })).toMatchObject({
      message: expect.stringMatching(/^The weight table takes 97\.5 KiB; .* tensors of up to 48\.8 KiB\.$/),
    });
    expect(await refused(limitedTo(1000), { variables: {}, entries: { wide } })).toMatchObject({
      message: expect.stringMatching(/^A result of wide takes 1\.2 KiB; .* tensors of up to 1000 B\.$/),
    });
    expect(compiledNeeds({ variables: table, entries: { one } }, { bytes: 50_000, buffers: 8 }).largest).toEqual({
      of: 'table',
      bytes: 194 * WIDTH * 4,
    });
  });
});
