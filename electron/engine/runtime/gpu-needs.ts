/** @file What a program needs of a GPU, as it will run there: compiled, or op by op. */
import type { ProgramSpec } from './program.ts';
import { gpuNeeds, type GpuNeeds } from './webgpu/dry-run.ts';
import type { Gpu } from './webgpu/gpu.ts';
import { compiledNeeds } from './wgsl/needs.ts';
import { cannotCompile } from './wgsl/tracing-backend.ts';

export function needsOfGpu(gpu: Gpu, spec: ProgramSpec): GpuNeeds {
  if (gpu.programs.kind === 'op-by-op') return gpuNeeds(gpu, spec);
  try {
    return compiledNeeds(spec);
  } catch (error) {
    if (!cannotCompile(error)) throw error;
    return gpuNeeds(gpu, spec);
  }
}
