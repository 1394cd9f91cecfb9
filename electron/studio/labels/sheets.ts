/** @file Makes a sheet from a folder of pictures, and changes the answers on it. */
import { realpath, stat } from 'node:fs/promises';
import { basename, relative, sep } from 'node:path';
import type { z } from 'zod';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { AnswerRequest, LabelChange, LabelItem, SheetMade } from '../../contract/model/labels.ts';
import type { SheetId, SheetRequest } from '../../contract/model/labels.ts';
import type { ProgressEvent, ResultEvent } from '../../contract/model/result-events.ts';
import { imagesUnder } from '../../formats/rows/image-tree.ts';
import { specialTokenIn } from '../../formats/special-tokens.ts';
import { answerKindOf, learningTaskOf } from '../../method/answer-forms.ts';
import { combineSignals, reasonOf } from '../../provenance/signals/combine.ts';
import { createC2paReader } from '../../provenance/signals/c2pa-reader.ts';
import { stateOf as statementOf, type ImageReading } from '../../provenance/signals/read-image.ts';
import { referenceProblem } from '../../rewards/references.ts';
import type { Blob } from '../../store/connection/blobs.ts';
import { stateOf, type LabelState, type NewSheet } from '../../store/labels/labels.ts';
import { openPictureCache } from '../../store/import/picture-cache.ts';
import type { StudioCore } from '../context.ts';
import { createEvidenceReader } from '../datasets/import/evidence.ts';
import { takeImage, throwIfCancelled, type TakenImage } from '../datasets/import/intake.ts';
import { secondsLeftFrom } from '../datasets/import/pace.ts';
import { typedPath } from '../typed-path.ts';

type Studio = Pick<StudioCore, 'store' | 'pictures'>;

const MOST_PROBLEMS = 50;
const NOTHING: ImageReading = { signals: [], facts: [] };

/**
 * Makes a sheet from every picture of a folder. Nothing is left behind if it is cancelled.
 * @throws AtelierError NOT_FOUND or BAD_INPUT for a folder without pictures, or an unknown task
 */
export async function* makeSheet(
  { store, pictures }: Studio,
  request: z.output<typeof SheetRequest>,
  signal?: AbortSignal,
): AsyncGenerator<ResultEvent<SheetMade>, void, undefined> {
  const task = learningTaskOf(request.task);
  if (task === undefined) {
    throw new AtelierError('BAD_INPUT', `There is no learning task "${request.task}".`, {
      place: { field: 'task' },
      remedy: 'docs/tasks.md lists the tasks.',
    });
  }
  const folder = await folderOf(request.path);
  const paths = await imagesUnder(folder);
  if (paths.length === 0) {
    throw new AtelierError('BAD_INPUT', `The folder ${folder} has no pictures.`, {
      place: { file: folder },
      remedy: 'Choose a folder with JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP files.',
    });
  }
  const made: { name: string; taken: TakenImage; beside: ImageReading }[] = [];
  const created: Blob[] = [];
  const c2pa = createC2paReader();
  const cache = await openPictureCache<ImageReading>(store.home);
  const evidenceOf = createEvidenceReader(folder, c2pa);
  const startedMs = Date.now();
  let isKept = false;
  try {
    for (const path of paths) {
      throwIfCancelled(signal);
      const name = relative(folder, path).split(sep).join('/');
      const options = { blobs: store.blobs, created, cache, c2pa, pictures };
      const taken = await takeImage({ path, shown: name }, options);
      if (taken.ok && !taken.fromCache) await cache.put([taken.picture]);
      made.push({ name, taken, beside: taken.ok ? (await evidenceOf(path, [])).reading : NOTHING });
      yield progress(made.length, paths.length, startedMs);
    }
    const found = picturesOf(made);
    const sheet = await store.transaction(async () => {
      // Another process may have cleared what no dataset named yet.
      for (const { image } of found) await store.blobs.get(image.sha256);
      return await store.labels.insert({
        name: request.name ?? basename(folder),
        folder,
        task: request.task,
        question: request.question ?? task.example.question,
        orientation: request.orientation,
        pictures: found,
      });
    });
    isKept = true;
    const problems = made.flatMap(({ name, taken }) => (taken.ok ? [] : [{ file: name, reason: taken.reason }]));
    yield {
      type: 'done',
      result: { sheet, problems: problems.slice(0, MOST_PROBLEMS), skipped: problems.length },
    };
  } finally {
    await cache.close();
    await c2pa.close();
    if (!isKept) await discard(store, created).catch(() => undefined);
  }
}

function picturesOf(made: readonly { name: string; taken: TakenImage; beside: ImageReading }[]): NewSheet['pictures'] {
  const found = made.flatMap(({ name, taken, beside }) => {
    if (!taken.ok) return [];
    const { record, reading } = taken.picture;
    const { signals } = statementOf(reading ?? NOTHING, beside);
    return [{ name, image: record, optedOut: combineSignals(signals) === 'opted-out' ? reasonOf(signals) : null }];
  });
  if (found.length > 0) return found;
  const first = made.find(({ taken }) => !taken.ok);
  const why = first === undefined || first.taken.ok ? '' : ` The first, ${first.name}: ${first.taken.reason}`;
  throw new AtelierError('BAD_INPUT', `None of the ${made.length} pictures can be read.${why}`, {
    place: first === undefined ? {} : { file: first.name },
  });
}

async function folderOf(path: string): Promise<string> {
  const typed = await typedPath(path);
  const found = await stat(typed).catch(() => null);
  if (found?.isDirectory() === true) return await realpath(typed);
  throw new AtelierError(
    found === null ? 'NOT_FOUND' : 'BAD_INPUT',
    found === null ? `There is no folder ${typed}.` : `${typed} is not a folder.`,
    { place: { file: typed }, remedy: 'Choose the folder that holds the pictures.' },
  );
}

function progress(done: number, total: number, startedMs: number): ProgressEvent {
  return {
    type: 'progress',
    progress: { phase: 'Reading the pictures', done, total, ...secondsLeftFrom(startedMs, done, total) },
  };
}

async function discard(store: Studio['store'], created: readonly Blob[]): Promise<void> {
  const used = await store.datasets.imageHashes();
  for (const blob of created) if (!used.has(blob.sha256)) await store.blobs.discard(blob);
}

/**
 * Sets the answers of pictures, all or none.
 * @throws AtelierError NOT_FOUND for a picture that is not on the sheet; BAD_INPUT for nothing to set, or nothing to confirm
 */
export async function setAnswers(
  { store }: Pick<Studio, 'store'>,
  { sheetId, positions, set, stroke }: AnswerRequest,
): Promise<LabelChange> {
  return await store.transaction(async () => {
    const sheet = await store.labels.get(sheetId);
    const items = await store.labels.itemsAt(sheetId, positions);
    const at = new Date().toISOString();
    const states = items.map((item) => changed(item, set, sheet.task, at));
    const differing = states.filter((state, index) => {
      const item = items[index];
      return item !== undefined && !isSame(state, stateOf(item));
    });
    if (differing.length > 0) await store.labels.change(sheetId, differing, stroke);
    return { sheet: await store.labels.get(sheetId), items: await store.labels.itemsAt(sheetId, positions) };
  });
}

function changed(item: LabelItem, set: AnswerRequest['set'], task: string, at: string): LabelState {
  if (set.answer === undefined && set.confirm === undefined && set.question === undefined && set.leftOut === undefined)
    throw new AtelierError('BAD_INPUT', 'Nothing is to be set.', { place: { field: 'set' } });
  if (set.confirm === true && item.proposal === null) {
    throw new AtelierError('BAD_INPUT', `No model has proposed an answer for ${item.name}. Nothing was changed.`, {
      place: { field: 'confirm', file: item.name },
    });
  }
  const answer = set.confirm === true ? (item.proposal?.answer ?? '') : (set.answer ?? item.answer);
  const isNew = answer !== item.answer;
  return {
    position: item.position,
    question: set.question === undefined ? item.question : set.question,
    answer,
    leftOut: set.leftOut ?? item.leftOut,
    problem: answerProblem(answer, task),
    answeredAt: answer.trim() === '' ? null : isNew ? at : item.answeredAt,
  };
}

/** What the task reads instead of this answer, in words; null if it can read it or there is none. */
export function answerProblem(answer: string, task: string): string | null {
  if (answer.trim() === '') return null;
  const token = specialTokenIn(answer);
  return token === null ? referenceProblem(answer, 'other', answerKindOf(task)) : `a text without ${token}`;
}

function isSame(a: LabelState, b: LabelState): boolean {
  return a.answer === b.answer && a.question === b.question && a.leftOut === b.leftOut && a.answeredAt === b.answeredAt;
}

/** Undoes the newest change of a sheet; null if there is none. */
export async function undoAnswers({ store }: Pick<Studio, 'store'>, sheetId: SheetId): Promise<LabelChange | null> {
  return await store.transaction(async () => {
    const positions = await store.labels.undo(sheetId);
    if (positions === null) return null;
    return { sheet: await store.labels.get(sheetId), items: await store.labels.itemsAt(sheetId, positions) };
  });
}
