/**
 * @file How fast this machine multiplies matrices through the same binding, in float32 and bfloat16: the yardstick for
 * every phase, measured in the same run.
 */
import { loadRuntime } from '../../engine/runtime/backend.ts';
import type { NativeBinding } from '../../engine/runtime/native-api.ts';

const DT_FLOAT = 1;
const DT_BFLOAT16 = 14;
const SECONDS_PER_SHAPE = 0.06;
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

/** Shapes whose best rate defines the machine's peak. */
export function peakShapes(): ProductShape[] {
  const sizes = [
    [1024, 1024, 1024],
    [2048, 2048, 2048],
    [768, 1536, 8960],
    [768, 8960, 1536],
  ] as const;
  return (['F32', 'BF16'] as const).flatMap((dtype) =>
    sizes.map(([m, k, n]) => ({ m, k, n, batch: 1, dtype, transposed: false })),
  );
}

/** The best rate of each shape. */
export async function measureProducts(shapes: readonly ProductShape[]): Promise<ProductRate[]> {
  const { native } = await loadRuntime();
  if (native === null) throw new Error('Products are measured on native TensorFlow only.');
  return shapes.map((shape) => measure(native.binding, shape));
}

function measure(binding: NativeBinding, shape: ProductShape): ProductRate {
  const { m, k, n, batch, dtype, transposed } = shape;
  const a = factor(binding, [batch, m, k], dtype);
  const b = factor(binding, transposed ? [batch, n, k] : [batch, k, n], dtype);
  const attributes = [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: dtype === 'F32' ? DT_FLOAT : DT_BFLOAT16 },
    { name: batch === 1 ? 'transpose_a' : 'adj_x', type: binding.TF_ATTR_BOOL, value: false },
    { name: batch === 1 ? 'transpose_b' : 'adj_y', type: binding.TF_ATTR_BOOL, value: transposed },
  ];
  const op = batch === 1 ? 'MatMul' : 'BatchMatMulV2';
  let best = Infinity;
  const until = performance.now() + SECONDS_PER_SHAPE * 1000;
  for (let calls = 0; calls < LEAST_CALLS || performance.now() < until; calls++) {
    const start = performance.now();
    const [result] = binding.executeOp(op, attributes, [a, b], 1);
    best = Math.min(best, (performance.now() - start) / 1000);
    if (result !== undefined) binding.deleteTensor(result.id);
  }
  binding.deleteTensor(a);
  binding.deleteTensor(b);
  return { ...shape, seconds: best, gflops: (2 * m * k * n * batch) / best / 1e9 };
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
