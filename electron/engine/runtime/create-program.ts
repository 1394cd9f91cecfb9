/** @file Builds a program on the backend that the runtime has: compiled on native TensorFlow and on a GPU, op by op elsewhere. */
import { occupyMemory } from './available-memory.ts';
import type { Runtime } from './backend.ts';
import { compileProgram } from './compiled-program.ts';
import { createEagerProgram } from './eager-program.ts';
import { tooLargeToBind } from './gpu-needs.ts';
import type { Program, ProgramSpec } from './program.ts';
import type { Gpu } from './webgpu/gpu.ts';
import { CannotBind } from './wgsl/binding-limits.ts';
import { cannotCompile } from './wgsl/tracing-backend.ts';
import { createWgslProgram } from './wgsl/wgsl-program.ts';

export async function createProgram(runtime: Runtime, spec: ProgramSpec): Promise<Program> {
  const release = occupyMemory();
  try {
    const program = await programOn(runtime, spec);
    const dispose = program.dispose.bind(program);
    program.dispose = () => {
      dispose();
      release();
    };
    return program;
  } catch (error) {
    release();
    throw error;
  }
}

async function programOn({ native, gpu }: Runtime, spec: ProgramSpec): Promise<Program> {
  if (native !== null) return await compileProgram(native, spec);
  const compiled = gpu === null ? null : compiledForGpu(gpu, spec);
  return compiled ?? createEagerProgram(spec, gpu?.guard);
}

/** Null if it is to run op by op: because that is what is set, or because of an op that cannot be compiled. */
function compiledForGpu(gpu: Gpu, spec: ProgramSpec): Program | null {
  if (gpu.programs.kind === 'op-by-op') return null;
  try {
    return createWgslProgram(spec, gpu);
  } catch (error) {
    if (error instanceof CannotBind) throw tooLargeToBind(gpu, spec, error);
    if (!cannotCompile(error)) throw error;
    gpu.programs.notCompiled ??= error.message;
    return null;
  }
}
