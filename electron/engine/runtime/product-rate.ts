/** @file How fast this machine multiplies matrices and reads memory, measured through the binding that programs use. */
import type { NativeBackend, NativeBinding } from './native-api.ts';

const DT_FLOAT = 1;
const DT_BFLOAT16 = 14;
const LEAST_CALLS = 3;

export interface ProductShape {
  /** [m, k] × [k, n], `batch` times over. */
  m: number;
  k: number;
  n: number;
  batch: number;
  dtype: 'F32' | 'BF16';
  /** The second factor is stored as [n, k], like weights in a checkpoint. */
  transposed: boolean;
}

export interface ProductRate extends ProductShape {
  /** Of the fastest call. */
  gflops: number;
  seconds: number;
}

/** The best rate of one shape. @param seconds that it is tried for, at least three times */
export function measureProduct(binding: NativeBinding, shape: ProductShape, seconds: number): ProductRate {
  const { m, k, n, batch, dtype, transposed } = shape;
  const a = factor(binding, [batch, m, k], dtype);
  const b = factor(binding, transposed ? [batch, n, k] : [batch, k, n], dtype);
  const attributes = [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: dtype === 'F32' ? DT_FLOAT : DT_BFLOAT16 },
    { name: batch === 1 ? 'transpose_a' : 'adj_x', type: binding.TF_ATTR_BOOL, value: false },
    { name: batch === 1 ? 'transpose_b' : 'adj_y', type: binding.TF_ATTR_BOOL, value: transposed },
  ];
  const op = batch === 1 ? 'MatMul' : 'BatchMatMulV2';
  const best = fastestCall(binding, op, attributes, [a, b], seconds);
  binding.deleteTensor(a);
  binding.deleteTensor(b);
  return { ...shape, seconds: best, gflops: (2 * m * k * n * batch) / best / 1e9 };
}

const DT_INT32 = 3;
const READ_BYTES = 256 * 1024 * 1024;
const READ_WIDTH = 1024;

/** Bytes that all cores together read per second from memory: the sum of more numbers than any cache holds, at its best. */
export function measureReading(binding: NativeBinding, seconds: number): number {
  const values = factor(binding, [1, READ_BYTES / 4 / READ_WIDTH, READ_WIDTH], 'F32');
  const axes = binding.createTensor([2], DT_INT32, Int32Array.of(0, 1));
  const attributes = [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: DT_FLOAT },
    { name: 'Tidx', type: binding.TF_ATTR_TYPE, value: DT_INT32 },
    { name: 'keep_dims', type: binding.TF_ATTR_BOOL, value: false },
  ];
  const best = fastestCall(binding, 'Sum', attributes, [values, axes], seconds);
  binding.deleteTensor(values);
  binding.deleteTensor(axes);
  return READ_BYTES / best;
}

/** Seconds of the fastest call. */
function fastestCall(
  binding: NativeBinding,
  op: string,
  attributes: Parameters<NativeBinding['executeOp']>[1],
  inputs: number[],
  seconds: number,
): number {
  let best = Infinity;
  const until = performance.now() + seconds * 1000;
  for (let calls = 0; calls < LEAST_CALLS || performance.now() < until; calls++) {
    const start = performance.now();
    const [result] = binding.executeOp(op, attributes, inputs, 1);
    best = Math.min(best, (performance.now() - start) / 1000);
    if (result !== undefined) binding.deleteTensor(result.id);
  }
  return best;
}

/** A tensor of the shape (without its first dimension if that is 1), filled with small, varied numbers. */
function factor(
  binding: NativeBinding,
  [batch, rows, columns]: readonly [number, number, number],
  dtype: string,
): number {
  const shape = batch === 1 ? [rows, columns] : [batch, rows, columns];
  const values = new Float32Array(batch * rows * columns);
  const pattern = Math.min(values.length, 7919);
  for (let i = 0; i < pattern; i++) values[i] = ((i * 613) % 1000) / 1000 - 0.5;
  for (let filled = pattern; filled < values.length; filled *= 2) values.copyWithin(filled, 0, filled);
  const made = binding.createTensor(shape, DT_FLOAT, values);
  if (dtype === 'F32') return made;
  const attributes = [
    { name: 'SrcT', type: binding.TF_ATTR_TYPE, value: DT_FLOAT },
    { name: 'DstT', type: binding.TF_ATTR_TYPE, value: DT_BFLOAT16 },
    { name: 'Truncate', type: binding.TF_ATTR_BOOL, value: false },
  ];
  const [cast] = binding.executeOp('Cast', attributes, [made], 1);
  binding.deleteTensor(made);
  if (cast === undefined) throw new Error('Cast gave no tensor.');
  return cast.id;
}

export interface MachineSpeed {
  flopsPerSecond: number;
  bytesPerSecond: number;
}

const SIDE = 1024;
const COPIED_BYTES = 64 * 1024 * 1024;
const speeds = new Map<string, MachineSpeed>();

/** The machine's speed for a precision, measured once per process in some tens of milliseconds. */
export function machineSpeed({ binding }: NativeBackend, precision: 'float32' | 'bfloat16'): MachineSpeed {
  const known = speeds.get(precision);
  if (known !== undefined) return known;
  const dtype = precision === 'float32' ? 'F32' : 'BF16';
  const { gflops } = measureProduct(binding, { m: SIDE, k: SIDE, n: SIDE, batch: 1, dtype, transposed: false }, 0.02);
  const speed = { flopsPerSecond: gflops * 1e9, bytesPerSecond: copyRate() };
  speeds.set(precision, speed);
  return speed;
}

/** Bytes read and written per second while copying more than any cache holds. */
function copyRate(): number {
  const from = new Float32Array(COPIED_BYTES / 4).fill(1);
  const to = new Float32Array(from.length);
  let best = Infinity;
  for (let calls = 0; calls < LEAST_CALLS; calls++) {
    const start = performance.now();
    to.set(from);
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  return (2 * COPIED_BYTES) / best;
}
