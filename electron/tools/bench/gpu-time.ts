/**
 * @file `npm run bench -- --device webgpu --steps N`: how long a step takes on this machine's GPU, with compiled programs and op by op. Both run in
 * this process, one after the other. On a software GPU the test checkpoint is taken, because a work would take hours: that shows that the
 * measurement works, and says nothing about a card. With `--vs-python`, TRL takes the same steps afterwards, with torch on the same machine's card if torch
 * has one.
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
import { filesOf, joinPeer } from './participants.ts';
import { SMALLEST, type Workload } from './works.ts';

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

/** TRL on the same work. */
export interface PeerTimes {
  work: string;
  method: 'sft' | 'grpo';
  device: string;
  /** Seconds of the middle one of the steps after the first. */
  later: number;
}

export interface MeasuredGpu {
  gpu: string;
  peers: PeerTimes[];
  times: GpuTimes[];
  kernels: GpuKernels[];
}

/** @param python of the peers' environment; null = only our side */
export async function timeSteps(given: Workload, steps: number, python: string | null = null): Promise<MeasuredGpu> {
  const { gpu } = await loadRuntime();
  if (gpu === null) throw new Error('ATELIER_BACKEND=webgpu is not set, or there is no GPU.');
  const times: GpuTimes[] = [];
  const kernels: GpuKernels[] = [];
  const peers: PeerTimes[] = [];
  const work = gpu.software ? SMALLEST : given;
  const isTest = gpu.software && python === null;
  const named = isTest ? 'test checkpoint' : work.name;
  try {
    for (const method of METHODS) {
      const job = isTest ? testJob(method) : trainJobOf(work, method, await filesOf(work, steps + 1));
      const measure = (): Promise<Pick<GpuTimes, 'first' | 'later' | 'loss'>> =>
        timeJob({ ...job, recipe: { ...job.recipe, steps: steps + 1 } });
      // Op by op, a step of more than the test checkpoint takes a software GPU minutes.
      for (const programs of gpu.software && !isTest ? WAYS.slice(0, 1) : WAYS) {
        gpu.programs.kind = programs;
        const measured = await measure();
        if (gpu.programs.notCompiled !== null) throw new Error(`${gpu.programs.notCompiled} cannot be compiled.`);
        times.push({ work: named, method, programs, ...measured });
      }
      if (python !== null) peers.push({ work: named, method, ...(await timePeer(python, method, work, steps)) });
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
  return { gpu: gpu.name, times, kernels, peers };
}

async function timePeer(
  python: string,
  method: (typeof METHODS)[number],
  work: Workload,
  steps: number,
): Promise<Pick<PeerTimes, 'device' | 'later'>> {
  const kind = method === 'sft' ? 'sft-trl' : 'grpo';
  const perStep = method === 'sft' ? work.supervisedBatch : work.prompts;
  // Its first step is a warm-up, as ours is.
  const peer = await joinPeer(python, kind, work, await filesOf(work, perStep * (steps + 1)), 0, { card: true });
  try {
    const seconds: number[] = [];
    for (let step = 0; step < steps; step++) seconds.push((await peer.turn()).seconds);
    return { device: peer.device, later: seconds.sort((a, b) => a - b)[Math.floor(steps / 2)] ?? NaN };
  } finally {
    await peer.end();
  }
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
export function timesTable({ gpu, times, kernels, peers }: MeasuredGpu): string {
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
    ...peersTable(times, peers),
    ...(kernels.length === 0 ? ['This GPU has no clock that kernels could be measured with.', ''] : []),
    ...kernels.map((each) => kernelsTable(each)),
  ].join('\n');
}

/** TRL's steps beside the compiled ones: the goal on a card is twice TRL's speed at `real`. */
function peersTable(times: readonly GpuTimes[], peers: readonly PeerTimes[]): string[] {
  if (peers.length === 0) return [];
  const rows = peers.map(({ work, method, device, later }) => {
    const own = times.find((each) => each.method === method && each.programs === 'compiled')?.later.seconds ?? NaN;
    return [work, method, device, `${later.toFixed(3)} s`, `${own.toFixed(3)} s`, (later / own).toFixed(2)].join(' | ');
  });
  return [
    '| work | method | torch on | TRL, later steps | ours, compiled | TRL / ours |',
    '| --- | --- | --- | ---: | ---: | ---: |',
    ...rows.map((row) => `| ${row} |`),
    '',
  ];
}
