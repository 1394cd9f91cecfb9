/** @file Asks a model one question, or scores the likelihood of given answers; the engine does both. */
import type { z } from 'zod';
import type { ScoreJob } from '../../contract/engine/engine-service.ts';
import type { GenerateRequest, GenerateResult, ScoreResult } from '../../contract/model/models.ts';
import type { StudioCore } from '../context.ts';
import { adapterFolder, checkpointFolder, imageFiles } from './paths.ts';

export async function generate(
  studio: Pick<StudioCore, 'engine'>,
  request: z.output<typeof GenerateRequest>,
  signal?: AbortSignal,
): Promise<GenerateResult> {
  const { adapter, ...rest } = request;
  const checked = {
    ...rest,
    model: await checkpointFolder(request.model),
    images: await imageFiles(request.images),
    ...(adapter === undefined ? {} : { adapter: await adapterFolder(adapter) }),
  };
  return studio.engine.generate(checked, signal);
}

export async function score(
  studio: Pick<StudioCore, 'engine'>,
  job: ScoreJob,
  signal?: AbortSignal,
): Promise<ScoreResult[]> {
  const model = await checkpointFolder(job.model);
  const adapter = job.adapter === undefined ? undefined : await adapterFolder(job.adapter);
  const items = [];
  for (const [index, item] of job.items.entries())
    items.push({ ...item, images: await imageFiles(item.images, index + 1) });
  return studio.engine.score({ ...job, model, adapter, items }, signal);
}
