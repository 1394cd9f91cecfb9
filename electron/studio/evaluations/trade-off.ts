/** @file What the checkpoints of some runs gained on their task, against what they forgot: from stored evaluations. */
import { AtelierError } from '../../contract/errors/errors.ts';
import { EvaluationRequest } from '../../contract/model/evaluations.ts';
import type { Drift, EvaluationSummary, TradeOff, TradeOffRequest } from '../../contract/model/evaluations.ts';
import type { DatasetId, RunId } from '../../contract/model/primitives.ts';
import { driftRequests } from '../../method/drift-requests.ts';
import { rankCorrelation } from '../../method/statistics.ts';
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
  const base = any === undefined ? null : standingOf(any, others, 'base');
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
      };
    });
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
