/**
 * @file Asks a run or a model the same question about every picture of a folder, into a table. The weights are read once
 * for many pictures, and each answer is on the disk as soon as it is known, so stopping loses nothing.
 */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, extname, join, relative, sep } from 'node:path';
import type { z } from 'zod';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { EngineSample, SampleJob } from '../../contract/engine/engine.ts';
import type { CaptionEvent, CaptionRequest } from '../../contract/model/playground.ts';
import { SampleId } from '../../contract/model/primitives.ts';
import { systemOf } from '../../method/prompt-template.ts';
import type { StudioCore } from '../context.ts';
import { limitFor } from '../models/detail.ts';
import { makeOutputFolder } from '../output-folder.ts';
import { memoryLimitOf } from '../system/preferences.ts';
import { wholePath } from '../typed-path.ts';
import { openCaptionTable, type CaptionRow } from './caption-table.ts';
import { speakerOf } from './speaker.ts';

const PICTURES = new Set(['.png', '.jpg', '.jpeg', '.webp', '.gif', '.tif', '.tiff', '.avif', '.bmp']);
/** Pictures that are looked through, and then asked about with one reading of the weights. */
const PICTURES_AT_ONCE = 200;

/**
 * Yields the rows as they are written, the progress, and the counts at the end. A picture that cannot be read becomes a row
 * with the reason.
 * @throws AtelierError NOT_FOUND or BAD_INPUT for the folder, CONFLICT for a table of another program
 */
export async function* captionFolder(
  studio: Pick<StudioCore, 'home' | 'store' | 'engine' | 'pictures'>,
  request: z.output<typeof CaptionRequest>,
  signal?: AbortSignal,
): AsyncGenerator<CaptionEvent, void, undefined> {
  const { question } = request;
  const folder = await wholePath(request.folder);
  const path = request.out === undefined ? join(folder, 'captions.csv') : await wholePath(request.out);
  const names = await picturesIn(folder);
  const speaker = await speakerOf(studio, request);
  const job = {
    modelPath: speaker.modelPath,
    ...(speaker.checkpoint === null ? {} : { adapterPath: speaker.checkpoint.path }),
    promptTemplate: speaker.promptTemplate,
    ...systemOf(speaker.systemPrompt),
    ...(await limitFor(studio, speaker.modelPath, { ...speaker, detail: request.detail })),
    ...(await memoryLimitOf(studio.home)),
    numGenerations: 1,
    greedy: true,
    asPublished: true,
    temperature: 1,
    topP: 1,
    seed: 0,
    maxNewTokens: request.maxNewTokens,
  };
  await makeOutputFolder(dirname(path));
  const table = await openCaptionTable(path);
  const asked = names.filter((name) => !table.has(name, question));
  const counts = { answered: 0, failed: 0 };
  const startedMs = performance.now();
  const progress = (phase: string): CaptionEvent => {
    const done = counts.answered + counts.failed;
    const secondsLeft = ((performance.now() - startedMs) / 1000 / Math.max(1, done)) * (asked.length - done);
    const total = Math.max(1, asked.length);
    return { type: 'progress', progress: { phase, done, total, ...(done === 0 ? {} : { secondsLeft }) } };
  };
  const written = async function* (rows: readonly CaptionRow[]): AsyncGenerator<CaptionEvent> {
    await table.add(rows);
    for (const { name, answer, error } of rows) {
      counts[error === '' ? 'answered' : 'failed'] += 1;
      yield { type: 'row', name, answer, error: error === '' ? null : error };
    }
    yield progress('answer');
  };
  yield progress('look at pictures');
  for (let start = 0; start < asked.length; start += PICTURES_AT_ONCE) {
    const some = asked.slice(start, start + PICTURES_AT_ONCE);
    const { samples, unreadable } = await examined(studio, folder, some, question, signal);
    if (unreadable.length > 0) yield* written(unreadable);
    if (samples.length === 0) continue;
    for await (const event of studio.engine.sample({ ...job, samples } satisfies SampleJob, signal)) {
      signal?.throwIfAborted();
      if (event.type === 'progress') {
        if (event.progress.unit === 'bytes') yield event;
        continue;
      }
      const rows = event.groups.map(({ sampleId, completions: [answer] }): CaptionRow => {
        const finish = answer?.truncated === true ? 'length' : 'stop';
        return { name: nameOf(samples, sampleId), question, answer: answer?.text ?? '', finish, error: '' };
      });
      yield* written(rows);
    }
  }
  const earlier = names.length - asked.length;
  yield { type: 'done', result: { path, pictures: names.length, ...counts, earlier } };
}

function nameOf(samples: readonly EngineSample[], sampleId: SampleId): string {
  return samples.find(({ id }) => id === sampleId)?.imageName ?? '';
}

async function examined(
  { pictures }: Pick<StudioCore, 'pictures'>,
  folder: string,
  names: readonly string[],
  question: string,
  signal: AbortSignal | undefined,
): Promise<{ samples: EngineSample[]; unreadable: CaptionRow[] }> {
  const samples: EngineSample[] = [];
  const unreadable: CaptionRow[] = [];
  for (const name of names) {
    signal?.throwIfAborted();
    const imagePath = join(folder, name);
    try {
      await pictures.examine(await readFile(imagePath), name);
      const id = SampleId.parse(name);
      samples.push({ id, imagePath, imageName: name, upright: true, prompt: question, answer: '-', task: 'other' });
    } catch (error) {
      const message = error instanceof AtelierError ? error.message : `${name} cannot be read.`;
      unreadable.push({ name, question, answer: '', finish: '', error: message });
    }
  }
  return { samples, unreadable };
}

/** Pictures in the folder and below it, by name, in order. */
async function picturesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch((cause: unknown) => {
    throw new AtelierError('NOT_FOUND', `The folder ${folder} cannot be read.`, {
      place: { file: folder },
      remedy: 'Check the path.',
      cause,
    });
  });
  const names = entries
    .filter((entry) => entry.isFile() && PICTURES.has(extname(entry.name).toLowerCase()))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
  if (names.length > 0) return names;
  throw new AtelierError('BAD_INPUT', `The folder ${folder} has no pictures.`, {
    place: { file: folder },
    remedy: `Pictures end in ${[...PICTURES].join(', ')}.`,
  });
}
