/**
 * @file A run that begins with the adapter of an earlier one. The checkpoint is copied into the new run's folder, so
 * that it can resume whatever becomes of the earlier run.
 */
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { ModelSummary } from '../../contract/model/models.ts';
import type { RunId } from '../../contract/model/primitives.ts';
import type { Recipe, StartFrom } from '../../contract/model/recipe.ts';
import { rewardKey } from '../../contract/model/rewards.ts';
import { datasetIdsOf } from '../../method/mixture.ts';
import { canonicalJson } from '../../store/connection/canonical.ts';
import type { Store } from '../../store/connection/open.ts';
import type { ParsedRunRequest } from '../recipes/resolve.ts';
import type { RunData } from './run-data.ts';
import { copyOfAdapter } from './start-adapter.ts';
import { mustBeWhole } from './whole-checkpoint.ts';

/** What a request starts from. The new run gets the adapter settings of the earlier one. */
export interface Start {
  startFrom: StartFrom;
  earlier: Recipe;
  /** Folder of the checkpoint. */
  path: string;
}

/**
 * The papers of a run state one base model and one dataset, so a run continues on those of the earlier run.
 * @throws AtelierError NOT_FOUND, BAD_INPUT (`startFrom`) if it cannot be the start, CONFLICT without a checkpoint
 */
export async function startOf(
  store: Store,
  request: ParsedRunRequest,
  model: ModelSummary,
  data: Pick<RunData, 'datasets' | 'snapshotSha256'>,
): Promise<Start | null> {
  if (request.startFrom === undefined) return null;
  const { runId, step } = request.startFrom;
  const { recipe: earlier } = await store.runs.recipeOf(runId);
  if (earlier.modelId !== model.id || earlier.modelSha256 !== model.sha256)
    refuse(`The run ${runId} was trained on another base model.`, `Choose the model ${earlier.modelId}.`);
  const ids = data.datasets.map(({ id }) => id);
  if (datasetIdsOf(earlier).join('\n') !== ids.join('\n') || earlier.datasetSha256 !== data.snapshotSha256)
    refuse(
      `The run ${runId} was trained on other data, or its dataset was edited since; the papers of a run state one dataset.`,
      'Export that run as a whole model, add it, and train that; or choose its dataset.',
    );
  if (earlier.adapter.kind !== 'lora')
    refuse(
      `The run ${runId} trained all weights, so it has no adapter to start from.`,
      'Export it, add it as a model, and train that.',
    );
  if ((await store.handoffs.ofRun(runId)) !== null)
    refuse(
      `The run ${runId} was trained elsewhere.`,
      'Choose a run of this machine, or train the next step elsewhere too.',
    );
  const checkpoints = await store.runs.checkpoints(runId);
  const checkpoint =
    step === undefined
      ? await store.runs.resultCheckpoint(runId)
      : (checkpoints.findLast((candidate) => candidate.step === step) ?? null);
  if (checkpoint === null) {
    const steps = checkpoints.map((candidate) => candidate.step);
    throw new AtelierError(
      'NOT_FOUND',
      `The run ${runId} has no checkpoint${step === undefined ? '' : ` of step ${step}`}.`,
      {
        place: { field: 'startFrom' },
        remedy: steps.length === 0 ? 'Wait for its first checkpoint.' : `It has checkpoints of: ${steps.join(', ')}.`,
      },
    );
  }
  await mustBeWhole(checkpoint);
  return { startFrom: { runId, step: checkpoint.step, sha256: checkpoint.sha256 }, earlier, path: checkpoint.path };
}

/** @throws AtelierError BAD_INPUT if the recipe contradicts the run that it starts from */
export function checkStart(recipe: Recipe, { earlier, startFrom: { runId } }: Start): void {
  if (canonicalJson(recipe.adapter) !== canonicalJson(earlier.adapter)) {
    throw new AtelierError('BAD_INPUT', `The adapter of the run ${runId} has another rank, alpha or layers.`, {
      place: { field: 'adapter' },
      remedy: 'Leave the adapter settings out: they are those of the earlier run.',
    });
  }
  const kept = new Set(recipe.rewards.map((spec) => canonicalJson(spec.params ?? {}) + rewardKey(spec)));
  const lost = earlier.rewards.find(
    (spec) => spec.name === 'custom' && !kept.has(canonicalJson(spec.params ?? {}) + rewardKey(spec)),
  );
  if (lost === undefined) return;
  throw new AtelierError(
    'BAD_INPUT',
    `The run ${runId} learned from the reward ${rewardKey(lost)}, which this recipe leaves out; its licence binds these weights too.`,
    { place: { field: 'rewards' }, remedy: 'Keep the reward, if you like with a small weight.' },
  );
}

/**
 * The folder that the run begins with, copied there if it is not yet; undefined = it begins with a new adapter.
 * @param imported where the adapter made elsewhere lies, if there is no copy of it yet
 */
export async function initialAdapterOf(
  store: Store,
  runId: RunId,
  { startFrom, startAdapter }: Recipe,
  imported?: string,
): Promise<string | undefined> {
  if (startFrom === undefined)
    return startAdapter === undefined ? undefined : await copyOfAdapter(store, runId, startAdapter, imported);
  const root = store.runFolder(runId);
  const path = join(root, 'start');
  const { step, sha256 } = startFrom;
  if ((await stat(path).catch(() => null)) === null) {
    const checkpoints = await store.runs.checkpoints(startFrom.runId);
    const source = checkpoints.findLast((checkpoint) => checkpoint.step === step);
    if (source === undefined) {
      throw new AtelierError('NOT_FOUND', `The checkpoint of step ${step} of the run ${startFrom.runId} is gone.`, {
        place: { field: 'startFrom' },
        remedy: 'Start a new run from a checkpoint that is still there.',
      });
    }
    await mustBeWhole(source);
    const aside = join(root, `.writing-start-${process.pid}`);
    await rm(aside, { recursive: true, force: true });
    await mkdir(root, { recursive: true });
    await cp(source.path, aside, { recursive: true });
    // Another Atelier on the same folder may have been faster.
    await rename(aside, path).catch(async (error: unknown) => {
      await rm(aside, { recursive: true, force: true });
      if ((await stat(path).catch(() => null)) === null) throw error;
    });
  }
  await mustBeWhole({ step, path, sha256 });
  return path;
}

/**
 * How often the run, up to a step, and the runs before it drew each sample; null if that is not known of one of them.
 */
export async function timesLearned(store: Store, runId: RunId, step: number): Promise<Map<string, number> | null> {
  const own = await store.contributions.timesDrawn(runId, step);
  const { startFrom } = (await store.runs.recipeOf(runId)).recipe;
  if (startFrom === undefined) return own;
  const before = await timesLearned(store, startFrom.runId, startFrom.step);
  if (own === null || before === null) return null;
  const sums = new Map(before);
  for (const [id, times] of own) sums.set(id, times + (sums.get(id) ?? 0));
  return sums;
}

function refuse(message: string, remedy: string): never {
  throw new AtelierError('BAD_INPUT', message, { place: { field: 'startFrom' }, remedy });
}
