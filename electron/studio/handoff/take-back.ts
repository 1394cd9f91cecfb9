/**
 * @file Takes a job folder back: its steps, completions and adapters become runs of this store, marked as trained
 * elsewhere. Everything is checked before anything is written, and all of it is written in one transaction. The same
 * folder can be taken back again and again while the job runs.
 */
import { lstat, mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import type { z } from 'zod';
import { AtelierError } from '../../contract/errors/errors.ts';
import { EvaluationRequest } from '../../contract/model/evaluations.ts';
import type { Handback, HandbackRequest, ReturnedExperiment, ReturnedRun } from '../../contract/model/handoffs.ts';
import type { RunId } from '../../contract/model/primitives.ts';
import { existsFile, syncFolder } from '../../formats/files.ts';
import { folderSha256 } from '../../formats/folder-digest.ts';
import { makeTemporary, removeTemporary } from '../../formats/temporary-folder.ts';
import type { KnownExperiment, KnownHandoff } from '../../store/handoffs/handoffs.ts';
import { othersOf } from '../../method/mixture.ts';
import type { StudioContext } from '../context.ts';
import { recipeDatasets, recipeSamples } from '../datasets/recipe-data.ts';
import { enqueueEvaluation } from '../evaluations/start.ts';
import { resumeExperiment } from '../experiments/manage.ts';
import { JOB_MANIFEST } from '../exports/build/unfinished.ts';
import { typedPath } from '../typed-path.ts';
import { CHILDREN } from './job-folder.ts';
import {
  checkFolder,
  copyCheckpoint,
  manifestOf,
  readResults,
  refused,
  type ReturnedResults,
} from './returned-folder.ts';

/** As the contract gives it, before it is checked again. */
type TakenRun = z.output<typeof ReturnedRun>;
type Taken = z.output<typeof Handback>;

type Parts = Pick<StudioContext, 'store' | 'worker' | 'evaluations' | 'bell'>;

/** A run that was read and checked, and is not stored yet. */
interface Arrival {
  known: KnownHandoff;
  results: ReturnedResults;
  /** Steps whose checkpoints are new. */
  fresh: number[];
  /** The folder in which they were copied, and where it is now. */
  staging: string;
  staged: string;
  /** What has to go if nothing is recorded. */
  undo: string[];
}

/**
 * @throws AtelierError NOT_FOUND (no such folder), VERIFICATION_FAILED (a folder that this store did not hand off, or that
 * was changed; names file and row), CONFLICT (its steps differ from those taken back before)
 */
export async function takeBack(studio: StudioContext, request: HandbackRequest): Promise<Taken> {
  const { store } = studio;
  const folder = await typedPath(request.path);
  if ((await lstat(folder).catch(() => null))?.isDirectory() !== true) {
    throw new AtelierError('NOT_FOUND', `There is no folder ${folder}.`, {
      place: { file: folder },
      remedy: 'Enter the path of the job folder.',
    });
  }
  const manifest = await manifestOf(folder);
  const run = await store.handoffs.byManifest(manifest.sha256);
  const experiment = run === null ? await store.handoffs.experiment(manifest.sha256) : null;
  if (run === null && experiment === null) throw refused(JOB_MANIFEST, 'is not one that this data folder handed off');
  await checkFolder(folder, manifest.text);
  const arrivals: Arrival[] = [];
  try {
    if (experiment !== null)
      return await takeExperiment(studio, folder, experiment, arrivals, request.evaluate === true);
    if (run === null) throw new Error('A folder is of a run or of an experiment.');
    await arrive(studio, folder, run, arrivals);
    const [taken] = await storeAll(studio, arrivals);
    if (taken === undefined) throw new Error('A run that arrived is stored.');
    if (request.evaluate === true) for (const each of taken.evaluations) await enqueueEvaluation(studio, each);
    return taken;
  } finally {
    for (const { staging, staged } of arrivals) {
      await rm(staged, { recursive: true, force: true });
      await removeTemporary(staging);
    }
  }
}

/** All runs are checked before any is stored. */
async function takeExperiment(
  studio: StudioContext,
  folder: string,
  { handoff, experimentId, parts }: KnownExperiment,
  arrivals: Arrival[],
  evaluate: boolean,
): Promise<z.output<typeof ReturnedExperiment>> {
  const { store } = studio;
  const { status, name } = await store.experiments.get(experimentId);
  if (status === 'running' || status === 'queued')
    throw new AtelierError('CONFLICT', `The experiment "${name}" is ${status}, so nothing can be added to it.`, {
      place: { field: 'path' },
      remedy: `Wait until it has ended, or stop it: \`atelier stop ${experimentId}\`.`,
    });
  for (const [index, part] of parts.entries()) {
    const child = `${CHILDREN}/${handoff.children[index] ?? ''}`;
    const place = join(folder, child);
    // A run that has not been started has no steps.
    if (!(await existsFile(join(place, 'results', 'metrics.jsonl')))) continue;
    try {
      const own = await manifestOf(place);
      if (own.sha256 !== part.handoff.manifestSha256)
        throw refused(JOB_MANIFEST, 'is not the file that was handed off');
      await arrive(studio, place, part, arrivals);
    } catch (error) {
      throw refusedIn(child, error);
    }
  }
  const runs = await storeAll(studio, arrivals);
  const isComplete = runs.length === parts.length && runs.every((each) => each.isComplete);
  const isNew = runs.some(({ checkpoints }) => checkpoints.length > 0);
  studio.bell.ring(experimentId);
  if (evaluate && isNew && runs.some((each) => each.isComplete)) await resumeExperiment(studio, { experimentId });
  return { handoffId: handoff.id, experimentId, name, runs, of: parts.length, isComplete };
}

/** The error with the path of its file from the job's folder, where it names a file of one run's folder. */
function refusedIn(child: string, error: unknown): unknown {
  if (!(error instanceof AtelierError)) return error;
  const { code, message, place, remedy } = error;
  if (place?.file === undefined || isAbsolute(place.file) || !message.startsWith(place.file)) return error;
  return new AtelierError(code, `${child}/${message}`, {
    place: { ...place, file: `${child}/${place.file}` },
    ...(remedy === undefined ? {} : { remedy }),
    cause: error,
  });
}

/** Reads and checks a run, and adds it to `arrivals`. */
async function arrive({ store }: Parts, folder: string, known: KnownHandoff, arrivals: Arrival[]): Promise<void> {
  const { recipe, handoff, part } = known;
  if (part !== null && known.runId === null) {
    const child = (await store.experiments.children(part.experimentId)).find(({ ordinal }) => ordinal === part.ordinal);
    if (child?.runId !== null)
      throw refused(folder, 'belongs to a part of an experiment that has been done since, by another run');
  }
  const samples = await recipeSamples(store, recipe, 'train', handoff.createdAt);
  const asked = samples.map(({ id, answer, task, datasetId }) => [String(id), { answer, task, datasetId }] as const);
  const results = await readResults(folder, known, new Map(asked));
  const already = known.runId === null ? [] : await store.runs.checkpoints(known.runId);
  const fresh = results.checkpoints.filter((step) => !already.some((each) => each.step === step));
  await mkdir(join(store.home, 'runs'), { recursive: true });
  const staging = await makeTemporary('handback', join(store.home, 'runs'));
  arrivals.push({ known, results, fresh, staging, staged: staging, undo: [] });
  for (const step of fresh) await copyCheckpoint(folder, step, known, join(staging, nameOf(step)));
}

/** Stores all of them or none. */
async function storeAll(studio: Parts, arrivals: readonly Arrival[]): Promise<TakenRun[]> {
  const { store } = studio;
  const stored = await store
    .transaction(async () => {
      const all: Omit<TakenRun, 'evaluations'>[] = [];
      for (const arrival of arrivals) all.push(await write(studio, arrival));
      return all;
    })
    .catch(async (error: unknown) => {
      for (const path of arrivals.flatMap(({ undo }) => undo)) await rm(path, { recursive: true, force: true });
      throw error;
    });
  const taken: TakenRun[] = [];
  for (const [index, each] of stored.entries()) {
    studio.bell.ring(each.runId);
    const isNew = (arrivals[index]?.fresh.length ?? 0) > 0;
    taken.push({ ...each, evaluations: isNew ? await evaluationsOf(studio, each.runId) : [] });
  }
  return taken;
}

function nameOf(step: number): string {
  return `step-${String(step).padStart(6, '0')}`;
}

/** Call it in a transaction. */
async function write({ store }: Parts, arrival: Arrival): Promise<Omit<TakenRun, 'evaluations'>> {
  const { runs } = store;
  const { known, results, fresh } = arrival;
  const { handoff, recipe, part } = known;
  const runId = known.runId ?? (await runs.create(recipe, handoff.createdAt)).summary.id;
  const before = await runs.lastStep(runId);
  const wasComplete = (await runs.summary(runId)).status === 'completed';
  const reached = results.steps.length;
  const isComplete = results.isFinished && reached === recipe.steps && results.checkpoints.includes(recipe.steps);
  const facts = { handoffId: handoff.id, runId, name: recipe.name, steps: recipe.steps };
  await refuseOtherSteps(store, runId, results, wasComplete ? before : ((await runs.lastCheckpoint(runId))?.step ?? 0));
  if (wasComplete) return { ...facts, stepBefore: before, step: before, checkpoints: [], isComplete: true };
  if (reached < before)
    throw refused('results/metrics.jsonl', `ends at step ${reached}, and ${before} steps were taken back before`);

  if (known.runId !== null) await runs.resume(runId);
  await runs.begin(runId, results.device);
  const from = await runs.lastStep(runId);
  for (const { metrics, completions } of results.steps.slice(from)) await runs.appendStep(runId, metrics, completions);
  const root = join(store.runFolder(runId), 'checkpoints');
  if (known.runId === null) arrival.undo.push(store.runFolder(runId));
  await mkdir(root, { recursive: true });
  // From here on, the staging folder is inside the run's, where the next start looks for what a kill left there.
  const inRun = join(store.runFolder(runId), basename(arrival.staged));
  await rename(arrival.staged, inRun);
  arrival.staged = inRun;
  for (const step of fresh) {
    const path = join(root, nameOf(step));
    // What is there without a record is left over from a try that failed.
    await rm(path, { recursive: true, force: true });
    await rename(join(inRun, nameOf(step)), path);
    arrival.undo.push(path);
    await runs.addCheckpoint(runId, { step, path, sha256: await folderSha256(path) });
  }
  for (const folder of [root, dirname(root), dirname(dirname(root))]) await syncFolder(folder);
  const elsewhere = `It was trained elsewhere up to step ${reached}. Take its job folder back again when the job has gone on.`;
  await runs.end(runId, isComplete ? { status: 'completed' } : { status: 'interrupted', reason: elsewhere });
  await store.handoffs.returned(handoff.id, runId, { step: reached, checkpoints: [...fresh] });
  if (part !== null) {
    const reason = isComplete ? 'It was trained elsewhere and waits to be evaluated here.' : elsewhere;
    await store.experiments.setChild(part.experimentId, part.ordinal, { status: 'waiting', runId, reason });
  }
  return { ...facts, stepBefore: before, step: reached, checkpoints: [...fresh], isComplete };
}

/** Steps up to a checkpoint that was taken back are final. Later ones may differ: a job that died takes them again. */
async function refuseOtherSteps(
  store: Parts['store'],
  runId: RunId,
  results: ReturnedResults,
  final: number,
): Promise<void> {
  if (final === 0) return;
  for (const stored of await store.runs.steps(runId, final + 1_000_000)) {
    if (stored.step > final) break;
    const { metrics } = results.steps[stored.step - 1] ?? {};
    if (metrics?.loss === stored.loss && metrics.reward === stored.reward) continue;
    throw new AtelierError(
      'CONFLICT',
      `Step ${stored.step} is not the one that was taken back before: the job was started again from the beginning, or its files were changed.`,
      {
        place: { file: 'results/metrics.jsonl' },
        remedy: 'Hand the run off again to train it again.',
      },
    );
  }
}

/** The evaluation of the newest adapter, and that of the base model if there is none. None if there is nothing to ask. */
async function evaluationsOf({ store }: Parts, runId: RunId): Promise<TakenRun['evaluations']> {
  const { summary, recipe } = await store.runs.get(runId);
  const datasets = await recipeDatasets(store, recipe);
  if (datasets.every(({ test, excluded }) => test - excluded.test === 0)) return [];
  const { modelId, datasetId, evalSamples: limit, mixture, maxPixels } = recipe;
  const common = { modelId, datasetId, ...othersOf(recipe), limit };
  // Each dataset of a mixture is asked as the run asked it.
  const like = mixture === undefined ? {} : { likeRun: runId };
  const seen = maxPixels === undefined ? {} : { detail: maxPixels };
  const tuned = EvaluationRequest.parse({ ...common, runId });
  return summary.base === null ? [EvaluationRequest.parse({ ...common, ...like, ...seen }), tuned] : [tuned];
}
