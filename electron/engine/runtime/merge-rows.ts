/** @file Adds a low-rank product to stored weights: W + scaling · B A, in float32, rounded to the type W is stored in. */
import * as tf from '@tensorflow/tfjs-core';
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from '../../formats/float-bits.ts';
import { unalignedFloats } from '../../formats/unaligned.ts';
import type { Runtime } from './backend.ts';
import { DT_BFLOAT16, DT_UINT8 } from './graph-def.ts';
import type { NativeBackend, NativeBinding, OpAttribute } from './native-api.ts';

/** TensorFlow's number for float16; the binding exports no name for it. */
const DT_HALF = 19;

export interface RowsToMerge {
  /** Little-endian values of whole rows, [rows, columns]. */
  readonly bytes: Uint8Array;
  readonly dtype: 'F32' | 'F16' | 'BF16';
  readonly columns: number;
  /** [r, columns] */
  readonly a: Float32Array;
  /** [rows, r]: the rows of B that belong to these rows. */
  readonly b: Float32Array;
  readonly r: number;
  readonly scaling: number;
}

/** The merged rows, as bytes of the same type. Call it with a few megabytes at a time. */
export async function mergeRows(runtime: Runtime, job: RowsToMerge): Promise<Uint8Array> {
  // The binding returns 16-bit values in pairs only.
  const paired = job.dtype === 'F32' || (job.bytes.length / 2) % 2 === 0;
  return runtime.native !== null && paired ? mergeNative(runtime.native, job) : await mergePortable(job);
}

function mergeNative({ binding }: NativeBackend, { bytes, dtype, columns, a, b, r, scaling }: RowsToMerge): Uint8Array {
  const rows = b.length / r;
  const ids: number[] = [];
  const keep = (id: number): number => {
    ids.push(id);
    return id;
  };
  const op = (name: string, attributes: OpAttribute[], inputs: number[]): number =>
    keep(binding.executeOp(name, attributes, inputs, 1)[0]!.id);
  const type = (name: string, value: number): OpAttribute => ({ name, type: binding.TF_ATTR_TYPE, value });
  const flag = (name: string): OpAttribute => ({ name, type: binding.TF_ATTR_BOOL, value: false });
  const float = binding.TF_FLOAT;
  try {
    const product = op(
      'MatMul',
      [type('T', float), flag('transpose_a'), flag('transpose_b')],
      [keep(binding.createTensor([rows, r], float, b)), keep(binding.createTensor([r, columns], float, a))],
    );
    const factor = keep(binding.createTensor([], float, Float32Array.of(scaling)));
    const change = op('Mul', [type('T', float)], [product, factor]);
    if (dtype === 'F32') {
      const weight = keep(binding.createTensor([rows, columns], float, floatsOf(bytes)));
      return bytesOf(binding, op('AddV2', [type('T', float)], [weight, change]));
    }
    const half = dtype === 'BF16' ? DT_BFLOAT16 : DT_HALF;
    const raw = keep(binding.createTensor([rows, columns, 2], DT_UINT8, bytes));
    const weight = op(
      'Cast',
      [type('SrcT', half), type('DstT', float), flag('Truncate')],
      [op('Bitcast', [type('T', DT_UINT8), type('type', half)], [raw])],
    );
    const sum = op('AddV2', [type('T', float)], [weight, change]);
    const rounded = op('Cast', [type('SrcT', float), type('DstT', half), flag('Truncate')], [sum]);
    const pairs = keep(binding.createTensor([2], binding.TF_INT32, Int32Array.of((rows * columns) / 2, 2)));
    const flat = op('Reshape', [type('T', half), type('Tshape', binding.TF_INT32)], [rounded, pairs]);
    return bytesOf(binding, op('Bitcast', [type('T', half), type('type', binding.TF_INT32)], [flat]));
  } finally {
    for (const id of ids) binding.deleteTensor(id);
  }
}

function bytesOf(binding: NativeBinding, id: number): Uint8Array {
  const { buffer, byteOffset, byteLength } = binding.tensorDataSync(id);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function floatsOf(bytes: Uint8Array): Float32Array {
  const floats = unalignedFloats(bytes.length / 4);
  new Uint8Array(floats.buffer, floats.byteOffset, bytes.length).set(bytes);
  return floats;
}

/** The same on any backend, with the conversions in JavaScript. */
async function mergePortable({ bytes, dtype, columns, a, b, r, scaling }: RowsToMerge): Promise<Uint8Array> {
  const product = tf.tidy(() =>
    tf.mul(tf.matMul(tf.tensor2d(b, [b.length / r, r]), tf.tensor2d(a, [r, columns])), scaling),
  );
  // A GPU can only be read later.
  const change = await product.data<'float32'>();
  product.dispose();
  const out = new Uint8Array(bytes.length);
  if (dtype === 'F32') {
    const sum = new Float32Array(out.buffer);
    floatsOf(bytes).forEach((value, index) => (sum[index] = value + change[index]!));
    return out;
  }
  const [widen, narrow] =
    dtype === 'BF16' ? [bfloat16ToFloat32, float32ToBfloat16] : [float16ToFloat32, float32ToFloat16];
  const [from, to] = [new DataView(bytes.buffer, bytes.byteOffset, bytes.length), new DataView(out.buffer)];
  for (let i = 0; i < change.length; i++) {
    to.setUint16(2 * i, narrow(Math.fround(widen(from.getUint16(2 * i, true)) + change[i]!)), true);
  }
  return out;
}
