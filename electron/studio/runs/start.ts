/** @file Starts a new run: completes, checks, stores and queues the request. If it is refused, nothing is stored. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Sample } from '../../contract/model/datasets.ts';
import type { ModelSummary } from '../../contract/model/models.ts';
import type { RunSummary } from '../../contract/model/runs.ts';
import { baseModelLocation, readCheckpointSettings, type CheckpointSettings } from '../../formats/checkpoint.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import type { Store } from '../../store/connection/open.ts';
import type { StudioContext } from '../context.ts';
import type { ParsedRunRequest } from '../recipes/resolve.ts';
import { pixelLimitsOf } from '../models/detail.ts';
import { checkContextLength } from '../recipes/context-length.ts';
import { checkAdapterSettings, importedAdapter, type ImportedAdapter } from './start-adapter.ts';
import { checkStart, initialAdapterOf, startOf } from './start-from.ts';
import { resolveRecipe } from '../recipes/resolve.ts';

export async function startRun(
  { store, worker }: Pick<StudioContext, 'store' | 'worker'>,
  request: ParsedRunRequest,
): Promise<RunSummary> {
  const { recipe, initialAdapter } = await completeRun({ store }, request);
  const summary = await store.transaction(async () => {
    const created = await store.runs.create(recipe);
    await store.queue.add({ kind: 'run', runId: created.summary.id, title: created.summary.name });
    // Within the transaction: without its start, the run must not exist.
    await initialAdapterOf(store, created.summary.id, recipe, initialAdapter);
    return created.summary;
  });
  worker.wake();
  return summary;
}

export interface CompleteRun {
  recipe: Recipe;
  model: ModelSummary;
  /** The samples that the run trains on. */
  samples: Sample[];
  /** Folder of the adapter that the run begins with; absent = a new one. */
  initialAdapter?: string;
}

/** Completes a request's recipe and adds its model and data. @throws AtelierError if it cannot be run */
export async function completeRun(
  { store }: Pick<StudioContext, 'store'>,
  request: ParsedRunRequest,
): Promise<CompleteRun> {
  const model = await store.models.get(request.modelId);
  const dataset = await store.datasets.get(request.datasetId);
  if (await store.datasets.isRemoved(dataset.id)) {
    throw new AtelierError('CONFLICT', `The dataset "${dataset.name}" was removed.`, {
      place: { field: 'datasetId' },
      remedy: 'Restore it first, or choose another dataset.',
    });
  }
  const settings = await readCheckpointSettings(model.path);
  // Opted-out images are used neither for training nor for evaluation.
  const all = await store.datasets.allSamples(dataset.id, 'train');
  const usable = all.filter(({ excluded }) => excluded === null);
  const samples = usable.slice(0, request.trainSamples);
  const imported = request.startAdapter === undefined ? null : await importedFor(store, request, model, settings);
  const start = await startOf(store, request, model, dataset);
  const adapter = request.adapter ?? start?.earlier.adapter ?? imported?.adapter;
  const startAdapter = imported?.startAdapter ?? start?.earlier.startAdapter;
  const asked = { ...request, ...(adapter === undefined ? {} : { adapter }) };
  const recipe = resolveRecipe(asked, {
    modelSha256: model.sha256,
    modelPromptTemplate: model.promptTemplate,
    modelSystemPrompt: settings.systemPrompt,
    ...(start === null ? {} : { startFrom: start.startFrom }),
    ...(startAdapter === undefined ? {} : { startAdapter }),
    maxPositions: settings.config.maxPositionEmbeddings,
    datasetName: dataset.name,
    datasetSha256: dataset.snapshotSha256,
    trainSamples: usable.length,
    leftOut: leftOutOf(all),
    testSamples: dataset.test - dataset.excluded.test,
    answers: samples,
    pixelLimits: pixelLimitsOf(settings),
    datasetDetail: dataset.detail,
  });
  if (start !== null) checkStart(recipe, start);
  const { grpo, maxPixels } = recipe;
  await checkContextLength(settings, recipe, grpo.maxCompletionLength, samples, maxPixels);
  const from = start ?? imported;
  return { recipe, model, samples, ...(from === null ? {} : { initialAdapter: from.path }) };
}

async function importedFor(
  store: Store,
  request: ParsedRunRequest,
  model: ModelSummary,
  { config }: CheckpointSettings,
): Promise<ImportedAdapter> {
  if (request.startFrom !== undefined)
    throw new AtelierError('BAD_INPUT', 'A run begins with one adapter, and this request names two.', {
      place: { field: 'startAdapter' },
      remedy: 'Leave out startFrom or startAdapter.',
    });
  const { nameOrPath, published } = await baseModelLocation(model.path);
  const imported = await importedAdapter(store, request.startAdapter ?? {}, config, published ? nameOrPath : null);
  checkAdapterSettings(request.adapter, imported);
  return imported;
}

function leftOutOf(samples: readonly Sample[]): { optedOut: number; undecided: number } {
  const images = (cause: string): number =>
    new Set(samples.flatMap(({ excluded, imageSha256 }) => (excluded?.cause === cause ? imageSha256 : []))).size;
  return { optedOut: images('opted-out'), undecided: images('unknown') };
}
