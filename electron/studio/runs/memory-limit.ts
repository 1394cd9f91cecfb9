/** @file The memory limit that you set for runs: a run that exceeds it stops with a checkpoint. */
import type { RunWarning, StepMetrics } from '../../contract/model/runs.ts';

/** The message when a step exceeds the limit; null if there is no limit or the step stayed within it. */
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
