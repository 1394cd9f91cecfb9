/** @file What the kernels of a compiled step took on this machine's GPU, as a table that can be held against the one on paper (gpu-paper.ts). */
import type { KernelTime } from '../../engine/runtime/wgsl/kernel-times.ts';
import { percent } from '../../reporting/figures.ts';

/** What the kernels of a compiled step take by the GPU's clock. */
export interface GpuKernels {
  work: string;
  method: 'sft' | 'grpo';
  /** Of one step. */
  kernels: ReadonlyMap<string, KernelTime>;
}

export function perStep(sums: ReadonlyMap<string, KernelTime>, steps: number): Map<string, KernelTime> {
  return new Map(
    [...sums].map(([label, { dispatches, bytes, operations, seconds }]) => [
      label,
      {
        dispatches: dispatches / steps,
        bytes: bytes / steps,
        operations: operations / steps,
        seconds: seconds / steps,
      },
    ]),
  );
}

/** The rates are those of what a kernel binds and multiplies, and can be held against the card's own. */
export function kernelsTable({ work, method, kernels }: GpuKernels): string {
  const all = [...kernels].sort(([, a], [, b]) => b.seconds - a.seconds);
  const whole = all.reduce((sum, [, { seconds }]) => sum + seconds, 0);
  const rate = (amount: number, seconds: number): string =>
    seconds > 0 && amount > 0 ? (amount / seconds / 1e9).toFixed(1) : '–';
  const rows = all.map(([label, { dispatches, bytes, operations, seconds }]) =>
    [
      label,
      dispatches.toFixed(0),
      `${(1000 * seconds).toFixed(3)} ms`,
      whole > 0 ? percent(seconds / whole) : '–',
      rate(bytes, seconds),
      rate(operations, seconds),
    ].join(' | '),
  );
  return [
    `### ${work}, ${method}, compiled: ${(1000 * whole).toFixed(1)} ms of kernels a step, by the GPU's clock`,
    '',
    '| kernel | dispatches | time | share | GB/s | GFLOP/s |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...rows.map((row) => `| ${row} |`),
    '',
  ].join('\n');
}
