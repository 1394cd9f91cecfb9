/** @file An experiment with its children and all results so far. */
import type { ExperimentChild, ExperimentDetail, ResultCell } from '../../contract/model/experiments.ts';
import type { DatasetId, ExperimentId } from '../../contract/model/primitives.ts';
import type { ParsedExperiment } from '../../store/experiments/experiments.ts';
import type { StudioContext } from '../context.ts';
import { proposeKlRange, type KlPoint } from '../../method/kl-range.ts';
import { decideClaims } from './claims.ts';
import { evidenceOf } from './evidence.ts';
import { ChildSpec } from './plan.ts';
import { compareArms, resultCells, type ChildWithSpec } from './results.ts';
import { summaryOf } from './summary.ts';

export async function experimentDetail(
  studio: StudioContext,
  { experimentId }: { experimentId: ExperimentId },
): Promise<ExperimentDetail> {
  const { store } = studio;
  const { request } = await store.experiments.get(experimentId);
  const planned = (await store.experiments.children(experimentId)).map((stored): ChildWithSpec => ({
    stored,
    plan: ChildSpec.parse(stored.plan),
  }));
  const tasks = 'tasks' in request ? request.tasks : [request.task];
  const datasets: ExperimentDetail['datasets'] = [];
  for (const { datasetId } of tasks) {
    datasets.push({ id: datasetId, name: (await store.datasets.get(datasetId)).name });
  }
  const names = new Map(datasets.map(({ id, name }) => [String(id), name]));
  const asked = request.kind === 'study' ? (request.askAgain?.questions ?? []) : [];
  for (const id of asked) names.set(id, (await store.datasets.get(id)).name);
  const nameOf = (id: string): string => names.get(id) ?? id;
  const cells = await resultCells(studio, planned);
  for (const dataset of datasets) Object.assign(dataset, await noLookAt(studio, cells, dataset.id));
  const evidence = evidenceOf(
    request,
    datasets.map(({ name }) => name),
  );
  const comparisons = await compareArms(studio, cells, request, evidence);
  const children: ExperimentChild[] = [];
  for (const child of planned) children.push(await childOf(studio, child, request, nameOf));
  return {
    summary: await summaryOf(studio, experimentId),
    request,
    datasets,
    children,
    cells,
    comparisons,
    klRange: proposeKlRange(klPoints(cells)),
    claims: evidence === null ? [] : decideClaims({ ...evidence, cells, comparisons }),
  };
}

/** What can be answered on a dataset without looking: the same for every model that was asked the same questions. */
async function noLookAt(
  { store }: Pick<StudioContext, 'store'>,
  cells: readonly ResultCell[],
  datasetId: DatasetId,
): Promise<Pick<ExperimentDetail['datasets'][number], 'noLook'>> {
  const cell = cells.find(({ testedOn, mode }) => testedOn === datasetId && mode === 'reasoning');
  const evaluationId = cell?.seeds[0]?.evaluationId;
  if (evaluationId === undefined) return {};
  const { noLook } = await store.evaluations.get(evaluationId);
  if (noLook === null) return {};
  const { constant, questionOnly, best } = noLook;
  return { noLook: { constant, questionOnly, best } };
}

/** What the runs of a sweep over the KL weight measured, each at the task it was trained on. */
function klPoints(cells: readonly ResultCell[]): KlPoint[] {
  const swept = cells.filter(
    ({ parts, trainedOn, testedOn, mode }) =>
      parts.includes('kl-weight') && trainedOn === testedOn && mode === 'reasoning',
  );
  return swept.flatMap(({ klWeight, klEffect }) =>
    klWeight === null || !klEffect ? [] : [{ beta: klWeight, ...klEffect }],
  );
}

async function childOf(
  { store }: StudioContext,
  { stored, plan }: ChildWithSpec,
  request: ParsedExperiment,
  nameOf: (id: string) => string,
): Promise<ExperimentChild> {
  const run = stored.runId === null ? null : await store.runs.summary(stored.runId);
  const tests: ExperimentChild['tests'] = [];
  for (const [index, { datasetId, mode, questionsOf }] of plan.tests.entries()) {
    const evaluationId = stored.evaluations.get(index) ?? null;
    const accuracy = evaluationId === null ? null : (await store.evaluations.get(evaluationId)).accuracy;
    tests.push({ datasetId, datasetName: nameOf(questionsOf ?? datasetId), mode, evaluationId, accuracy });
  }
  return {
    ordinal: stored.ordinal,
    label: plan.label,
    arm: plan.arm,
    parts: plan.parts,
    method: plan.method,
    trainedOn: plan.trainedOn,
    trainedOnName: plan.trainedOn === null ? null : nameOf(plan.trainedOn),
    seed: plan.seed,
    rewardWeight: plan.rewardWeight,
    klWeight: plan.klWeight,
    runId: stored.runId,
    status: stored.status,
    reason: stored.reason,
    step: run?.step ?? 0,
    steps: run?.steps ?? request.recipe.steps ?? 0,
    tests,
  };
}
