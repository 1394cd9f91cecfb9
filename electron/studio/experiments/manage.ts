/** @file Starts, stops and resumes experiments. An experiment is one queue entry. */
import type { DatasetSummary } from '../../contract/model/datasets.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { ExperimentSummary } from '../../contract/model/experiments.ts';
import type { DatasetId, ExperimentId } from '../../contract/model/primitives.ts';
import type { ParsedExperiment } from '../../store/experiments/experiments.ts';
import type { StudioContext } from '../context.ts';
import { usableEngine } from '../engine-client/usable-engine.ts';
import { CLIP_HIGHER } from '../../method/defaults.ts';
import { limitFor } from '../models/detail.ts';
import { leave } from '../queue/queue.ts';
import { StopReason } from '../queue/stop-reason.ts';
import { settledEntry } from '../runs/resume.ts';
import { completeRun } from '../runs/start.ts';
import { earlierRuns } from './earlier-runs.ts';
import { childSpecs, type ChildSpec, type TestSpec } from './plan.ts';
import { summaryOf } from './summary.ts';

const KIND_NAMES: Record<ParsedExperiment['kind'], string> = {
  sweep: 'Sweep',
  contest: 'Contest',
  exam: 'Exam',
  study: 'Study',
};
const POLL_MS = 1000;

/**
 * Plans the children, checks each child's recipe and queues the experiment.
 * @throws AtelierError in the same cases as a single run; nothing is stored then
 */
export async function startExperiment(studio: StudioContext, request: ParsedExperiment): Promise<ExperimentSummary> {
  const { store } = studio;
  const { name, plans } = await planExperiment(studio, request);
  if (!studio.worker.standsAside()) await usableEngine(studio.engine, (await store.models.get(request.modelId)).path);
  const { id } = await store.transaction(async () => {
    const created = await store.experiments.create(request, name, plans);
    await store.queue.add({ kind: 'experiment', experimentId: created.id, title: created.name });
    return created;
  });
  studio.worker.wake();
  return summaryOf(studio, id);
}

/** An experiment's name and children, each of which can be run. Nothing is stored. @throws AtelierError as a single run */
export async function planExperiment(
  studio: Pick<StudioContext, 'store'>,
  request: ParsedExperiment,
): Promise<{ name: string; plans: ChildSpec[] }> {
  refuseSameTasks(request);
  refuseLooks(request);
  const plans = await checked(studio, await withDetail(studio, request, childSpecs(request)));
  await refuseWithoutRuns(studio, request, plans);
  const name = request.name ?? `${KIND_NAMES[request.kind]} on ${(await datasetsOf(studio, request)).join(' and ')}`;
  return { name: name.slice(0, 200), plans };
}

/**
 * The plans, each with a recipe that can run.
 * @throws AtelierError BAD_INPUT naming the field of the first that cannot
 */
async function checked(studio: Pick<StudioContext, 'store'>, plans: readonly ChildSpec[]): Promise<ChildSpec[]> {
  const whole: ChildSpec[] = [];
  for (const plan of plans) {
    if (plan.request === null) whole.push(plan);
    else {
      const { recipe } = await completeRun(studio, { ...plan.request, name: plan.label });
      // The clip is set on the numbers that fit the data, so that it is all that differs.
      const clipped = { ...plan.request, grpo: { ...recipe.grpo, epsilonHigh: CLIP_HIGHER } };
      whole.push(plan.arm === 'grpo-clip-higher' ? { ...plan, request: clipped } : plan);
    }
  }
  return whole;
}

/** Fixes the detail of every run and test, so that a later change of a dataset's setting does not divide an experiment. */
async function withDetail(
  studio: Pick<StudioContext, 'store'>,
  { modelId, recipe }: ParsedExperiment,
  plans: readonly ChildSpec[],
): Promise<ChildSpec[]> {
  const { path } = await studio.store.models.get(modelId);
  const known = new Map<DatasetId, { maxPixels?: number }>();
  const limit = async (datasetId: DatasetId): Promise<{ maxPixels?: number }> => {
    const found = known.get(datasetId) ?? (await limitFor(studio, path, { detail: recipe.detail, datasetId }));
    known.set(datasetId, found);
    return found;
  };
  const fixed: ChildSpec[] = [];
  for (const plan of plans) {
    const tests: TestSpec[] = [];
    for (const test of plan.tests) tests.push({ ...test, ...(await limit(test.datasetId)) });
    if (plan.request === null) fixed.push({ ...plan, tests });
    else {
      const { detail: _detail, ...request } = plan.request;
      fixed.push({ ...plan, tests, request: { ...request, ...(await limit(request.datasetId)) } });
    }
  }
  return fixed;
}

/**
 * Resolves once the experiment has ended or left the queue.
 * @throws AtelierError CONFLICT if it is neither running nor waiting
 */
export async function stopExperiment(
  studio: StudioContext,
  { experimentId }: { experimentId: ExperimentId },
): Promise<ExperimentSummary> {
  const entry = await studio.store.queue.find({ experimentId });
  if (entry?.status === 'waiting' && (await leave(studio, entry))) return summaryOf(studio, experimentId);
  if (entry !== null && (await studio.worker.stop(entry.id, new StopReason('requested')))) {
    return summaryOf(studio, experimentId);
  }
  const summary = await summaryOf(studio, experimentId);
  throw new AtelierError(
    'CONFLICT',
    entry === null
      ? `The experiment "${summary.name}" (${experimentId}) is ${summary.status}, so there is nothing to stop.`
      : `Another Atelier works on the experiment "${summary.name}" (${experimentId}).`,
    {
      place: { field: 'experimentId' },
      ...(entry === null ? {} : { remedy: 'Stop it there, or stop the run in work with `atelier stop`.' }),
    },
  );
}

/** Queues an experiment again; completed children are not repeated. */
export async function resumeExperiment(
  studio: StudioContext,
  { experimentId }: { experimentId: ExperimentId },
): Promise<ExperimentSummary> {
  const { store } = studio;
  await store.recover();
  const experiment = await store.experiments.get(experimentId);
  const entry = await settledEntry(studio, { experimentId });
  if (entry !== null) {
    if (entry.status === 'waiting' && (await store.queue.adopt(entry.id))) studio.worker.wake();
    else {
      throw new AtelierError('CONFLICT', `The experiment "${experiment.name}" already waits or runs.`, {
        place: { field: 'experimentId' },
        remedy: '`atelier queue` shows what is before it.',
      });
    }
    return summaryOf(studio, experimentId);
  }
  if (experiment.status === 'completed') {
    throw new AtelierError('CONFLICT', `The experiment "${experiment.name}" is completed: nothing is left to do.`, {
      place: { field: 'experimentId' },
    });
  }
  await store.transaction(async () => {
    await store.experiments.setStatus(experimentId, 'queued');
    await store.queue.add({ kind: 'experiment', experimentId, title: experiment.name });
  });
  studio.worker.wake();
  return summaryOf(studio, experimentId);
}

/** Yields the summary now and after every change; ends when the experiment does. */
export async function* watchExperiment(
  studio: StudioContext,
  { experimentId }: { experimentId: ExperimentId },
  signal?: AbortSignal,
): AsyncGenerator<ExperimentSummary, void, undefined> {
  const ear = studio.bell.listen(experimentId);
  let told = '';
  try {
    while (signal?.aborted !== true) {
      const summary = await summaryOf(studio, experimentId);
      const text = JSON.stringify(summary);
      if (text !== told) yield summary;
      told = text;
      if (summary.status !== 'queued' && summary.status !== 'running') return;
      const fault = studio.worker.fault();
      if (fault !== null) throw fault;
      await ear.wait(POLL_MS, signal);
    }
  } finally {
    ear.close();
  }
}

export async function listExperiments(studio: StudioContext): Promise<ExperimentSummary[]> {
  const summaries: ExperimentSummary[] = [];
  for (const { id } of await studio.store.experiments.list()) summaries.push(await summaryOf(studio, id));
  return summaries;
}

async function datasetsOf(
  { store }: Pick<StudioContext, 'store'>,
  request: ParsedExperiment,
): Promise<DatasetSummary['name'][]> {
  const tasks = 'tasks' in request ? request.tasks : [request.task];
  const names: string[] = [];
  for (const { datasetId } of tasks) names.push((await store.datasets.get(datasetId)).name);
  return names;
}

/** @throws AtelierError BAD_INPUT for looks that do not grow, or do not end with the last seed */
export function refuseLooks({ looks, seeds }: ParsedExperiment): void {
  if (looks === undefined) return;
  const place = { field: 'looks' };
  if (looks.seeds.some((count, at) => count <= (looks.seeds[at - 1] ?? 0))) {
    throw new AtelierError('BAD_INPUT', `The looks at ${looks.seeds.join(', ')} seeds do not grow.`, {
      place,
      remedy: 'List them from the smallest to the largest, each once.',
    });
  }
  if (looks.seeds.at(-1) === seeds.length) return;
  throw new AtelierError(
    'BAD_INPUT',
    `The last look is at ${looks.seeds.at(-1) ?? 0} seeds, but the experiment has ${seeds.length}.`,
    { place, remedy: 'End the looks with the number of seeds.' },
  );
}

/** Runs can be asked again only if every one of them is there, and the questions are those of the tasks. */
async function refuseWithoutRuns(
  { store }: Pick<StudioContext, 'store'>,
  request: ParsedExperiment,
  plans: readonly ChildSpec[],
): Promise<void> {
  if (request.kind !== 'study' || request.askAgain === undefined) return;
  const { study, questions } = request.askAgain;
  const earlier = await store.experiments.get(study);
  for (const [at, task] of request.tasks.entries()) {
    await refuseQuestions(store, { tasks: request.tasks, questions }, task, at);
  }
  const runs = await earlierRuns(store, study);
  const missing = plans.find((plan) => plan.request !== null && runs.of(plan) === null);
  if (missing === undefined) return;
  throw new AtelierError(
    'BAD_INPUT',
    `The study "${earlier.name}" (${study}) has no finished run of "${missing.label}" with seed ${String(missing.seed)}.`,
    {
      place: { field: 'askAgain.study' },
      remedy: 'Finish that study first, and use its model, tasks, seeds and steps.',
    },
  );
}

/** Other questions are new ones, and of the task that the runs were trained on. */
async function refuseQuestions(
  { datasets }: StudioContext['store'],
  { tasks, questions }: { tasks: readonly { datasetId: DatasetId }[]; questions: readonly DatasetId[] },
  { datasetId }: { datasetId: DatasetId },
  at: number,
): Promise<void> {
  const id = questions[at] ?? datasetId;
  const own = await datasets.get(datasetId);
  const place = { field: `askAgain.questions.${at}` };
  const { name, test, tasks: found } = await datasets.get(id);
  if (test === 0) {
    throw new AtelierError('BAD_INPUT', `The dataset "${name}" has no test questions.`, {
      place,
      remedy: 'Name a dataset whose rows are in the split "test".',
    });
  }
  if (tasks.some((task) => task.datasetId === id) || questions.indexOf(id) !== at) {
    throw new AtelierError('BAD_INPUT', `The questions of the dataset "${name}" are asked already.`, {
      place,
      remedy: 'Name two datasets that are not in the study, each once.',
    });
  }
  const known = new Set(own.tasks.map(({ task }) => task));
  if (found.every(({ task }) => known.has(task))) return;
  throw new AtelierError('BAD_INPUT', `The dataset "${name}" asks other things than "${own.name}".`, {
    place,
    remedy: 'Name the datasets in the order of the tasks, each with questions of the same kind.',
  });
}

function refuseSameTasks(request: ParsedExperiment): void {
  if (!('tasks' in request) || request.tasks[0].datasetId !== request.tasks[1].datasetId) return;
  throw new AtelierError('BAD_INPUT', 'An exam trains on one dataset and tests on another, but both are the same.', {
    place: { field: 'tasks' },
    remedy: 'Choose two different datasets.',
  });
}
