/** @file Builds a program on the backend that the runtime has: compiled on native TensorFlow, op by op elsewhere. */
import { occupyMemory } from './available-memory.ts';
import type { Runtime } from './backend.ts';
import { compileProgram } from './compiled-program.ts';
import { createEagerProgram } from './eager-program.ts';
import type { Program, ProgramSpec } from './program.ts';

export async function createProgram(runtime: Runtime, spec: ProgramSpec): Promise<Program> {
  const release = occupyMemory();
  try {
    const program =
      runtime.native === null
        ? createEagerProgram(spec, runtime.gpu?.guard)
        : await compileProgram(runtime.native, spec);
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
