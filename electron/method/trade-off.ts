/** @file Which checkpoints gain most on the task they were trained on for what they lose elsewhere. Pure. */

/** What a checkpoint can do on its task and elsewhere, as shares of right answers, and how far it is from its base. */
export interface Standing {
  accuracy: number;
  /** Null if other datasets were not measured. */
  retention: number | null;
  /** KL(base ‖ tuned) and KL(tuned ‖ base), in nats per answer. */
  forward: number;
  reverse: number;
}

/**
 * Which of the standings are on the Pareto frontier: no other one is better in one respect and at least as good in the
 * other. The respects are accuracy and retention. If nobody has a retention, a short way from the base (forward KL)
 * takes its place; if only some have one, the others are not on the frontier.
 */
export function onFrontier(standings: readonly Standing[]): boolean[] {
  const measured = standings.some(({ retention }) => retention !== null);
  const kept = ({ retention, forward }: Standing): number | null => (measured ? retention : -forward);
  return standings.map((one) => {
    const own = kept(one);
    return (
      own !== null &&
      !standings.some((other) => {
        const theirs = kept(other);
        if (theirs === null) return false;
        const isNoWorse = other.accuracy >= one.accuracy && theirs >= own;
        return isNoWorse && (other.accuracy > one.accuracy || theirs > own);
      })
    );
  });
}

/** The mean of several standings; its retention is null unless all have one. Throws RangeError for an empty list. */
export function meanStanding(standings: readonly Standing[]): Standing {
  if (standings.length === 0) throw new RangeError('There is no mean of nothing.');
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const retained = standings.flatMap(({ retention }) => (retention === null ? [] : [retention]));
  return {
    accuracy: mean(standings.map(({ accuracy }) => accuracy)),
    retention: retained.length === standings.length ? mean(retained) : null,
    forward: mean(standings.map(({ forward }) => forward)),
    reverse: mean(standings.map(({ reverse }) => reverse)),
  };
}
