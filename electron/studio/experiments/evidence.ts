/** @file What the claims of a study are about, from its request. */
import { PAPER_KL, type ClaimEvidence, type StudyPart } from './claims.ts';
import { CONTEST_ARMS, otherBetaOf } from './plan.ts';
import type { ParsedExperiment } from '../../store/experiments/experiments.ts';

/** Tasks, KL weights and looks of a study. @param names of its two tasks @returns null for other experiments */
export function evidenceOf(
  request: ParsedExperiment,
  names: readonly string[],
): Omit<ClaimEvidence, 'cells' | 'comparisons'> | null {
  if (request.kind !== 'study') return null;
  const { tasks, sweepTask, contestArms = CONTEST_ARMS, klWeights, rewardWeights, looks } = request;
  const named = tasks.map(({ datasetId }, at) => ({ datasetId, name: names[at] ?? datasetId }));
  const swept = named[sweepTask];
  if (swept === undefined) return null;
  const other = contestArms.includes('grpo-other') ? { otherBeta: otherBetaOf(tasks[0]) } : {};
  const without: StudyPart[] = [
    ...(contestArms.includes('grpo-matched') ? [] : ['grpo-matched' as const]),
    ...(rewardWeights.length > 0 ? [] : ['reward-weight' as const]),
    ...(klWeights.length > 0 ? [] : ['kl-weight' as const]),
  ];
  const isPaper = Object.values(PAPER_KL).every((weight) => klWeights.includes(weight));
  const peak = otherBetaOf(tasks[sweepTask]);
  return {
    tasks: named,
    sweepTask: swept,
    ...other,
    ...(klWeights.length === 0
      ? {}
      : { klWeights: isPaper ? PAPER_KL : { none: Math.min(...klWeights), peak, large: Math.max(...klWeights) } }),
    ...(without.length === 0 ? {} : { without }),
    ...(looks === undefined ? {} : { looks }),
  };
}
