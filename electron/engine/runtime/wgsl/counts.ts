/** @file What a plan starts and moves, counted as for op-by-op calls (webgpu/dry-run.ts). */
import type { CallCount } from '../webgpu/dry-run.ts';
import { bindingsOf } from './buffers.ts';
import type { Plan, Step } from './plan.ts';
import { bytesOf } from './values.ts';

export function countPlan({ steps }: Plan): CallCount {
  return countSteps(steps);
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

function countStep(step: Step): CallCount {
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
