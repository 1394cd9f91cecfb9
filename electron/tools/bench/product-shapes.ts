/** @file The shape under which a product's rate is measured and looked up. Pure. */
import type { Product } from './flops.ts';
import type { ProductShape } from './gemm-peak.ts';
import type { BenchModel } from './works.ts';

/** The shape under which a product with weights of the given type is measured. */
export function shapeOf({ m, k, n, batch, weight }: Product, dtype: BenchModel['dtype']): ProductShape {
  return { m, k, n, batch, dtype, transposed: weight };
}

export function shapeKey({ m, k, n, batch, dtype, transposed }: ProductShape): string {
  return [m, k, n, batch, dtype, transposed].join(' ');
}
