/** @file What a program needs of a GPU if it is compiled: known from its plans, without a GPU. */
import type { ProgramSpec } from '../program.ts';
import type { GpuNeeds } from '../webgpu/dry-run.ts';
import { ALONE } from '../webgpu/subgroups.ts';
import { NO_LIMIT } from './binding-limits.ts';
import { Pool } from './buffers.ts';
import { countKernels, countPlan, type KernelCount } from './counts.ts';
import { bindingBytes, bytesOf } from './values.ts';
import { planProgram } from './wgsl-program.ts';

/**
 * Calls share buffers, so `calls` says by how much each kind of call adds to those of the kinds before it.
 * @throws CannotBind if something is larger than `limits`
 */
export function compiledNeeds(
  spec: ProgramSpec,
  limits = NO_LIMIT,
): GpuNeeds & { kernels: Record<string, Map<string, KernelCount>> } {
  const { variables: storages, plans } = planProgram(spec, ALONE, limits);
  const variables: GpuNeeds['variables'] = {};
  let largest = { of: '', bytes: 0 };
  for (const [name, storage] of storages) {
    const role = spec.variables[name]?.role ?? 'weight';
    variables[role] = (variables[role] ?? 0) + bytesOf(storage);
    if (bindingBytes(storage) > largest.bytes) largest = { of: name, bytes: bindingBytes(storage) };
  }
  const pool = new Pool();
  const calls: GpuNeeds['calls'] = {};
  const counts: GpuNeeds['counts'] = {};
  const kernels: Record<string, Map<string, KernelCount>> = {};
  for (const { kind, plan } of plans.values()) {
    const before = pool.bytes;
    const { places } = pool.place(plan);
    calls[kind] = (calls[kind] ?? 0) + pool.bytes - before;
    const count = countPlan(plan);
    if (count.dispatches >= (counts[kind]?.dispatches ?? 0)) {
      counts[kind] = count;
      kernels[kind] = countKernels(plan);
    }
    for (const storage of places.keys())
      if (bytesOf(storage) > largest.bytes) largest = { of: kind, bytes: bytesOf(storage) };
  }
  return { variables, calls, counts, largest, kernels };
}
