/** @file Gathers everything an export states from the store. Read-only. */
import { AtelierError } from '../../../contract/errors/errors.ts';
import type {
  AuditEntry,
  Contribution,
  DatasetSummary,
  EvaluationSummary,
  ModelSummary,
  Recipe,
  RunId,
  RunSummary,
  Sample,
} from '../../../contract/api/index.ts';
import { SampleId } from '../../../contract/model/primitives.ts';
import {
  baseModelLocation,
  checkpointHashOf,
  digestCheckpoint,
  readCheckpointSettings,
} from '../../../formats/checkpoint.ts';
import { datasetIdsOf } from '../../../method/mixture.ts';
import { familyOf, type FamilyFormat } from '../../../formats/model-config.ts';
import type { HubLocation } from '../../../provenance/documents/bundle-description.ts';
import { readItems, rightOf, samplesOf } from '../../evaluations/explain.ts';
import type { BaseSamples, EvaluationFile, EvaluationRecord } from '../../../provenance/documents/evaluation-record.ts';
import { buildManifest } from '../../../provenance/documents/manifest.ts';
import type { FileDigest } from '../../../provenance/signing/model-signing.ts';
import type { Store } from '../../../store/connection/open.ts';
import { bestContribution } from '../../contribution/of-run.ts';
import { recipeDataset, recipeSamples } from '../../datasets/recipe-data.ts';
import { snapshotSha256 } from '../../datasets/snapshot.ts';
import { mustBeAsRecorded } from './as-recorded.ts';
import { chosenCheckpoint } from '../../runs/chosen-checkpoint.ts';
import { timesLearned } from '../../runs/start-from.ts';
import { mustBeWhole } from '../../runs/whole-checkpoint.ts';

export interface ExportFacts {
  run: RunSummary;
  recipe: Recipe;
  recipeSha256: string;
  device: string | null;
  checkpoint: { step: number; path: string };
  model: ModelSummary;
  /** The base model's current files, already checked to be the ones the run started from. */
  baseFiles: FileDigest[];
  family: FamilyFormat;
  /** Where the base model is published; null if that is not known. */
  hub: HubLocation | null;
  dataset: DatasetSummary;
  samples: Sample[];
  timesSeen: Map<string, number> | null;
  /** Measured time of all steps up to the checkpoint. */
  trainingSeconds: number;
  evaluation: EvaluationFile;
  /** How much each image taught the model; null if nothing was recorded. */
  contribution: Contribution | null;
  audit: AuditEntry[];
}

/**
 * Reads a run and everything that belongs to it.
 * @param step whose checkpoint is exported; absent = the one that stands for the run
 * @throws AtelierError if there is nothing to export, the base model changed, or anything else differs from its record
 */
export async function gatherFacts(store: Store, runId: RunId, step?: number): Promise<ExportFacts> {
  const { summary: run, recipe, device } = await store.runs.get(runId);
  if (run.status === 'running' || run.status === 'queued') {
    throw new AtelierError(
      'CONFLICT',
      `The run "${run.name}" (${run.id}) is ${run.status}, so its weights are still changing.`,
      {
        remedy: 'Wait until it is done or stop it, then export.',
      },
    );
  }
  const checkpoint = await chosenCheckpoint(store, runId, step);
  if (checkpoint === null) {
    throw new AtelierError(
      'CONFLICT',
      `The run "${run.name}" (${run.id}) has not written a checkpoint, so there are no weights to export.`,
      {
        remedy: 'Resume the run until it writes its first checkpoint.',
      },
    );
  }
  await mustBeWhole(checkpoint);
  const model = await store.models.get(recipe.modelId);
  const baseFiles = await digestCheckpoint(model.path);
  if (checkpointHashOf(baseFiles) !== recipe.modelSha256) {
    throw new AtelierError(
      'CONFLICT',
      `The base model in ${model.path} is not the one the run started from: its files have changed.`,
      {
        place: { file: model.path },
        remedy: 'Restore the original files. An export must not name a base model it was not trained on.',
      },
    );
  }
  // Overrides decided after the run began did not change what it trained on.
  const samples = await recipeSamples(store, recipe, undefined, run.createdAt);
  if (snapshotSha256(samples) !== recipe.datasetSha256) {
    throw new AtelierError(
      'CONFLICT',
      `The samples of ${datasetIdsOf(recipe).join(' and ')} are not the ones the run started with. The store was changed outside Atelier.`,
      { remedy: 'Restore the data folder from a copy. An export must not name data it was not trained on.' },
    );
  }
  const recipeSha256 = (await store.runs.recipeOf(runId)).sha256;
  const evaluation = await evaluationsFor(store, runId, recipe, checkpoint.step);
  const audit = await store.audit.all();
  await mustBeAsRecorded(store, { runId, recipeSha256, evaluation, audit });
  const timesSeen = await timesLearned(store, runId, checkpoint.step);
  const manifest = buildManifest({ samples, timesSeen, evaluatedSampleIds: new Set() });
  return {
    run,
    recipe,
    recipeSha256,
    device,
    checkpoint,
    model,
    baseFiles,
    family: familyOf((await readCheckpointSettings(model.path)).config),
    hub: await hubOf(model.path),
    dataset: await recipeDataset(store, recipe),
    samples,
    timesSeen,
    trainingSeconds: await secondsThrough(store, runId, checkpoint.step),
    // Of a run that began with an earlier adapter, the shares would be those of its own steps only.
    contribution:
      recipe.startFrom === undefined && recipe.startAdapter === undefined
        ? await bestContribution(store, runId, checkpoint.step, manifest)
        : null,
    evaluation,
    audit,
  };
}

async function hubOf(path: string): Promise<HubLocation | null> {
  const { nameOrPath, revision, published } = await baseModelLocation(path);
  return published ? { id: nameOrPath, revision } : null;
}

/** More than any run has. */
const ALL_STEPS = 1_000_000;

async function secondsThrough(store: Store, runId: RunId, step: number): Promise<number> {
  const steps = await store.runs.steps(runId, ALL_STEPS);
  return steps.filter((metrics) => metrics.step <= step).reduce((sum, { secondsTotal }) => sum + secondsTotal, 0);
}

/** The newest evaluation of exactly these weights on the run's own test split, and the base's on the same questions. */
async function evaluationsFor(store: Store, runId: RunId, recipe: Recipe, step: number): Promise<EvaluationFile> {
  const ofRun = (await store.evaluations.list({ runId, mode: 'reasoning' })).filter(
    (evaluation) => evaluation.step === step,
  );
  const ofBase = (await store.evaluations.list({ modelId: recipe.modelId, mode: 'reasoning' })).filter(
    ({ runId: ofRun, maxPixels, systemPrompt }) =>
      ofRun === null && maxPixels === (recipe.maxPixels ?? null) && systemPrompt === (recipe.systemPrompt ?? null),
  );
  const own = ofRun.filter(
    ({ datasetId, byDataset, split, maxPixels }) =>
      // With another detail, the same weights see other pictures.
      datasetId === recipe.datasetId &&
      (byDataset !== undefined) === (recipe.mixture !== undefined) &&
      split === 'test' &&
      maxPixels === (recipe.maxPixels ?? null),
  );
  const tuned = own[0] === undefined ? null : await recordOf(store, own[0]);
  const others: EvaluationRecord[] = [];
  for (const evaluation of ofRun) if (evaluation !== own[0]) others.push(await recordOf(store, evaluation));
  const base = tuned === null ? null : await sameQuestions(store, tuned, ofBase);
  const samples = base === null ? null : await samplesOf({ store }, base.summary);
  const baseSamples = base === null || samples === null ? {} : { baseSamples: await countsOf(store, base, samples) };
  return { version: 1, base, tuned, others, ...baseSamples };
}

/** How many of the base's sampled answers to its questions are right. */
async function countsOf(store: Store, base: EvaluationRecord, samples: EvaluationSummary): Promise<BaseSamples> {
  const asked = new Set<string>(base.items.map(({ sampleId }) => sampleId));
  const right = [...(await rightOf({ store }, samples))].filter(([id]) => asked.has(id));
  const { perQuestion = 1, temperature = 1, seed = 0 } = samples.samples ?? {};
  return {
    perQuestion,
    temperature,
    seed,
    right: right.map(([id, answers]) => ({ sampleId: SampleId.parse(id), right: answers.filter(Boolean).length })),
  };
}

async function sameQuestions(
  store: Store,
  tuned: EvaluationRecord,
  candidates: EvaluationSummary[],
): Promise<EvaluationRecord | null> {
  const asked = questionsOf(tuned);
  for (const candidate of candidates) {
    if (candidate.datasetId !== tuned.summary.datasetId || candidate.accuracy.n !== tuned.summary.accuracy.n) continue;
    const record = await recordOf(store, candidate);
    if (questionsOf(record) === asked) return record;
  }
  return null;
}

function questionsOf({ items }: EvaluationRecord): string {
  return items
    .map((item) => item.sampleId)
    .sort()
    .join('\n');
}

async function recordOf(store: Store, summary: EvaluationSummary): Promise<EvaluationRecord> {
  return { summary, items: [...(await readItems({ store }, summary))] };
}
