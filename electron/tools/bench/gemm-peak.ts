/**
 * @file How fast this machine multiplies matrices in float32 and bfloat16, and reads memory: the yardsticks for every phase, measured
 * in the same run.
 */
import { loadRuntime } from '../../engine/runtime/backend.ts';
import {
  measureProduct,
  measureReading,
  type ProductRate,
  type ProductShape,
} from '../../engine/runtime/product-rate.ts';

export type { ProductRate, ProductShape } from '../../engine/runtime/product-rate.ts';

const SECONDS_PER_SHAPE = 0.06;
const SECONDS_OF_READING = 0.5;

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

export interface MachineRates {
  /** The best rate of each shape. */
  rates: ProductRate[];
  /** Bytes read from memory per second. */
  readPerSecond: number;
}

export async function measureMachine(shapes: readonly ProductShape[]): Promise<MachineRates> {
  const { native } = await loadRuntime();
  if (native === null) throw new Error('Products are measured on native TensorFlow only.');
  const { binding } = native;
  const rates = shapes.map((shape) => measureProduct(binding, shape, SECONDS_PER_SHAPE));
  return { rates, readPerSecond: measureReading(binding, SECONDS_OF_READING) };
}
