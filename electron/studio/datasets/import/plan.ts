/** @file Plans an import: usable samples, every problem with its row, and a report. Writes no tables. */
import type { ImageOrientation, ImportReport, ImportRequest, RowProblem } from '../../../contract/model/datasets.ts';
import type { UnknownUse } from '../../../contract/model/signals.ts';
import { createC2paReader } from '../../../provenance/signals/c2pa-reader.ts';
import type { ImageReading } from '../../../provenance/signals/read-image.ts';
import type { Blob } from '../../../store/connection/blobs.ts';
import { settleLicences } from './settle-licences.ts';
import { settleNumbers } from './settle-numbers.ts';
import { settleTableWords } from './settle-table-words.ts';
import { createFactsCounter, type DatasetFacts } from '../../../store/datasets/dataset-rows.ts';
import type { Pictures } from '../../../pictures/pictures.ts';
import { licenceGiven } from '../../licence-given.ts';
import type { Store } from '../../../store/connection/open.ts';
import type { RecordLine } from '../../../store/import/record-lines.ts';
import { ambiguousColumns, detectColumns, unreadColumns } from './columns.ts';
import { openSource, renamed, type OpenSource } from './open-source.ts';
import { openPictureCache } from '../../../store/import/picture-cache.ts';
import { toSample } from '../samples.ts';
import { Glimpses, type Glimpsed } from './glimpses.ts';
import { dropRepeats, findAlike, settleSplits, settleStatements } from './settle.ts';
import { SignalWarnings } from './signal-warnings.ts';
import { sampleRecordLine, snapshotHash } from '../snapshot.ts';
import { openStaging, type Staging } from './staging.ts';
import { resolvedFolders, takeRows, type TakeOptions } from './take-rows.ts';
import { rightsKind } from './rights-columns.ts';
import { RowWarnings } from './warnings.ts';

const PREVIEW_ROWS = 8;
/** Names to draw, of each group. */
const MOST_GLIMPSES = 24;
/** A longer list would not help; the report also says how many problems there are. */
const MOST_PROBLEMS = 500;

export type ImportPlan = {
  report: ImportReport;
  /** Problems with the whole table, which remain even if rows are left out. */
  blocking: RowProblem[];
  facts: DatasetFacts;
  snapshotSha256: string;
  staging: Staging;
  /** Removes the staged data. */
  close(): Promise<void>;
};

export type PlanOptions = Pick<TakeOptions, 'onProgress' | 'signal'> & {
  /** Provides earlier opt-outs and recently read pictures; used in a dry run too, if available. */
  store: { pictures: Pick<Pictures, 'examine'> & Partial<Pick<Pictures, 'thumbnail'>> } & Partial<
    Pick<Store, 'home' | 'perceptualHashes'>
  >;
  /** Set for a real import: images are stored while they are checked. */
  blobs?: Store['blobs'] | undefined;
  onCreated?: (blob: Blob) => Promise<void>;
  /** How many small pictures of each group the report brings; absent = none. */
  thumbnails?: number | undefined;
  /** Opens the rows in place of the request's path. */
  open?: (() => Promise<OpenSource>) | undefined;
  /** Data that Atelier made itself: each of its columns is known, read or not. */
  isOwn?: boolean;
};

export async function planImport(request: ImportRequest, options: PlanOptions): Promise<ImportPlan> {
  const { onProgress, signal } = options;
  if (request.fixed?.licence !== undefined) licenceGiven(request.fixed.licence);
  onProgress?.({ phase: 'Reading the table', done: 0 });
  const source = await (options.open?.() ?? openSource(request, onProgress, signal));
  const glimpses = new Glimpses(options.thumbnails ?? 0, options.store.pictures);
  let staging: Staging | undefined;
  try {
    staging = await openStaging();
    return await plan(request, source, staging, glimpses, options);
  } catch (error) {
    await staging?.close();
    throw renamed(error, source.folder, source.shown(source.folder));
  } finally {
    await glimpses.close();
    await source.close();
  }
}

async function plan(
  request: ImportRequest,
  source: OpenSource,
  staging: Staging,
  glimpses: Glimpses,
  { store, blobs, onCreated, onProgress, signal, isOwn }: PlanOptions,
): Promise<ImportPlan> {
  const fixed = request.fixed?.prompt === undefined ? [] : (['prompt'] as const);
  const mapping = detectColumns(source.columns, request.mapping ?? {}, source.name, fixed);
  const ambiguous = ambiguousColumns(source.columns, mapping, request.mapping ?? {});
  const c2pa = createC2paReader();
  const cache = await openPictureCache<ImageReading>(store.home);
  let rowsRead: number;
  try {
    const { pictures } = store;
    const take = {
      blobs,
      cache,
      c2pa,
      pictures,
      onCreated: onCreated ?? (() => Promise.resolve()),
      onEmbedded: (sha256: string, bytes: Uint8Array) => glimpses.keep(sha256, bytes),
      onProgress,
      signal,
    };
    ({ rowsRead } = await takeRows(source, request, mapping, staging, take));
  } finally {
    await cache.close();
    await c2pa.close();
  }
  const written = await settleNumbers(staging, request.numbers, mapping.answer);
  const duplicates = await dropRepeats(staging, mapping);
  await settleStatements(staging);
  await settleTableWords(staging);
  const licenceWarnings = await settleLicences(staging);
  const splitWarnings = await settleSplits(staging, request);
  const alike = await findAlike(staging, (await store.perceptualHashes?.ofOptedOut()) ?? []);
  const summary = await summarise(staging, request.orientation, request.unknownUse);
  const blocking = await tableProblems(staging, mapping.answer);
  const problems = await staging.problems(MOST_PROBLEMS);
  const counts = await staging.counts();
  return {
    blocking,
    facts: summary.facts,
    snapshotSha256: summary.snapshotSha256,
    staging,
    close: () => staging.close(),
    report: {
      table: source.name,
      mapping,
      rowsRead,
      rowsUsable: summary.facts.samples,
      heldOut: summary.facts.test,
      problems: [...blocking, ...problems],
      problemsTotal: blocking.length + counts.problems,
      warnings: [
        ...source.warnings,
        ...ambiguous,
        ...written.warnings,
        ...licenceWarnings,
        ...splitWarnings,
        ...summary.warnings,
        ...alike.warnings,
        ...unreadColumns(isOwn === true ? [] : source.columns, mapping, (column) => rightsKind(column) !== null),
      ],
      standsBeside: [],
      imagesFound: counts.files,
      imagesMissing: counts.missing,
      duplicates,
      licences: summary.facts.licences,
      preview: summary.preview,
      format: source.format,
      columns: source.columns,
      resolved: await resolvedFolders(staging),
      nearDuplicates: alike.nearDuplicates,
      leakage: alike.leakage,
      optedOut: summary.optedOut,
      excluded: summary.excluded,
      stopsTraining: summary.stopsTraining,
      signals: summary.signals,
      numbers: written.numbers,
      glimpses: await glimpses.draw(staging, [...summary.shown, ...alike.shown], request.orientation === 'upright'),
    },
  };
}

/** Goes through the usable rows once for counts, warnings, preview, and the hash that identifies the data. */
export async function summarise(staging: Staging, orientation: ImageOrientation, unknownUse: UnknownUse) {
  const counter = createFactsCounter();
  const rows = new RowWarnings(orientation);
  const images = new SignalWarnings(unknownUse);
  const preview: ImportReport['preview'] = [];
  const shown: Glimpsed[] = [];
  const lines: RecordLine[] = [];
  await staging.clearRecordLines();
  for await (const row of staging.ready()) {
    const sample = toSample(row);
    counter.add({ ...sample, id: String(sample.position) });
    rows.add(row, sample);
    images.add(row, sample);
    if (row.isFirst) {
      const group = row.statement?.verdict === 'opted-out' ? 'opted-out' : 'first';
      if (shown.filter((each) => each.group === group).length < MOST_GLIMPSES)
        shown.push({ group, name: row.name, sha256: row.sha256 });
    }
    if (preview.length < PREVIEW_ROWS) {
      const { imageName, prompt, answer, split } = sample;
      preview.push({ imageName, prompt, answer, split, path: row.path });
    }
    if (lines.push({ position: row.position, text: sampleRecordLine(sample) }) >= PREVIEW_ROWS * 50)
      await staging.addRecordLines(lines.splice(0));
  }
  await staging.addRecordLines(lines);
  return {
    facts: counter.facts(),
    snapshotSha256: await snapshotHash(staging.sortedRecordLines()),
    preview,
    shown,
    optedOut: images.optedOut,
    excluded: images.excluded,
    stopsTraining: images.stopsTraining(),
    signals: images.signals,
    warnings: [...rows.sentences(), ...images.sentences()],
  };
}

async function tableProblems(staging: Staging, answerColumn: string): Promise<RowProblem[]> {
  const { samples, answers, answer } = await staging.answerCounts();
  if (samples < 2) {
    const count = samples === 0 ? 'No row' : 'Only one row';
    const reason = `${count} of the table can be used; a dataset needs at least two.`;
    return [{ row: null, file: null, field: null, reason }];
  }
  if (answers > 1) return [];
  return [
    {
      row: null,
      file: null,
      field: answerColumn,
      reason: `Every usable row has the same answer ("${answer ?? ''}"): there is only one class, so nothing can be learned.`,
    },
  ];
}
