/** @file The pictures of a question as files that the engine reads. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { PlaygroundImage, PlaygroundRequest, UploadedPicture } from '../../contract/model/playground.ts';
import { LARGEST_UPLOAD_BYTES, type DatasetId } from '../../contract/model/primitives.ts';
import type { ProgressEvent } from '../../contract/model/result-events.ts';
import { makeTemporary, removeTemporary } from '../../formats/temporary-folder.ts';
import { fillTemplate, systemOf } from '../../method/prompt-template.ts';
import type { Pictures } from '../../pictures/pictures.ts';
import type { StudioCore } from '../context.ts';
import { limitFor } from '../models/detail.ts';
import { memoryLimitOf } from '../system/preferences.ts';
import { keptPicture } from './kept-pictures.ts';
import type { Speaker } from './speaker.ts';

type Studio = Pick<StudioCore, 'home' | 'store' | 'pictures'>;
type Asked = Pick<
  z.output<typeof PlaygroundRequest>,
  'images' | 'question' | 'detail' | 'promptTemplate' | 'systemPrompt'
>;

/** What every job needs that shows a question to a model. */
export interface AskedJob {
  model: string;
  adapter?: string;
  images: string[];
  imageNames: string[];
  upright: boolean;
  prompt: string;
  systemPrompt?: string;
  maxPixels?: number;
  memoryLimitBytes?: number;
}

/**
 * Runs `ask` with the question as `speaker` is asked; a dropped picture is deleted afterwards.
 * @throws AtelierError BAD_INPUT for a picture that cannot be read, NOT_FOUND for one that is gone
 */
export async function* withQuestion<T>(
  studio: Studio,
  speaker: Speaker,
  asked: Asked,
  ask: (job: AskedJob, promptTemplate: string) => AsyncGenerator<ProgressEvent, T>,
): AsyncGenerator<ProgressEvent, T> {
  const { store, home, pictures } = studio;
  const promptTemplate = asked.promptTemplate ?? speaker.promptTemplate;
  const shown: { path: string; name: string; upright: boolean; datasetId?: DatasetId }[] = [];
  let folder: string | null = null;
  try {
    for (const [index, image] of asked.images.entries()) {
      if (image.kind === 'sample') shown.push(await ofSample(studio, image));
      else if (image.kind === 'kept')
        shown.push({ path: await keptPicture(home, image.sha256), name: image.name, upright: true });
      else {
        const bytes = await readable(pictures, image);
        folder ??= await makeTemporary('playground');
        const path = join(folder, `picture-${String(index)}`);
        await writeFile(path, bytes);
        shown.push({ path, name: image.name, upright: true });
      }
    }
    const upright = oneOrientation(shown);
    const datasetId = shown.find((each) => each.datasetId !== undefined)?.datasetId;
    const own = asked.detail === undefined && datasetId !== undefined ? { datasetId } : {};
    const job = {
      model: speaker.modelPath,
      ...(speaker.checkpoint === null ? {} : { adapter: speaker.checkpoint.path }),
      images: shown.map(({ path }) => path),
      imageNames: shown.map(({ name }) => name),
      upright,
      ...(await limitFor({ store }, speaker.modelPath, { ...speaker, detail: asked.detail, ...own })),
      ...(await memoryLimitOf(home)),
      ...systemOf(asked.systemPrompt ?? speaker.systemPrompt),
      prompt: fillTemplate(promptTemplate, asked.question),
    };
    return yield* ask(job, promptTemplate);
  } finally {
    if (folder !== null) await removeTemporary(folder);
  }
}

async function ofSample(
  { store }: Studio,
  { sampleId }: Extract<PlaygroundImage, { kind: 'sample' }>,
): Promise<{ path: string; name: string; upright: boolean; datasetId: DatasetId }> {
  const { imageSha256, imageName, datasetId } = await store.datasets.sample(sampleId);
  const { orientation } = await store.datasets.get(datasetId);
  return { path: await store.blobs.get(imageSha256), name: imageName, upright: orientation === 'upright', datasetId };
}

function oneOrientation(shown: readonly { name: string; upright: boolean }[]): boolean {
  const [first] = shown;
  const other = shown.find(({ upright }) => upright !== first?.upright);
  if (first === undefined || other === undefined) return first?.upright ?? true;
  const [stored, turned] = first.upright ? [other.name, first.name] : [first.name, other.name];
  throw new AtelierError(
    'BAD_INPUT',
    `The dataset of "${stored}" shows pictures as they are stored, and "${turned}" is turned upright.`,
    { place: { field: 'images' }, remedy: 'Ask about them one at a time.' },
  );
}

/** Reads the picture once as training does, so that an error names the user's file and not a temporary one. */
export async function readable(pictures: Pictures, { name, base64 }: UploadedPicture): Promise<Buffer> {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length > LARGEST_UPLOAD_BYTES) {
    throw new AtelierError('BAD_INPUT', `The picture "${name}" is larger than 10 MB.`, {
      place: { file: name, field: 'image' },
      remedy: 'Save a smaller copy and choose that.',
    });
  }
  await pictures.examine(bytes, name);
  return bytes;
}
