/** @file What a GPU can bind. A weight that is larger lies in several buffers, each with whole rows; anything else that is larger is refused. */
import { NF4_BLOCK } from '../../../formats/nf4.ts';
import { bytesOfVariable, sizeOf, type VariableSpec } from '../program.ts';
import { storagesOf } from './buffers.ts';
import type { Plan, Step } from './plan.ts';
import { bindingBytes, bytesOf, partsOf, type Storage } from './values.ts';

export interface BindingLimits {
  /** Most bytes of a binding, and of a buffer. */
  bytes: number;
  /** Most buffers that a shader may bind. */
  buffers: number;
}

/** Every GPU binds so many buffers. */
export const NO_LIMIT: BindingLimits = { bytes: Infinity, buffers: 8 };

export function limitsOf({ limits }: Pick<GPUDevice, 'limits'>): BindingLimits {
  return {
    bytes: Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize),
    buffers: limits.maxStorageBuffersPerShaderStage,
  };
}

/** Beside a weight's parts, a shader binds what it writes, what it multiplies with or looks up by, and one more. */
const BESIDE = 3;

/** Bytes of the largest weight that can be bound in parts. */
export function mostWeightBytes({ bytes, buffers }: BindingLimits): number {
  return bytes * Math.max(1, buffers - BESIDE);
}

/** Values of each part, in whole rows; undefined if the variable is bound as a whole, or cannot be bound in parts. */
export function partOf({ role, shape, dtype }: VariableSpec, limits: BindingLimits): number | undefined {
  if ((role !== 'weight' && role !== 'copy') || dtype === 'int32' || shape.length < 2) return undefined;
  const [rows = 1, ...rest] = shape;
  const width = sizeOf(rest);
  // Each part in NF4 has the scales of its own blocks behind its codes.
  if (dtype === 'nf4' && width % NF4_BLOCK !== 0) return undefined;
  const bytes = bytesOfVariable({ shape: rest, dtype });
  if (rows * bytes <= limits.bytes) return undefined;
  // An even number, because two values in bfloat16 share a word.
  const perPart = 2 * Math.floor(limits.bytes / (2 * bytes));
  const parts = perPart === 0 ? Infinity : Math.ceil(rows / perPart);
  return parts > limits.buffers - BESIDE ? undefined : perPart * width;
}

/** Something that the GPU cannot bind. */
export class CannotBind extends Error {
  /** The name of a weight or another variable; null = a result of an entry point. */
  readonly variable: string | null;
  /** The kind of the entry point that needs it. */
  readonly kind: string;
  readonly bytes: number;

  constructor(storage: Storage, kind: string) {
    const { place } = storage;
    const variable = place.kind === 'variable' ? place.name : null;
    super(`${variable ?? `A result of ${kind}`} is larger than a GPU's shader can bind.`);
    this.variable = variable;
    this.kind = kind;
    this.bytes = bytesOf(storage);
  }
}

/** @throws CannotBind naming the largest of what cannot be bound */
export function checkBindings(plans: Iterable<{ kind: string; plan: Plan }>, limits: BindingLimits): void {
  let largest: { storage: Storage; kind: string } | null = null;
  const refuse = (storage: Storage, kind: string): void => {
    const more = bytesOf(storage) - (largest === null ? 0 : bytesOf(largest.storage));
    // A weight says more than a result of the same size.
    if (more > 0 || (more === 0 && storage.place.kind === 'variable')) largest = { storage, kind };
  };
  const walk = (steps: readonly Step[], kind: string): void => {
    for (const step of steps) {
      if (step.kind === 'loop') {
        walk(step.body, kind);
        continue;
      }
      const all = storagesOf(step);
      const written = step.kind === 'kernel' ? step.kernel.writes : all;
      for (const storage of all)
        if (bindingBytes(storage) > limits.bytes || (partsOf(storage) > 1 && written.includes(storage)))
          refuse(storage, kind);
      const bound = step.kind === 'kernel' ? all.reduce((sum, storage) => sum + partsOf(storage), 0) : 0;
      const [widest] = [...all].sort((a, b) => partsOf(b) - partsOf(a));
      if (bound > limits.buffers && widest !== undefined) refuse(widest, kind);
    }
  };
  for (const { kind, plan } of plans) walk(plan.steps, kind);
  const found = largest as { storage: Storage; kind: string } | null;
  if (found !== null) throw new CannotBind(found.storage, found.kind);
}
