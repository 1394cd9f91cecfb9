/** @file Which step of a run answered most held-out questions, and whether it is worth going on. Pure. */

/** One look at held-out questions: how many of them were right after a step. Always the same questions. */
export interface HeldOutScore {
  step: number;
  right: number;
}

/** The step with most right answers among `steps`; of several, the last. The untrained model (step 0) is none of them. */
export function bestStep(scores: readonly HeldOutScore[], steps: readonly number[]): number | undefined {
  const asked = scores.filter(({ step }) => step > 0 && steps.includes(step));
  return [...asked].sort((a, b) => b.right - a.right || b.step - a.step)[0]?.step;
}

/** Whether the newest score is at least as good as every other after training began, so that its weights are worth keeping. */
export function isBestSoFar(scores: readonly HeldOutScore[]): boolean {
  const last = scores.at(-1);
  return (
    last !== undefined &&
    last.step > 0 &&
    bestStep(
      scores,
      scores.map(({ step }) => step),
    ) === last.step
  );
}

/**
 * Whether the last `patience` looks brought nothing better than what came before them, as transformers'
 * EarlyStoppingCallback counts: only more right answers count as better. The untrained model counts as the first look.
 */
export function isPatienceOver(scores: readonly HeldOutScore[], patience: number): boolean {
  let best = -Infinity;
  let without = 0;
  for (const { right } of scores) {
    without = right > best ? 0 : without + 1;
    best = Math.max(best, right);
  }
  return without >= patience;
}
