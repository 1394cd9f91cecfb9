/** @file The runs of a study that is done, found by what they trained. */
import type { ExperimentId, RunId } from '../../contract/model/primitives.ts';
import { canonicalJson } from '../../store/connection/canonical.ts';
import type { Store } from '../../store/connection/open.ts';
import { ChildSpec } from './plan.ts';

export interface EarlierRuns {
  study: ExperimentId;
  /** The finished run with exactly a part's arm and request, seed included; null if there is none. */
  of: (part: Pick<ChildSpec, 'arm' | 'request'>) => RunId | null;
}

/** Reads all parts of a study once. */
export async function earlierRuns(
  { experiments }: Pick<Store, 'experiments'>,
  study: ExperimentId,
): Promise<EarlierRuns> {
  const runs = new Map<string, RunId>();
  for (const { plan, runId, status } of await experiments.children(study)) {
    if (runId !== null && status === 'completed') runs.set(keyOf(ChildSpec.parse(plan)), runId);
  }
  return { study, of: (part) => runs.get(keyOf(part)) ?? null };
}

function keyOf({ arm, request }: Pick<ChildSpec, 'arm' | 'request'>): string {
  return canonicalJson([arm, request]);
}
