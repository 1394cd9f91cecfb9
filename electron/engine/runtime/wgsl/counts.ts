/** @file What a plan starts and moves, counted as for op-by-op calls (webgpu/dry-run.ts). */
import type { CallCount } from '../webgpu/dry-run.ts';
import { bindingsOf } from './buffers.ts';
import type { Plan, Step } from './plan.ts';
import { bytesOf } from './values.ts';

export function countPlan({ steps }: Plan): CallCount {
  return countSteps(steps);
}

export interface KernelCount extends CallCount {
  /** Of matrix products. */
  operations: number;
}

/** The same by kind of kernel. */
export function countKernels({ steps }: Plan): Map<string, KernelCount> {
  const found = new Map<string, KernelCount>();
  const walk = (all: readonly Step[], times: number): void => {
    for (const step of all) {
      if (step.kind === 'loop') {
        walk(step.body, times * step.count);
        continue;
      }
      const label = step.kind === 'kernel' ? step.kernel.label : step.kind;
      const sum = found.get(label) ?? { dispatches: 0, bytes: 0, operations: 0 };
      const { dispatches, bytes } = countStep(step);
      sum.dispatches += times * dispatches;
      sum.bytes += times * bytes;
      sum.operations += step.kind === 'kernel' ? times * (step.kernel.operations ?? 0) : 0;
      found.set(label, sum);
    }
  };
  walk(steps, 1);
  return found;
}

function countSteps(steps: readonly Step[]): CallCount {
  const total: CallCount = { dispatches: 0, bytes: 0 };
  for (const step of steps) {
    const { dispatches, bytes } = countStep(step);
    total.dispatches += dispatches;
    total.bytes += bytes;
  }
  return total;
}

export function countStep(step: Step): CallCount {
  switch (step.kind) {
    case 'kernel':
      return { dispatches: 1, bytes: bindingsOf(step.kernel).reduce((sum, storage) => sum + bytesOf(storage), 0) };
    // A command of its own, which the GPU runs as it runs a shader.
    case 'copy':
      return { dispatches: 1, bytes: 2 * bytesOf(step.from) };
    case 'clear':
      return { dispatches: 1, bytes: bytesOf(step.storage) };
    case 'loop': {
      const { dispatches, bytes } = countSteps(step.body);
      return { dispatches: step.count * dispatches, bytes: step.count * bytes };
    }
  }
}
