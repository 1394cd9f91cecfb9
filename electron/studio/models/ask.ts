/** @file Asks a model one question, or scores the likelihood of given answers; the engine does both. */
import { join } from 'node:path';
import type { z } from 'zod';
import type { Detail } from '../../contract/model/detail.ts';
import type { AttentionEvent, GenerateEvent, ScoreEvent } from '../../contract/engine/engine.ts';
import type { LookRequest } from '../../contract/model/attention.ts';
import type { GenerateRequest, ScoreItem, ScoreRequest } from '../../contract/model/models.ts';
import { readCheckpointSettings } from '../../formats/checkpoint.ts';
import { readJsonObjectIfAny } from '../../formats/files.ts';
import { readPixelLimits } from '../../formats/pixel-limits.ts';
import type { StudioCore } from '../context.ts';
import { systemOf } from '../../method/prompt-template.ts';
import { FILE } from '../exports/build/documents.ts';
import { memoryLimitOf } from '../system/preferences.ts';
import { limitFor, pixelLimitsOf } from './detail.ts';
import { adapterFolder, checkpointFolder, imageFiles } from './paths.ts';

type Studio = Pick<StudioCore, 'home' | 'store' | 'engine'>;

export async function* generate(
  studio: Studio,
  request: z.output<typeof GenerateRequest>,
  signal?: AbortSignal,
): AsyncGenerator<GenerateEvent, void, undefined> {
  const { images, detail, systemPrompt, ...rest } = request;
  const named = {
    ...rest,
    images: await imageFiles(images),
    ...(await weightsOf(studio, request, { detail, systemPrompt })),
  };
  yield* studio.engine.generate(named, signal);
}

/** The same question as it was asked, and its answer read once more. @throws AtelierError BAD_INPUT without a picture */
export async function* look(
  studio: Studio,
  request: z.output<typeof LookRequest>,
  signal?: AbortSignal,
): AsyncGenerator<AttentionEvent, void, undefined> {
  const { images, detail, systemPrompt, ...rest } = request;
  const weights = await weightsOf(studio, request, { detail, systemPrompt });
  yield* studio.engine.attention({ ...rest, ...weights, images: await imageFiles(images) }, signal);
}

export async function* score(
  studio: Studio,
  request: z.output<typeof ScoreRequest>,
  signal?: AbortSignal,
): AsyncGenerator<ScoreEvent, void, undefined> {
  const { detail, systemPrompt, ...rest } = request;
  const weights = await weightsOf(studio, request, { detail, systemPrompt });
  const items: z.output<typeof ScoreItem>[] = [];
  for (const [index, item] of rest.items.entries())
    items.push({ ...item, images: await imageFiles(item.images, index + 1) });
  yield* studio.engine.score({ ...rest, ...weights, items }, signal);
}

interface Weights {
  model: string;
  adapter?: string;
  systemPrompt?: string;
  maxPixels?: number;
  memoryLimitBytes?: number;
}

/**
 * Checked folders and limits. An exported adapter says in its own files how much of a picture it was trained on, and with
 * which system prompt.
 */
async function weightsOf(
  studio: Studio,
  request: { model: string; adapter?: string | undefined },
  { detail, systemPrompt }: { detail: Detail | undefined; systemPrompt: string | undefined },
): Promise<Weights> {
  const model = await checkpointFolder(request.model);
  const adapter = request.adapter === undefined ? undefined : await adapterFolder(request.adapter);
  const settings = await readCheckpointSettings(model);
  const ofAdapter = adapter === undefined ? null : await readPixelLimits(adapter, pixelLimitsOf(settings));
  const said = adapter === undefined ? settings.systemPrompt : await systemPromptOf(adapter);
  return {
    model,
    ...(adapter === undefined ? {} : { adapter }),
    ...systemOf(systemPrompt ?? said),
    ...(await limitFor(studio, model, { detail: detail ?? ofAdapter?.maxPixels })),
    ...(await memoryLimitOf(studio.home)),
  };
}

/** As the recipe in an exported bundle says; null for an adapter from elsewhere. */
async function systemPromptOf(adapter: string): Promise<string | null> {
  const recipe = await readJsonObjectIfAny(join(adapter, FILE.recipe));
  const systemPrompt = recipe?.['systemPrompt'];
  return typeof systemPrompt === 'string' ? systemPrompt : null;
}
