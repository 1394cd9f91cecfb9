/** @file What a program needs of a GPU, as it will run there: compiled, or op by op. */
import { GPU_FIELD } from '../../contract/engine/gpu-use.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { bytes as bytesText } from '../../method/byte-size.ts';
import type { ProgramSpec } from './program.ts';
import { gpuNeeds, type GpuNeeds } from './webgpu/dry-run.ts';
import type { Gpu } from './webgpu/gpu.ts';
import { CannotBind, mostWeightBytes } from './wgsl/binding-limits.ts';
import { compiledNeeds } from './wgsl/needs.ts';
import { cannotCompile } from './wgsl/tracing-backend.ts';

/** @throws AtelierError BAD_INPUT naming the largest part of what the GPU cannot read */
export function needsOfGpu(gpu: Gpu, spec: ProgramSpec): GpuNeeds {
  if (gpu.programs.kind === 'op-by-op') return needsOpByOp(gpu, spec);
  try {
    return compiledNeeds(spec, gpu.limits);
  } catch (error) {
    if (error instanceof CannotBind) throw tooLargeToBind(gpu, spec, error);
    if (!cannotCompile(error)) throw error;
    return needsOpByOp(gpu, spec);
  }
}

function needsOpByOp(gpu: Gpu, spec: ProgramSpec): GpuNeeds {
  const needs = gpuNeeds(gpu, spec);
  const { of, bytes } = needs.largest;
  const most = gpu.limits.bytes;
  if (bytes > most) throw tooLarge(gpu, of in needs.calls ? null : of, { kind: of, bytes, most });
  return needs;
}

/** Why a compiled program cannot run on the GPU. */
export function tooLargeToBind(gpu: Pick<Gpu, 'name' | 'limits'>, spec: ProgramSpec, error: CannotBind): AtelierError {
  const { variable, kind, bytes } = error;
  const role = variable === null ? undefined : spec.variables[variable]?.role;
  // A weight that only fails because it is trained is no larger than could be bound in parts.
  const parted = (role === 'weight' || role === 'copy') && bytes > mostWeightBytes(gpu.limits);
  return tooLarge(gpu, variable, { kind, bytes, most: parted ? mostWeightBytes(gpu.limits) : gpu.limits.bytes });
}

function tooLarge(
  gpu: Pick<Gpu, 'name'>,
  variable: string | null,
  { kind, bytes, most }: { kind: string; bytes: number; most: number },
): AtelierError {
  const takes = bytesText(bytes);
  const upTo = bytesText(most);
  return new AtelierError(
    'BAD_INPUT',
    variable === null
      ? `A result of ${kind} takes ${takes}; ${gpu.name} computes on tensors of up to ${upTo}.`
      : `The weight ${variable} takes ${takes}; ${gpu.name} computes on tensors of up to ${upTo}.`,
    {
      place: { field: GPU_FIELD },
      remedy:
        'Use a smaller model, or compute on the processor: `atelier settings --gpu never`, without ATELIER_BACKEND.',
    },
  );
}
