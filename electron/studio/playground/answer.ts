/** @file Answers one playground question: which weights answer, with which picture, and how the answer scores. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { DEFAULT_REWARDS } from '../../method/defaults.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Detail } from '../../contract/model/detail.ts';
import { LARGEST_UPLOAD_BYTES, type DatasetId } from '../../contract/model/primitives.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import type { PlaygroundAnswer, PlaygroundImage, PlaygroundRequest } from '../../contract/model/playground.ts';
import { progressThenResult, type ProgressEvent, type ResultEvent } from '../../contract/model/result-events.ts';
import { fillTemplate, systemOf } from '../../method/prompt-template.ts';
import { accuracyParamsOf, rewardKey, type RewardSpec } from '../../contract/model/rewards.ts';
import { readCheckpointSettings } from '../../formats/checkpoint.ts';
import { gradeAnswer } from '../../rewards/accuracy.ts';
import type { Pictures } from '../../pictures/pictures.ts';
import { limitFor } from '../models/detail.ts';
import { memoryLimitOf } from '../system/preferences.ts';
import type { StudioCore } from '../context.ts';
import { makeTemporary, removeTemporary } from '../../formats/temporary-folder.ts';
import { mustBeWhole } from '../runs/whole-checkpoint.ts';

type Request = z.output<typeof PlaygroundRequest>;
type Studio = Pick<StudioCore, 'home' | 'store' | 'engine' | 'pictures'>;

/** These compare with the correct answer, so they do not apply if none is given. */
const NEEDS_REFERENCE: ReadonlySet<RewardSpec['name']> = new Set(['accuracy', 'custom']);

/**
 * Answers one question and scores the answer: yields the progress, then the answer. Nothing is stored; a dropped picture
 * is deleted once the answer arrives.
 * @throws AtelierError NOT_FOUND for an unknown model, run or sample; CONFLICT for a run without a checkpoint;
 *   BAD_INPUT for a picture that cannot be read
 */
export async function* answerQuestion(
  studio: Studio,
  request: Request,
  signal?: AbortSignal,
): AsyncGenerator<ResultEvent<PlaygroundAnswer>, void, undefined> {
  const speaker = await speakerOf(studio, request);
  const promptTemplate = request.promptTemplate ?? speaker.promptTemplate;
  const systemPrompt = systemOf(request.systemPrompt ?? speaker.systemPrompt);
  const limit = await limitFor(studio, speaker.modelPath, { ...speaker, ...(await askedDetail(studio, request)) });
  const result = yield* withPicture(studio, request.image, async function* (pictures) {
    const job = {
      model: speaker.modelPath,
      ...(speaker.checkpoint === null ? {} : { adapter: speaker.checkpoint.path }),
      ...pictures,
      ...limit,
      ...(await memoryLimitOf(studio.home)),
      ...systemPrompt,
      prompt: fillTemplate(promptTemplate, request.question),
      greedy: request.greedy,
      temperature: request.temperature,
      seed: request.seed,
      maxNewTokens: request.maxNewTokens,
      alternatives: request.alternatives,
      ...(request.repetitionPenalty === undefined ? {} : { repetitionPenalty: request.repetitionPenalty }),
    };
    return yield* progressThenResult(studio.engine.generate(job, signal));
  });
  const rewards = (request.rewards ?? speaker.rewards).filter(
    ({ name }) => request.reference !== undefined || !NEEDS_REFERENCE.has(name),
  );
  const item = { completion: result.text, ...(request.reference ?? { answer: '-', task: 'other' as const }) };
  const [scores] = rewards.length === 0 ? [[]] : await studio.engine.judge({ rewards, items: [item] }, signal);
  const answer: PlaygroundAnswer = {
    text: result.text,
    tokens: result.choices ?? [],
    promptTokens: result.promptIds.length,
    finish: result.finish,
    seconds: result.seconds,
    repetitionPenalty: result.repetitionPenalty,
    step: speaker.checkpoint?.step ?? null,
    promptTemplate,
    systemPrompt: systemPrompt.systemPrompt ?? null,
    maxPixels: limit.maxPixels ?? null,
    verdict: request.reference === undefined ? null : gradeAnswer({ ...accuracyParamsOf(rewards), ...item }).verdict,
    rewards: rewards.map((spec, index) => ({
      key: rewardKey(spec),
      weight: spec.weight,
      score: scores?.[index] ?? null,
    })),
  };
  yield { type: 'done', result: answer };
}

export interface Speaker {
  modelPath: string;
  checkpoint: { path: string; step: number } | null;
  promptTemplate: string;
  systemPrompt: string | null;
  rewards: readonly RewardSpec[];
  /** Absent for a base model. */
  recipe?: Recipe;
}

/** Who answers: a model, or the checkpoint that stands for a run. @throws AtelierError NOT_FOUND, BAD_INPUT or CONFLICT */
export async function speakerOf(
  { store }: Pick<StudioCore, 'store'>,
  request: Pick<Request, 'modelId' | 'runId'>,
): Promise<Speaker> {
  const model = await store.models.get(request.modelId);
  if (request.runId === undefined) {
    const { promptTemplate, path } = model;
    const { systemPrompt } = await readCheckpointSettings(path);
    return { modelPath: path, checkpoint: null, promptTemplate, systemPrompt, rewards: DEFAULT_REWARDS };
  }
  const { recipe } = await store.runs.recipeOf(request.runId);
  if (recipe.modelId !== model.id) {
    throw new AtelierError('BAD_INPUT', `The run ${request.runId} was not trained on the model ${model.name}.`, {
      place: { field: 'modelId' },
      remedy: `Ask the model ${recipe.modelId}, on which it was trained.`,
    });
  }
  const checkpoint = await store.runs.resultCheckpoint(request.runId);
  if (checkpoint === null) {
    throw new AtelierError('CONFLICT', `The run ${request.runId} has no checkpoint yet, so it cannot answer.`, {
      place: { field: 'runId' },
      remedy: 'Wait for its first checkpoint.',
    });
  }
  await mustBeWhole(checkpoint);
  const { promptTemplate, systemPrompt = null, rewards } = recipe;
  return { modelPath: model.path, checkpoint, promptTemplate, systemPrompt, rewards, recipe };
}

/** What the request says about detail, and the dataset that decides if it says nothing. */
async function askedDetail(
  { store }: Studio,
  { detail, image }: Request,
): Promise<{ detail: Detail | undefined; datasetId?: DatasetId }> {
  if (detail !== undefined || image?.kind !== 'sample') return { detail };
  return { detail, datasetId: (await store.datasets.sample(image.sampleId)).datasetId };
}

interface ShownPictures {
  images: string[];
  imageNames: string[];
  upright: boolean;
}

async function* withPicture<T>(
  { store, pictures }: Studio,
  image: PlaygroundImage | null,
  ask: (shown: ShownPictures) => AsyncGenerator<ProgressEvent, T>,
): AsyncGenerator<ProgressEvent, T> {
  if (image === null) return yield* ask({ images: [], imageNames: [], upright: true });
  if (image.kind === 'sample') {
    const { imageSha256, imageName, datasetId } = await store.datasets.sample(image.sampleId);
    const { orientation } = await store.datasets.get(datasetId);
    const images = [await store.blobs.get(imageSha256)];
    return yield* ask({ images, imageNames: [imageName], upright: orientation === 'upright' });
  }
  const bytes = Buffer.from(image.base64, 'base64');
  await refuseUnreadable(pictures, image.name, bytes);
  const folder = await makeTemporary('playground');
  try {
    const path = join(folder, 'picture');
    await writeFile(path, bytes);
    return yield* ask({ images: [path], imageNames: [image.name], upright: true });
  } finally {
    await removeTemporary(folder);
  }
}

/** Reads the picture once as training does, so that an error names the user's file and not a temporary one. */
async function refuseUnreadable(pictures: Pictures, name: string, bytes: Buffer): Promise<void> {
  if (bytes.length > LARGEST_UPLOAD_BYTES) {
    throw new AtelierError('BAD_INPUT', `The picture "${name}" is larger than 10 MB.`, {
      place: { file: name, field: 'image' },
      remedy: 'Save a smaller copy and choose that.',
    });
  }
  await pictures.examine(bytes, name);
}
