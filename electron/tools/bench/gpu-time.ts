/**
 * @file `npm run bench -- --device webgpu --steps N`: how long a step takes on this machine's GPU, with compiled programs and op by op. Both run in
 * this process, one after the other. On a software GPU the test checkpoint is taken, because a work would take hours: that shows that the
 * measurement works, and says nothing about a card.
 */
import { rm } from 'node:fs/promises';
import type { TrainJob } from '../../contract/engine/engine.ts';
import { loadRuntime } from '../../engine/runtime/backend.ts';
import type { GpuPrograms } from '../../engine/runtime/webgpu/gpu.ts';
import { createEngineService } from '../../engine/service/service.ts';
import { tinyJob } from '../../engine/testing/tiny-job.ts';
import { PIECE } from '../../engine/runtime/wgsl/device-plan.ts';
import { KernelTimes } from '../../engine/runtime/wgsl/kernel-times.ts';
import { kernelsTable, perStep, type GpuKernels } from './gpu-kernels.ts';
import { CHECKPOINT_ROOT, trainJobOf } from './measured-job.ts';
import { filesOf } from './participants.ts';
import type { Workload } from './works.ts';

export interface GpuTimes {
  work: string;
  method: 'sft' | 'grpo';
  programs: GpuPrograms['kind'];
  /** The first step, in which shaders are compiled, and the middle one of the others: seconds, and seconds of all cores. */
  first: StepTime;
  later: StepTime;
  /** Of the last step: equal ones show that the programs computed the same. */
  loss: number;
}

interface StepTime {
  seconds: number;
  processorSeconds: number;
}

const METHODS = ['sft', 'grpo'] as const;
const WAYS = ['compiled', 'op-by-op'] as const;

export interface MeasuredGpu {
  gpu: string;
  times: GpuTimes[];
  kernels: GpuKernels[];
}

export async function timeSteps(work: Workload, steps: number): Promise<MeasuredGpu> {
  const { gpu } = await loadRuntime();
  if (gpu === null) throw new Error('ATELIER_BACKEND=webgpu is not set, or there is no GPU.');
  const times: GpuTimes[] = [];
  const kernels: GpuKernels[] = [];
  const named = gpu.software ? 'test checkpoint' : work.name;
  try {
    for (const method of METHODS) {
      const job = gpu.software ? testJob(method) : trainJobOf(work, method, await filesOf(work, steps + 1));
      const measure = (): Promise<Pick<GpuTimes, 'first' | 'later' | 'loss'>> =>
        timeJob({ ...job, recipe: { ...job.recipe, steps: steps + 1 } });
      for (const programs of WAYS) {
        gpu.programs.kind = programs;
        const measured = await measure();
        if (gpu.programs.notCompiled !== null) throw new Error(`${gpu.programs.notCompiled} cannot be compiled.`);
        times.push({ work: named, method, programs, ...measured });
      }
      // Once more, because a kernel that is measured has a pass of its own, which takes longer.
      gpu.programs.kind = 'compiled';
      gpu.programs.times = KernelTimes.on(gpu.device, PIECE);
      if (gpu.programs.times === null) continue;
      const { byLabel } = gpu.programs.times;
      await measure();
      gpu.programs.times = null;
      kernels.push({ work: named, method, kernels: perStep(byLabel, steps + 1) });
    }
  } finally {
    gpu.programs.times = null;
    await rm(CHECKPOINT_ROOT, { recursive: true, force: true });
  }
  return { gpu: gpu.name, times, kernels };
}

function testJob(method: (typeof METHODS)[number]): TrainJob {
  const grpo = { promptsPerStep: 1, numGenerations: 2, maxCompletionLength: 8 };
  const job = tinyJob(CHECKPOINT_ROOT, { method, checkpointEvery: 1_000_000, grpo });
  return { ...job, samples: job.samples.slice(0, 1) };
}

async function timeJob(job: TrainJob): Promise<Pick<GpuTimes, 'first' | 'later' | 'loss'>> {
  const steps: StepTime[] = [];
  let loss = NaN;
  let [start, used] = [performance.now(), process.cpuUsage()];
  for await (const event of createEngineService().train(job)) {
    if (event.type !== 'step') continue;
    const { user, system } = process.cpuUsage(used);
    steps.push({ seconds: (performance.now() - start) / 1000, processorSeconds: (user + system) / 1e6 });
    ({ loss } = event.metrics);
    [start, used] = [performance.now(), process.cpuUsage()];
  }
  const [first, ...rest] = steps;
  const later = rest.sort((a, b) => a.seconds - b.seconds)[Math.floor(rest.length / 2)];
  if (first === undefined || later === undefined) throw new Error('There is no step after the first.');
  return { first, later, loss };
}

/** As Markdown. */
export function timesTable({ gpu, times, kernels }: MeasuredGpu): string {
  const text = ({ seconds, processorSeconds }: StepTime): string =>
    `${seconds.toFixed(2)} s (${processorSeconds.toFixed(2)} s)`;
  const rows = times.map(({ work, method, programs, first, later, loss }) =>
    [work, method, programs, text(first), text(later), loss.toPrecision(6)].join(' | '),
  );
  return [
    `### ${gpu}: seconds of a step, and of all cores`,
    '',
    '| work | method | programs | first step | later steps | loss |',
    '| --- | --- | --- | ---: | ---: | ---: |',
    ...rows.map((row) => `| ${row} |`),
    '',
    ...(kernels.length === 0 ? ['This GPU has no clock that kernels could be measured with.', ''] : []),
    ...kernels.map((each) => kernelsTable(each)),
  ].join('\n');
}
