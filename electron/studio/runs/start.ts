/** @file Starts a new run: completes, checks, stores and queues the request. If it is refused, nothing is stored. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Sample } from '../../contract/model/datasets.ts';
import type { ModelSummary } from '../../contract/model/models.ts';
import type { RunSummary } from '../../contract/model/runs.ts';
import type { EngineInfo } from '../../contract/model/system.ts';
import { baseModelLocation, readCheckpointSettings, type CheckpointSettings } from '../../formats/checkpoint.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import { noOwnOps } from '../../method/own-ops.ts';
import type { Store } from '../../store/connection/open.ts';
import type { StudioContext } from '../context.ts';
import { trialSizeOf } from '../engine-client/gpu-choice.ts';
import { usableEngine } from '../engine-client/usable-engine.ts';
import type { ParsedRunRequest } from '../recipes/resolve.ts';
import { pixelLimitsOf } from '../models/detail.ts';
import { checkContextLength } from '../recipes/context-length.ts';
import { checkAdapterSettings, importedAdapter, type ImportedAdapter } from './start-adapter.ts';
import { detailOf, leftOutOf, runDataOf } from './run-data.ts';
import { checkStart, initialAdapterOf, startOf } from './start-from.ts';
import { resolveRecipe } from '../recipes/resolve.ts';

export async function startRun(
  { store, worker, engine }: Pick<StudioContext, 'store' | 'worker' | 'engine'>,
  request: ParsedRunRequest,
): Promise<RunSummary> {
  const { recipe, model, initialAdapter } = await completeRun({ store }, request);
  if (!worker.standsAside()) await usableEngine(engine, model.path);
  if (recipe.frozenWeights === 'nf4' && !mayTakeNf4(await engine.info(model.path), model.path)) throw noOwnOps();
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

/**
 * The engine that answers may compute elsewhere than the run will: our own ops serve the processor, and a GPU that no trial has refused
 * may serve the run.
 */
export function mayTakeNf4({ nf4, ownOps, gpu }: EngineInfo, modelPath: string): boolean {
  if (nf4 === true || typeof ownOps?.instructions === 'string') return true;
  if (gpu?.use !== 'automatic' || gpu.adapter === null || gpu.adapter.software) return false;
  const size = trialSizeOf(modelPath);
  return gpu.trials?.some(({ chosen, weightBytes }) => chosen === 'processor' && weightBytes === size) !== true;
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
  const data = await runDataOf(store, request);
  const settings = await readCheckpointSettings(model.path);
  // Opted-out images are used neither for training nor for evaluation.
  const usable = data.training.filter(({ excluded }) => excluded === null);
  const samples = usable.slice(0, request.trainSamples);
  const imported = request.startAdapter === undefined ? null : await importedFor(store, request, model, settings);
  const start = await startOf(store, request, model, data);
  const adapter = request.adapter ?? start?.earlier.adapter ?? imported?.adapter;
  const startAdapter = imported?.startAdapter ?? start?.earlier.startAdapter;
  const startsOnRounded = start === null ? imported?.onRounded === true : start.earlier.frozenWeights === 'nf4';
  const asked = { ...request, ...(adapter === undefined ? {} : { adapter }) };
  const recipe = resolveRecipe(asked, {
    modelSha256: model.sha256,
    modelPromptTemplate: model.promptTemplate,
    modelSystemPrompt: settings.systemPrompt,
    ...(start === null ? {} : { startFrom: start.startFrom }),
    ...(startAdapter === undefined ? {} : { startAdapter }),
    startsOnRounded,
    maxPositions: settings.config.maxPositionEmbeddings,
    ...(data.mixture === undefined ? {} : { mixture: data.mixture }),
    datasetName: data.name,
    datasetSha256: data.snapshotSha256,
    trainSamples: usable.length,
    leftOut: leftOutOf(data.training),
    testSamples: data.testSamples,
    answers: samples,
    pixelLimits: pixelLimitsOf(settings),
    datasetDetail: detailOf(data.datasets, pixelLimitsOf(settings)),
  });
  if (start !== null) checkStart(recipe, start);
  await checkContext(settings, recipe, samples);
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

/** @throws AtelierError BAD_INPUT if a prompt and its answer do not fit, each in its dataset's own template */
async function checkContext(settings: CheckpointSettings, recipe: Recipe, samples: readonly Sample[]): Promise<void> {
  const { grpo, maxPixels, systemPrompt, mixture = [] } = recipe;
  const templates = new Map(mixture.map((part) => [part.datasetId, part.promptTemplate]));
  const templateOf = ({ datasetId }: Sample): string => templates.get(datasetId) ?? recipe.promptTemplate;
  for (const promptTemplate of new Set([
    recipe.promptTemplate,
    ...mixture.flatMap((part) => part.promptTemplate ?? []),
  ])) {
    const own = samples.filter((sample) => templateOf(sample) === promptTemplate);
    const words = { promptTemplate, ...(systemPrompt === undefined ? {} : { systemPrompt }) };
    await checkContextLength(settings, words, grpo.maxCompletionLength, own, maxPixels);
  }
}
