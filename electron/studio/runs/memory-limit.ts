/** @file A person's own limit on the memory of a run: beyond it the run stops with a checkpoint. */
import type { RunWarning, StepMetrics } from '../../contract/model/runs.ts';

/** What is said when a step went beyond the limit; null while there is none, or it was kept. */
export function memoryLimitWarning(
  { step, residentBytes }: Pick<StepMetrics, 'step' | 'residentBytes'>,
  limitBytes: number | null,
): RunWarning | null {
  if (limitBytes === null || residentBytes <= limitBytes) return null;
  const gib = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
  return {
    step,
    code: 'MEMORY_LIMIT',
    severity: 'problem',
    message: `The run took ${gib(residentBytes)} of memory, more than the limit of ${gib(limitBytes)} in the settings, and was stopped with a checkpoint. Smaller groups, shorter answers or a higher limit let it go on.`,
  };
}
