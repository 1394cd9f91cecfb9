/**
 * @file What was asked in the playground. Each question is a file of its own, so that forgetting one deletes it from the
 * disk; the history is no part of any record, export or backup.
 */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import {
  PlaygroundEntry,
  type PlaygroundAnswer,
  type PlaygroundHistory,
  type PlaygroundRequest,
  type UploadedPicture,
} from '../../contract/model/playground.ts';
import { writeAside, writeError } from '../../formats/files.ts';
import type { StudioCore } from '../context.ts';
import { dropPictures, keepBytes, playgroundFolder } from './kept-pictures.ts';
import { readable } from './pictures.ts';

type Request = z.output<typeof PlaygroundRequest>;

const FILE = /^[0-9a-f-]{36}\.json$/;

/** Keeps a picture for questions. @throws AtelierError BAD_INPUT if it cannot be read */
export async function keepPicture(
  { home, pictures }: Pick<StudioCore, 'home' | 'pictures'>,
  picture: UploadedPicture,
): Promise<{ sha256: string; name: string }> {
  return { sha256: await keepBytes(home, await readable(pictures, picture)), name: picture.name };
}

/** Two answers to one question may arrive at the same time. */
const writing = new Map<string, Promise<void>>();

/** Adds an answer to its question, which is recorded with the first one. */
export async function remember(home: string, request: Request, answer: PlaygroundAnswer): Promise<void> {
  const { remember: wanted } = request;
  if (wanted === undefined) return;
  const path = join(playgroundFolder(home), `${wanted.id}.json`);
  const before = writing.get(path) ?? Promise.resolve();
  const next = before.then(() => addAnswer(path, request, answer));
  writing.set(
    path,
    next.catch(() => undefined),
  );
  try {
    await next;
  } finally {
    writing.delete(path);
  }
}

async function addAnswer(path: string, request: Request, answer: PlaygroundAnswer): Promise<void> {
  const { modelId, runId, step, datasetId, remember: wanted } = request;
  if (wanted === undefined) return;
  const who = {
    modelId,
    ...(runId === undefined ? {} : { runId }),
    ...(step === undefined ? {} : { step }),
    ...(datasetId === undefined ? {} : { datasetId }),
  };
  const earlier = await entryAt(path);
  const entry: PlaygroundEntry = {
    ...(earlier ?? questionOf(request, wanted.id)),
    answers: [
      ...(earlier?.answers ?? []).filter(({ side }) => side !== wanted.side),
      { side: wanted.side, ...who, answer },
    ],
  };
  try {
    await mkdir(join(path, '..'), { recursive: true });
  } catch (cause) {
    throw writeError(path, cause);
  }
  await writeAside(path, (write) => write(Buffer.from(`${JSON.stringify(entry)}\n`)));
}

function questionOf(request: Request, id: string): PlaygroundEntry {
  const { question, images, detail, greedy, temperature, seed, maxNewTokens, reference } = request;
  return {
    id,
    askedAt: new Date().toISOString(),
    question,
    // The bytes of a picture that was not to be kept are not kept here either.
    images: images.filter(({ kind }) => kind !== 'upload'),
    ...(detail === undefined ? {} : { detail }),
    greedy,
    temperature,
    seed,
    maxNewTokens,
    ...(reference === undefined ? {} : { reference }),
    answers: [],
  };
}

/** Null if the file is gone, damaged or from a later version: the history goes on without it. */
async function entryAt(path: string): Promise<PlaygroundEntry | null> {
  try {
    return PlaygroundEntry.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}

async function entriesIn(home: string): Promise<PlaygroundEntry[]> {
  const folder = playgroundFolder(home);
  const names = (await readdir(folder).catch(() => [])).filter((name) => FILE.test(name));
  const found = await Promise.all(names.map((name) => entryAt(join(folder, name))));
  return found
    .filter((entry) => entry !== null)
    .sort((a, b) => (a.askedAt < b.askedAt ? 1 : a.askedAt > b.askedAt ? -1 : 0));
}

/** Newest first. */
export async function historyOf(
  home: string,
  { offset, limit }: { offset: number; limit: number },
): Promise<PlaygroundHistory> {
  const all = await entriesIn(home);
  return { total: all.length, entries: all.slice(offset, offset + limit) };
}

/** Forgets one question, or all, with the pictures that no other question shows. @returns how many */
export async function forget(home: string, id?: string): Promise<number> {
  const all = await entriesIn(home);
  const gone = id === undefined ? all : all.filter((entry) => entry.id === id);
  for (const entry of gone) await rm(join(playgroundFolder(home), `${entry.id}.json`), { force: true });
  if (gone.length === 0 && id !== undefined) return 0;
  const kept = all.filter((entry) => !gone.includes(entry));
  const used = kept.flatMap(({ images }) => images.flatMap((each) => (each.kind === 'kept' ? [each.sha256] : [])));
  await dropPictures(home, new Set(used));
  return gone.length;
}
