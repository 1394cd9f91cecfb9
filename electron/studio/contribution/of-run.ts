/** @file The contribution of each image to a run, by the best method for which the store has figures. */
import type {
  Contribution,
  ContributionImage,
  ContributionMethod,
  ContributionReport,
  Recipe,
  RunId,
  RunSummary,
} from '../../contract/api/index.ts';
import { AtelierError, ContributionRequest } from '../../contract/api/index.ts';
import { ROUNDED_AWAY, agreementWith, contributionOf } from '../../provenance/documents/contribution.ts';
import type { GroupWeight } from '../../provenance/documents/contribution.ts';
import { buildManifest } from '../../provenance/documents/manifest.ts';
import type { ManifestRow } from '../../provenance/documents/manifest.ts';
import { recipeSamples } from '../datasets/recipe-data.ts';
import type { Store } from '../../store/connection/open.ts';
import type { ContributionStore } from '../../store/runs/contributions.ts';

/** Maximum number of sums on a page; a bundle holds them all. */
const MAX_SUMS = 200;

/** One page of images with all sums. @throws AtelierError NOT_FOUND; CONFLICT if nothing has been recorded yet */
export async function contributionReport(store: Store, asked: ContributionRequest): Promise<ContributionReport> {
  const { runId, method, offset, limit, sort } = ContributionRequest.parse(asked);
  const { summary: run, recipe } = await store.runs.get(runId);
  const step = run.lastCheckpointStep ?? run.step;
  const available = await availableMethods(store.contributions, runId, step);
  const chosen = method ?? available[0];
  if (chosen === undefined || !available.includes(chosen)) throw notThere(run, recipe, method);
  const samples = await recipeSamples(store, recipe, undefined, run.createdAt);
  const timesSeen = await store.contributions.timesDrawn(runId, step);
  const manifest = buildManifest({ samples, timesSeen, evaluatedSampleIds: new Set() });
  const whole = await comparedAt(store.contributions, runId, step, manifest, chosen, available);
  const images = [...whole.images].sort(ORDER[sort]);
  return {
    ...whole,
    images: images.slice(offset, offset + limit),
    byAuthor: whole.byAuthor.slice(0, MAX_SUMS),
    byLicence: whole.byLicence.slice(0, MAX_SUMS),
    bySource: whole.bySource.slice(0, MAX_SUMS),
    imagesTotal: images.length,
    available,
  };
}

/** The best contribution figures of a run up to a step, for a bundle; null if nothing was recorded. */
export async function bestContribution(
  store: Pick<Store, 'contributions'>,
  runId: RunId,
  step: number,
  manifest: readonly ManifestRow[],
): Promise<Contribution | null> {
  const available = await availableMethods(store.contributions, runId, step);
  const [best] = available;
  return best === undefined ? null : comparedAt(store.contributions, runId, step, manifest, best, available);
}

/** Methods that have figures up to a step, best first. */
export async function availableMethods(
  contributions: ContributionStore,
  runId: RunId,
  step: number,
): Promise<ContributionMethod[]> {
  if (step === 0) return [];
  const drawn = await contributions.groupsDrawn(runId, step);
  return [
    ...((await contributions.projectedThrough(runId, 'exact')) >= step ? (['exact'] as const) : []),
    ...((await contributions.projectedThrough(runId, 'measured')) >= step ? (['measured'] as const) : []),
    ...(drawn.some(({ signal }) => signal > 0) ? (['advantages'] as const) : []),
    ...(drawn.length > 0 ? (['draws'] as const) : []),
  ];
}

/** The contribution by one method, with how far the cheaper methods agree with the exact replay if there is one. */
async function comparedAt(
  contributions: ContributionStore,
  runId: RunId,
  step: number,
  manifest: readonly ManifestRow[],
  method: ContributionMethod,
  available: readonly ContributionMethod[],
): Promise<Contribution> {
  const of = (one: ContributionMethod): Promise<Contribution> =>
    contributionAt(contributions, runId, step, manifest, one);
  const whole = await of(method);
  if (!available.includes('exact')) return whole;
  const exact = method === 'exact' ? whole : await of('exact');
  const agreement: Contribution['agreement'] = [];
  for (const other of available) if (other !== 'exact') agreement.push(agreementWith(exact, await of(other)));
  return { ...whole, agreement };
}

async function contributionAt(
  contributions: ContributionStore,
  runId: RunId,
  step: number,
  manifest: readonly ManifestRow[],
  method: ContributionMethod,
): Promise<Contribution> {
  const drawn = await contributions.groupsDrawn(runId, step);
  let weights: GroupWeight[];
  if (method === 'exact' || method === 'measured') {
    const projections = await contributions.projectionsOf(runId, method, step);
    weights = projections.map(({ projection, ...group }) => ({ ...group, weight: projection }));
  } else {
    weights = drawn.map(({ signal, ...group }) => ({ ...group, weight: method === 'draws' ? 1 : signal }));
  }
  // Supervised runs record no completions, so the samples drawn in a replay are all that is known.
  const draws =
    drawn.length > 0
      ? drawn
      : weights.map(({ step: at, sampleId }) => ({ step: at, sampleId, tokens: 0, reward: null }));
  const reproduced = method === 'exact' ? ((await contributions.replayOf(runId))?.reproduced ?? false) : null;
  const idleSteps = await contributions.idleSteps(runId, step, ROUNDED_AWAY);
  return contributionOf({ runId, step, method, reproduced, weights, draws, idleSteps, manifest });
}

const ORDER: Record<ContributionRequestSort, (a: ContributionImage, b: ContributionImage) => number> = {
  // They already come sorted by share.
  share: () => 0,
  seen: (a, b) => b.timesSeen - a.timesSeen,
  'reward-gain': (a, b) => gain(b) - gain(a),
};
type ContributionRequestSort = NonNullable<ContributionRequest['sort']>;

function gain({ rewardFirst, rewardLast }: ContributionImage): number {
  return (rewardLast ?? 0) - (rewardFirst ?? 0);
}

function notThere(run: RunSummary, recipe: Recipe, method: ContributionMethod | undefined): AtelierError {
  const exact =
    'Ask for the exact shares: the run is then run again from its recipe (`atelier contribution RUN --exact`).';
  if (run.step === 0) {
    return new AtelierError('CONFLICT', `The run "${run.name}" has not finished a step yet; nothing has taught it.`, {
      remedy: 'Wait for its first step.',
    });
  }
  if (method !== undefined) {
    return new AtelierError('CONFLICT', `The run "${run.name}" has no figures of the method "${method}".`, {
      place: { field: 'method' },
      remedy: method === 'exact' ? exact : 'Leave the method out to get the best that is there.',
    });
  }
  const why = recipe.method === 'sft' ? 'Supervised training records no answers' : 'No answers were recorded';
  return new AtelierError('CONFLICT', `${why}, so nothing is known of what each image did in "${run.name}".`, {
    remedy: exact,
  });
}
