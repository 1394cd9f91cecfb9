/** @file What a call does on the device: kernels, copies, and loops of them, on storages whose places are not chosen yet. */
import type { Storage } from './values.ts';

/** What a shader is made of, besides the buffers that it binds. */
export interface KernelSource {
  /** Threads of a workgroup. */
  threads: number;
  /** Declarations of memory that they share. */
  shared: readonly string[];
  body: readonly string[];
}

export interface Kernel {
  source: KernelSource;
  /** The shader. Equal ones share a pipeline, so nothing in it depends on where it stands. */
  code: string;
  /** What it is, for measurements. */
  label: string;
  /** Multiplications and additions of a matrix product; absent where memory is the limit. */
  operations?: number;
  groups: readonly [number, number, number];
  /** Bound in this order: what is written first. */
  writes: readonly Storage[];
  reads: readonly Storage[];
}

export type Step =
  | { kind: 'kernel'; kernel: Kernel }
  | { kind: 'copy'; from: Storage; to: Storage }
  | { kind: 'clear'; storage: Storage }
  | { kind: 'loop'; count: number; body: readonly Step[] };

export interface Plan {
  steps: readonly Step[];
  inputs: readonly { name: string; storage: Storage }[];
  outputs: readonly { name: string; storage: Storage }[];
}

/** WebGPU starts at most so many workgroups along an axis. */
const MOST_GROUPS = 65_535;

/** So many workgroups, in rows of equal length. */
export function spread(groups: number): [number, number, number] {
  if (groups <= MOST_GROUPS) return [groups, 1, 1];
  const rows = Math.ceil(groups / MOST_GROUPS);
  return [Math.ceil(groups / rows), rows, 1];
}

/** The number of the workgroup in `spread`. */
export function groupText(groups: number): string {
  const [width, rows] = spread(groups);
  return rows === 1 ? 'group.x' : `(group.x + group.y * ${width}u)`;
}
