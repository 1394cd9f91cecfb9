/**
 * @file Takes a job folder back: its steps, completions and adapters become a run of this store, marked as trained
 * elsewhere. Everything is checked before anything is written, and all of it is written in one transaction. The same
 * folder can be taken back again and again while the job runs.
 */
import { lstat, mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { z } from 'zod';
import { AtelierError } from '../../contract/errors/errors.ts';
import { EvaluationRequest } from '../../contract/model/evaluations.ts';
import type { Handback, HandbackRequest } from '../../contract/model/handoffs.ts';
import type { RunId } from '../../contract/model/primitives.ts';
import { syncFolder } from '../../formats/files.ts';
import { folderSha256 } from '../../formats/folder-digest.ts';
import { makeTemporary, removeTemporary } from '../../formats/temporary-folder.ts';
import type { KnownHandoff } from '../../store/handoffs/handoffs.ts';
import type { StudioContext } from '../context.ts';
import { enqueueEvaluation } from '../evaluations/start.ts';
import { typedPath } from '../typed-path.ts';
import {
  checkFolder,
  copyCheckpoint,
  manifestOf,
  readResults,
  refused,
  type ReturnedResults,
} from './returned-folder.ts';

/** As the contract gives it, before it is checked again. */
type Taken = z.output<typeof Handback>;

type Parts = Pick<StudioContext, 'store' | 'worker' | 'evaluations' | 'bell'>;

/**
 * @throws AtelierError NOT_FOUND (no such folder), VERIFICATION_FAILED (a folder that this store did not hand off, or that
 * was changed; names file and row), CONFLICT (its steps differ from those taken back before)
 */
export async function takeBack(studio: Parts, request: HandbackRequest): Promise<Taken> {
  const { store } = studio;
  const folder = await typedPath(request.path);
  if ((await lstat(folder).catch(() => null))?.isDirectory() !== true) {
    throw new AtelierError('NOT_FOUND', `There is no folder ${folder}.`, { place: { file: folder } });
  }
  const manifest = await manifestOf(folder);
  const known = await store.handoffs.byManifest(manifest.sha256);
  if (known === null) throw refused('manifest.json', 'is not one that this data folder handed off');
  await checkFolder(folder, manifest.text);
  const { recipe, handoff } = known;
  const samples = await store.datasets.allSamples(recipe.datasetId, 'train', handoff.createdAt);
  const asked = samples.map(({ id, answer, task }) => [String(id), { answer, task }] as const);
  const results = await readResults(folder, known, new Map(asked));
  await mkdir(join(store.home, 'runs'), { recursive: true });
  const staging = await makeTemporary('handback', join(store.home, 'runs'));
  const placing: Placing = { staged: staging, undo: [] };
  try {
    const already = known.runId === null ? [] : await store.runs.checkpoints(known.runId);
    const fresh = results.checkpoints.filter((step) => !already.some((each) => each.step === step));
    for (const step of fresh) await copyCheckpoint(folder, step, known, join(staging, nameOf(step)));
    const taken = await store
      .transaction(() => write(studio, known, results, fresh, placing))
      .catch(async (error: unknown) => {
        for (const path of placing.undo) await rm(path, { recursive: true, force: true });
        throw error;
      });
    studio.bell.ring(taken.runId);
    const evaluations = fresh.length === 0 ? [] : await evaluationsOf(studio, taken.runId);
    if (request.evaluate === true) for (const each of evaluations) await enqueueEvaluation(studio, each);
    return { ...taken, evaluations };
  } finally {
    await rm(placing.staged, { recursive: true, force: true });
    await removeTemporary(staging);
  }
}

interface Placing {
  /** Where the checked copies are now. */
  staged: string;
  /** What has to go if nothing is recorded. */
  undo: string[];
}

function nameOf(step: number): string {
  return `step-${String(step).padStart(6, '0')}`;
}

/** Call it in a transaction. */
async function write(
  { store }: Parts,
  known: KnownHandoff,
  results: ReturnedResults,
  fresh: readonly number[],
  placing: Placing,
): Promise<Omit<Taken, 'evaluations'>> {
  const { runs } = store;
  const { handoff, recipe } = known;
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
  if (known.runId === null) placing.undo.push(store.runFolder(runId));
  await mkdir(root, { recursive: true });
  // From here on, the staging folder is inside the run's, where the next start looks for what a kill left there.
  const inRun = join(store.runFolder(runId), basename(placing.staged));
  await rename(placing.staged, inRun);
  placing.staged = inRun;
  for (const step of fresh) {
    const path = join(root, nameOf(step));
    // What is there without a record is left over from a try that failed.
    await rm(path, { recursive: true, force: true });
    await rename(join(inRun, nameOf(step)), path);
    placing.undo.push(path);
    await runs.addCheckpoint(runId, { step, path, sha256: await folderSha256(path) });
  }
  for (const folder of [root, dirname(root), dirname(dirname(root))]) await syncFolder(folder);
  const reason = `It was trained elsewhere up to step ${reached}. Take its job folder back again when the job has gone on.`;
  await runs.end(runId, isComplete ? { status: 'completed' } : { status: 'interrupted', reason });
  await store.handoffs.returned(handoff.id, runId, { step: reached, checkpoints: [...fresh] });
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
async function evaluationsOf({ store }: Parts, runId: RunId): Promise<Taken['evaluations']> {
  const { summary, recipe } = await store.runs.get(runId);
  const { test, excluded } = await store.datasets.get(recipe.datasetId);
  if (test - excluded.test === 0) return [];
  const common = { modelId: recipe.modelId, datasetId: recipe.datasetId, limit: recipe.evalSamples };
  const seen = recipe.maxPixels === undefined ? {} : { detail: recipe.maxPixels };
  const tuned = EvaluationRequest.parse({ ...common, runId });
  return summary.base === null ? [EvaluationRequest.parse({ ...common, ...seen }), tuned] : [tuned];
}
