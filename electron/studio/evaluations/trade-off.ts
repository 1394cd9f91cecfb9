/** @file What the checkpoints of some runs gained on their task, against what they forgot: from stored evaluations. */
import { AtelierError } from '../../contract/errors/errors.ts';
import { EvaluationRequest } from '../../contract/model/evaluations.ts';
import type { Drift, EvaluationSummary, TradeOff, TradeOffRequest } from '../../contract/model/evaluations.ts';
import type { DatasetId, RunId } from '../../contract/model/primitives.ts';
import { driftRequests } from '../../method/drift-requests.ts';
import { meanInterval, rankCorrelation } from '../../method/statistics.ts';
import { meanStanding, onFrontier, type Standing } from '../../method/trade-off.ts';
import type { StudioCore } from '../context.ts';

type Measured = EvaluationSummary & { drift: Drift; step: number };

/** One checkpoint that was measured on its own task. */
interface Checkpoint {
  runId: RunId;
  step: number;
  own: Drift;
  others: ReadonlyMap<DatasetId, Drift>;
}

/**
 * Collects what was measured of every checkpoint, and what is missing.
 * @throws AtelierError BAD_INPUT if the runs were not trained on the same dataset from the same model
 */
export async function tradeOff({ store }: Pick<StudioCore, 'store'>, request: TradeOffRequest): Promise<TradeOff> {
  const runIds = [...new Set(request.lines.flatMap((line) => line.runIds))];
  const runs = await Promise.all(runIds.map(async (runId) => store.runs.get(runId)));
  const [first] = runs;
  const odd = runs.find(
    ({ summary }) => summary.datasetId !== first?.summary.datasetId || summary.modelId !== first.summary.modelId,
  );
  if (first === undefined || odd !== undefined) {
    throw new AtelierError('BAD_INPUT', 'These runs were not trained on the same dataset from the same model.', {
      place: { field: 'lines' },
      remedy: `Leave ${odd?.summary.id ?? 'the others'} out, or choose runs of one dataset and one model.`,
    });
  }
  const { datasetId } = first.summary;
  const datasets = await store.datasets.list();
  const checkpoints: Checkpoint[] = [];
  const missing: TradeOff['missing'] = [];
  for (const { summary, recipe } of runs) {
    // Drift is measured by switching an adapter off.
    if (recipe.adapter.kind !== 'lora') continue;
    const measured = (await store.evaluations.list({ runId: summary.id, mode: 'drift' })).filter(isMeasured);
    checkpoints.push(...checkpointsOf(summary.id, datasetId, measured));
    const steps = (await store.runs.checkpoints(summary.id)).map(({ step }) => step);
    missing.push(...driftRequests(summary, steps, datasets, measured).map((each) => EvaluationRequest.parse(each)));
  }
  const others = commonOthers(checkpoints);
  const lines = request.lines.map(({ name, runIds: of }) => ({
    name,
    points: meansByStep(
      checkpoints.filter(({ runId }) => of.includes(runId)),
      others,
    ),
  }));
  const [any] = checkpoints;
  const base =
    any === undefined ? null : { ...standingOf(any, others, 'base'), intervals: intervalsOf([any], others, 'base') };
  const all = lines.flatMap(({ points }) => points);
  const frontier = onFrontier([...(base === null ? [] : [base]), ...all]);
  const best = new Set(all.filter((_, at) => frontier[at + (base === null ? 0 : 1)]));
  return {
    datasetId,
    others,
    base,
    lines: lines.map(({ name, points }) => ({
      name,
      points: points.map((point) => ({ ...point, onFrontier: best.has(point) })),
    })),
    klPredicts: predictionOf(all),
    missing,
  };
}

function isMeasured(evaluation: EvaluationSummary): evaluation is Measured {
  return evaluation.drift !== null && evaluation.step !== null && evaluation.split === 'test';
}

/** @param measured newest first, so that the first of several measurements of a checkpoint counts */
function checkpointsOf(runId: RunId, datasetId: DatasetId, measured: readonly Measured[]): Checkpoint[] {
  return [...new Set(measured.map(({ step }) => step))]
    .toSorted((a, b) => a - b)
    .flatMap((step) => {
      const here = measured.filter((each) => each.step === step);
      const own = here.find((each) => each.datasetId === datasetId);
      if (own === undefined) return [];
      const others = here.filter((each) => each !== own && each.datasetId !== datasetId).toReversed();
      return [{ runId, step, own: own.drift, others: new Map(others.map((each) => [each.datasetId, each.drift])) }];
    });
}

/** Datasets that every checkpoint with a second measurement was asked, so that retentions are means of the same. */
function commonOthers(checkpoints: readonly Checkpoint[]): DatasetId[] {
  const asked = checkpoints.filter(({ others }) => others.size > 0);
  return [...(asked[0]?.others.keys() ?? [])].filter((id) => asked.every(({ others }) => others.has(id)));
}

function standingOf({ own, others }: Checkpoint, common: readonly DatasetId[], of: 'base' | 'tuned'): Standing {
  const elsewhere = common.flatMap((id) => others.get(id)?.[of].value ?? []);
  const isTuned = of === 'tuned';
  return {
    accuracy: own[of].value,
    retention:
      common.length === 0 || elsewhere.length < common.length
        ? null
        : elsewhere.reduce((sum, value) => sum + value, 0) / elsewhere.length,
    forward: isTuned ? own.forward.perAnswer.mean : 0,
    reverse: isTuned ? own.reverse.perAnswer.mean : 0,
  };
}

function meansByStep(checkpoints: readonly Checkpoint[], others: readonly DatasetId[]) {
  return [...new Set(checkpoints.map(({ step }) => step))]
    .toSorted((a, b) => a - b)
    .map((step) => {
      const here = checkpoints.filter((each) => each.step === step);
      return {
        step,
        runIds: here.map(({ runId }) => runId),
        ...meanStanding(here.map((each) => standingOf(each, others, 'tuned'))),
        intervals: intervalsOf(here, others, 'tuned'),
      };
    });
}

type Intervals = NonNullable<NonNullable<TradeOff['base']>['intervals']>;
type Interval = Intervals['accuracy'];

/** How far the figures could differ: with other seeds if several runs were measured, else with other questions. */
function intervalsOf(
  checkpoints: readonly Checkpoint[],
  others: readonly DatasetId[],
  of: 'base' | 'tuned',
): Intervals {
  const standings = checkpoints.map((each) => standingOf(each, others, of));
  const retentions = standings.map(({ retention }) => retention);
  const [only] = checkpoints;
  if (checkpoints.length > 1 || only === undefined) {
    const kept = retentions.every((value) => value !== null) ? overRuns(retentions, 1) : null;
    return {
      accuracy: overRuns(
        standings.map(({ accuracy }) => accuracy),
        1,
      ),
      retention: kept,
      forward: overRuns(standings.map(({ forward }) => forward)),
    };
  }
  const elsewhere = others.flatMap((id) => only.others.get(id) ?? []);
  const { low, high } = only.own.forward.perAnswer;
  return {
    accuracy: endsOf(only.own[of]),
    retention: retentions[0] === null ? null : ofMean(elsewhere.map((drift) => endsOf(drift[of]))),
    forward: of === 'base' ? { low: 0, high: 0 } : { low: Math.max(0, low), high },
  };
}

function endsOf({ low, high }: Interval): Interval {
  return { low, high };
}

function overRuns(values: readonly number[], most = Infinity): Interval {
  const { mean, low, high } = meanInterval(values);
  return { low: Math.max(0, low ?? mean), high: Math.min(most, high ?? mean) };
}

/** Of the mean of independent shares, from their own intervals. */
function ofMean(intervals: readonly Interval[]): Interval | null {
  if (intervals.length === 0) return null;
  const mean = (of: (one: Interval) => number): number =>
    intervals.reduce((sum, one) => sum + of(one), 0) / intervals.length;
  const centre = mean(({ low, high }) => (low + high) / 2);
  const half = Math.sqrt(mean(({ low, high }) => ((high - low) / 2) ** 2) / intervals.length);
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** How well the distance on the trained task ranks what was lost elsewhere ("RL's Razor", arXiv 2509.04259). */
function predictionOf(points: readonly Standing[]): TradeOff['klPredicts'] {
  const both = points.flatMap(({ forward, retention }) => (retention === null ? [] : [{ forward, retention }]));
  if (both.length < 3) return null;
  const correlation = rankCorrelation(
    both.map(({ forward }) => forward),
    both.map(({ retention }) => -retention),
  );
  return correlation === null ? null : { correlation, points: both.length };
}
