/**
 * @file `npm run bench -- --device webgpu`: what a step starts and moves on a GPU, counted without computing it. The counts do not depend on the
 * card, so a software GPU is enough, and a measurement on a real one can be held against them.
 */
import { supposedSetup } from '../../engine/jobs/size-up.ts';
import { policyProgram } from '../../engine/policy/policy.ts';
import { loadRuntime } from '../../engine/runtime/backend.ts';
import { gpuNeeds, type GpuNeeds } from '../../engine/runtime/webgpu/dry-run.ts';
import type { KernelCount } from '../../engine/runtime/wgsl/counts.ts';
import { compiledNeeds } from '../../engine/runtime/wgsl/needs.ts';
import { trainingPolicyOptions } from '../../engine/trainer/training-policy.ts';
import { bytes } from '../../method/byte-size.ts';
import { paperTable } from './gpu-paper.ts';
import { trainJobOf } from './measured-job.ts';
import { configJson } from './model-files.ts';
import type { Workload } from './works.ts';

/** Of Qwen2-VL, whose shapes all works have. */
const PIXELS_PER_TOKEN = 28 ** 2;

export interface GpuCounts {
  work: string;
  programs: 'op by op' | 'compiled';
  /** One call of each kind, and how many of them a step of GRPO makes. */
  calls: { kind: string; perStep: number; dispatches: number; bytes: number }[];
  /** Of a whole step. */
  dispatches: number;
  bytes: number;
  /** Buffers that the run will hold. */
  memoryBytes: number;
  /** Of a whole step, where programs are compiled. */
  kernels: ReadonlyMap<string, KernelCount> | null;
}

/** Every question is new, as in the other measurements, so each step encodes its pictures. @returns op by op, and compiled */
export async function countStep(work: Workload): Promise<GpuCounts[]> {
  const runtime = await loadRuntime();
  if (runtime.gpu === null) throw new Error('ATELIER_BACKEND=webgpu is not set, or there is no GPU.');
  const { recipe } = trainJobOf(work, 'grpo', { modelPath: work.name, imagePaths: ['picture.png'] });
  const setup = supposedSetup(
    {
      name: work.name,
      config: configJson(work.model),
      pixelLimits: {
        minPixels: 4 * PIXELS_PER_TOKEN,
        maxPixels: work.maxPixels ?? work.model.maxPixels ?? 1280 * PIXELS_PER_TOKEN,
        pixelsPerToken: PIXELS_PER_TOKEN,
      },
      picture: { width: work.imageSide, height: work.imageSide },
      textTokens: Math.max(1, work.promptTokens - work.imageSide ** 2 / PIXELS_PER_TOKEN),
      recipe,
    },
    runtime.lanes,
  );
  const workload = { microBatchPrompts: work.prompts, byLayer: false };
  const { options } = trainingPolicyOptions(setup, workload);
  const opByOp = policyProgram({ ...options, precision: 'float32' }, runtime).spec;
  const compiled = policyProgram(options, runtime).spec;
  return [
    countsOf(work, 'op by op', gpuNeeds(runtime.gpu, opByOp)),
    countsOf(work, 'compiled', compiledNeeds(compiled)),
  ];
}

type Needs = Pick<GpuNeeds, 'variables' | 'calls' | 'counts'> &
  Partial<Pick<ReturnType<typeof compiledNeeds>, 'kernels'>>;

function countsOf(
  work: Workload,
  programs: GpuCounts['programs'],
  { variables, calls, counts, kernels }: Needs,
): GpuCounts {
  const perStep: Record<string, number> = { encode: 1, prefill: 1, decode: work.completionTokens - 1, reference: 1 };
  const each = Object.entries(counts).map(([kind, { dispatches, bytes: touched }]) => ({
    kind,
    perStep: perStep[kind] ?? (/update|score/i.test(kind) ? 1 : 0),
    dispatches,
    bytes: touched,
  }));
  const memory = [...Object.values(variables), ...Object.values(calls)].reduce((sum, part) => sum + part, 0);
  return {
    work: work.name,
    programs,
    calls: each,
    dispatches: each.reduce((sum, call) => sum + call.perStep * call.dispatches, 0),
    bytes: each.reduce((sum, call) => sum + call.perStep * call.bytes, 0),
    memoryBytes: memory,
    kernels:
      kernels === undefined
        ? null
        : together(each.map(({ kind, perStep: times }) => [kernels[kind] ?? new Map(), times])),
  };
}

/** Kernels of several calls, each made so many times. */
function together(calls: readonly [ReadonlyMap<string, KernelCount>, number][]): Map<string, KernelCount> {
  const sums = new Map<string, KernelCount>();
  for (const [kernels, times] of calls)
    for (const [label, count] of kernels) {
      if (times === 0) continue;
      const sum = sums.get(label) ?? { dispatches: 0, bytes: 0, operations: 0 };
      sum.dispatches += times * count.dispatches;
      sum.bytes += times * count.bytes;
      sum.operations += times * count.operations;
      sums.set(label, sum);
    }
  return sums;
}

/** As Markdown. */
export function countsTable({
  work,
  programs,
  calls,
  dispatches,
  bytes: moved,
  memoryBytes,
  kernels,
}: GpuCounts): string {
  const rows = calls.map((call) => [call.kind, call.perStep, call.dispatches, bytes(call.bytes)].join(' | '));
  return [
    `### ${work}, ${programs}: ${dispatches.toLocaleString('en')} dispatches, ${bytes(moved)} a step; ${bytes(memoryBytes)} of buffers`,
    '',
    '| call | a step | dispatches | bytes read and written |',
    '| --- | ---: | ---: | ---: |',
    ...rows.map((row) => `| ${row} |`),
    '',
    ...(kernels === null ? [] : [paperTable(work, kernels)]),
  ].join('\n');
}
