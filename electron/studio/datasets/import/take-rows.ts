/** @file The first pass of an import: reads rows in small batches, takes in their images, and stages both. */
import { sep } from 'node:path';
import type { ColumnMapping, ImportRequest, RowProblem } from '../../../contract/model/datasets.ts';
import type { Progress } from '../../../contract/model/primitives.ts';
import type { Blob } from '../../../store/connection/blobs.ts';
import { mapBounded } from './bounded.ts';
import { createEvidenceReader, type EvidenceReader } from './evidence.ts';
import { createImageFinder, type ImageFinder } from './image-files.ts';
import { shownName } from './image-reference.ts';
import { takeImage, throwIfCancelled, type ImageInput, type IntakeOptions, type TakenImage } from './intake.ts';
import type { OpenSource, SourceRow } from './open-source.ts';
import { secondsLeftFrom } from './pace.ts';
import { readRow, type RowValues } from './row-values.ts';
import type { StagedRow, Staging } from './staging.ts';

/** Rows in memory at once, including the bytes of images embedded in the table. */
const BATCH = 64;
const LOOKUPS_AT_ONCE = 8;
/** Each decode holds a whole picture in memory and occupies a core. */
const IMAGES_AT_ONCE = 2;

export type TakeOptions = Omit<IntakeOptions, 'created'> & {
  /** Called with each new blob as soon as it exists, so that it can be removed after a failure. */
  onCreated: (blob: Blob) => Promise<void>;
  /** Called with each embedded image that can be used, while its bytes are in memory. */
  onEmbedded?: ((sha256: string, bytes: Uint8Array) => Promise<void>) | undefined;
  onProgress: ((progress: Progress) => void) | undefined;
  signal: AbortSignal | undefined;
};

export type TakenRows = { rowsRead: number };

/** A row being processed: its values, and where its image is. */
type Candidate = {
  position: number;
  line: number;
  source: string | null;
  name: string;
  values: RowValues;
  input: ImageInput;
  /** Empty for embedded images. */
  file: string;
  base: string;
};

export async function takeRows(
  source: OpenSource,
  request: ImportRequest,
  mapping: ColumnMapping,
  staging: Staging,
  options: TakeOptions,
): Promise<TakenRows> {
  const { onProgress, signal } = options;
  const evidenceOf = createEvidenceReader(source.folder, options.c2pa);
  const findImage = createImageFinder();
  const startedMs = Date.now();
  let position = 0;
  let batch: SourceRow[] = [];
  let inBatch = 0;
  /** Known when the table has been read to its end. */
  let rows: number | null = null;
  const tell = (): void => {
    const done = position + inBatch;
    // The estimate counts lines, so there may be fewer rows; the total is never less than what has been read.
    const total = rows ?? (source.rowsEstimate === null ? undefined : Math.max(source.rowsEstimate, done, 1));
    onProgress?.({
      phase: 'Checking images',
      done,
      ...(total === undefined ? {} : { total, ...secondsLeftFrom(startedMs, done, total) }),
    });
  };
  const flush = async (): Promise<void> => {
    throwIfCancelled(signal);
    const onTaken = (): void => {
      inBatch = Math.min(inBatch + 1, batch.length);
      tell();
    };
    await takeBatch(batch, position, { source, request, mapping, staging, evidenceOf, findImage, options, onTaken });
    position += batch.length;
    inBatch = 0;
    batch = [];
    tell();
  };
  throwIfCancelled(signal);
  for await (const row of source.rows()) {
    if (batch.push(row) >= BATCH) await flush();
  }
  rows = position + batch.length;
  if (batch.length > 0) await flush();
  else if (rows > 0 && rows !== source.rowsEstimate) tell();
  throwIfCancelled(signal);
  return { rowsRead: position };
}

type BatchContext = {
  source: OpenSource;
  request: ImportRequest;
  mapping: ColumnMapping;
  staging: Staging;
  evidenceOf: EvidenceReader;
  findImage: ImageFinder;
  options: TakeOptions;
  /** Called for every image read. */
  onTaken: () => void;
};

async function takeBatch(rows: readonly SourceRow[], start: number, context: BatchContext): Promise<void> {
  const { staging, mapping, evidenceOf } = context;
  const problems: RowProblem[] = [];
  const missing: string[] = [];
  const located = await mapBounded(rows, LOOKUPS_AT_ONCE, (row, index) => locate(row, start + index, context));
  const candidates = located.flatMap((result) => {
    if ('input' in result) return [result];
    problems.push(...result.problems);
    if (result.missing !== undefined) missing.push(result.missing);
    return [];
  });
  const taken = await takeImages(candidates, context);
  const staged: StagedRow[] = [];
  const besides = new Map<string, Candidate & { sha256: string }>();
  for (const candidate of candidates) {
    const image = taken.get(keyOf(candidate));
    if (image === undefined || !('sha256' in image)) {
      problems.push(problemOf(candidate, candidate.name, mapping.image, image?.reason ?? ''));
      continue;
    }
    const { position, line, source, name, values, input } = candidate;
    staged.push({ position, line, source, name, path: input.shown, sha256: image.sha256, values });
    const addresses = addressesOf(values);
    if (candidate.file !== '' && (image.isNew || addresses.length > 0))
      besides.set(`${candidate.file}\n${JSON.stringify(addresses)}`, { ...candidate, sha256: image.sha256 });
  }
  await mapBounded([...besides.values()], LOOKUPS_AT_ONCE, async ({ file, values, sha256 }) => {
    const found = await evidenceOf(file, addressesOf(values));
    if (found.reading.signals.length > 0 || found.reading.facts.length > 0)
      await staging.addBeside(file, sha256, found.reading, found.files);
  });
  await staging.addRows(staged);
  await staging.addProblems(problems);
  await staging.addMissing(missing);
}

/** Where on the web the image, or the works in it, came from. */
function addressesOf({ from, sources }: RowValues): string[] {
  return [...(from === null ? [] : [from]), ...(sources ?? [])].flatMap(({ url }) => url ?? []);
}

async function locate(
  { item, root, splitWord, table }: SourceRow,
  position: number,
  { request, mapping, findImage }: BatchContext,
): Promise<Candidate | { problems: RowProblem[]; missing?: string }> {
  const { line } = item;
  const at = { line, source: table };
  if ('broken' in item) return { problems: [problemOf(at, null, null, item.broken)] };
  const result = readRow(item, mapping, { task: request.task, splitWord, fixed: request.fixed ?? {} });
  if ('faults' in result)
    return { problems: result.faults.map(({ field, reason }) => problemOf(at, null, field, reason)) };
  const { image, values } = result;
  const common = { position, line, source: table, name: image.name, values };
  if (image.kind === 'bytes')
    return { ...common, input: { bytes: image.bytes, shown: image.name }, file: '', base: '' };
  const place = await findImage(root, image.name);
  if (place.kind === 'found') {
    if (place.isOtherSpelling) values.notes.push('spelling');
    const base = root.shown(place.base);
    return { ...common, input: { path: place.path, shown: root.shown(place.path) }, file: place.path, base };
  }
  return {
    problems: [problemOf(at, shownName(image.name), mapping.image, place.reason)],
    ...(place.kind === 'missing' ? { missing: image.name } : {}),
  };
}

type Known = { sha256: string; isNew: boolean } | { reason: string };

/** By file or row: the image's hash, or why it is unusable. Files taken in by an earlier batch are not read again. */
async function takeImages(candidates: readonly Candidate[], context: BatchContext): Promise<Map<string, Known>> {
  const { staging, options } = context;
  const found = new Map<string, Known>();
  for (const [path, { sha256, reason }] of await staging.knownFiles(candidates.map(({ file }) => file)))
    found.set(path, sha256 === null ? { reason: reason ?? '' } : { sha256, isNew: false });
  const fresh = [...new Map(candidates.map((candidate) => [keyOf(candidate), candidate])).values()].filter(
    (candidate) => !found.has(keyOf(candidate)),
  );
  const results = await mapBounded(fresh, IMAGES_AT_ONCE, async (candidate): Promise<[Candidate, TakenImage]> => {
    throwIfCancelled(options.signal);
    const created: Blob[] = [];
    try {
      return [candidate, await takeImage(candidate.input, { ...options, created })];
    } finally {
      for (const blob of created) await options.onCreated(blob);
      context.onTaken();
    }
  });
  const usable = results.flatMap(([{ position, name }, image]) =>
    image.ok ? [{ position, name, picture: image.picture, fromCache: image.fromCache }] : [],
  );
  await staging.addPictures(usable);
  for (const [{ input }, image] of results)
    if (image.ok && 'bytes' in input) await options.onEmbedded?.(image.picture.record.sha256, input.bytes);
  await options.cache.put(usable.filter(({ fromCache }) => !fromCache).map(({ picture }) => picture));
  for (const [candidate, image] of results)
    found.set(
      keyOf(candidate),
      image.ok ? { sha256: image.picture.record.sha256, isNew: true } : { reason: image.reason },
    );
  await staging.addFiles(
    results.map(([candidate, image]) => ({
      path: keyOf(candidate),
      base: candidate.base,
      sha256: image.ok ? image.picture.record.sha256 : null,
      reason: image.ok ? null : image.reason,
    })),
  );
  return found;
}

function keyOf({ file, position }: Candidate): string {
  return file === '' ? `#${position}` : file;
}

function problemOf(
  { line, source }: { line: number; source: string | null },
  file: string | null,
  field: string | null,
  reason: string,
): RowProblem {
  return { row: line, file: file ?? source, field, reason };
}

/** For the report: folders that relative paths were resolved against, those with the most images first. */
export async function resolvedFolders(staging: Staging): Promise<{ folder: string; images: number }[]> {
  return (await staging.baseFolders()).map(({ folder, images }) => ({ folder: folder.split(sep).join('/'), images }));
}
