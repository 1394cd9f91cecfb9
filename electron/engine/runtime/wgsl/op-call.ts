/** @file What is known of an op when it becomes values and kernels. */
import type { NodeDef } from '../graph-def.ts';
import type { Builder } from './builder.ts';
import type { Scalar, Storage, Value } from './values.ts';

export interface OpCall {
  node: NodeDef;
  inputs: readonly Value[];
  /** The numbers of a constant input; null if it is no constant. */
  constant: (input: number) => readonly number[] | null;
  /** Shapes and types of the outputs. */
  outputs: readonly { shape: readonly number[]; type: Scalar }[];
  builder: Builder;
  /** A buffer that `InplaceUpdate` may write into: the first input's own, or a copy of it. */
  ownBuffer: () => Storage;
}
