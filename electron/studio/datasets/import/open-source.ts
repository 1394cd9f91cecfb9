/** @file Opens any kind of import source and yields its rows one by one. */
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import type { ImportReport, ImportRequest, TablePeek } from '../../../contract/model/datasets.ts';
import { AtelierError } from '../../../contract/errors/errors.ts';
import { typedPath } from '../../typed-path.ts';
import type { Progress } from '../../../contract/model/primitives.ts';
import { openImageTree } from '../../../formats/rows/image-tree.ts';
import { labelWarnings, withLabelNames, type LabelNames } from '../../../formats/rows/label-names.ts';
import type { RowItem, RowSource } from '../../../formats/rows/row-source.ts';
import { createTableReader, type TableReader } from '../../../formats/rows/table-reader.ts';
import { makeTemporary, removeTemporary } from '../../../formats/temporary-folder.ts';
import type { ImageRoot } from './image-files.ts';
import { recogniseColumns, type GivenColumns } from './columns.ts';
import { holdsImageBelow, locateSource, type LocatedSource } from './locate-source.ts';

/** Number of rows read before the import begins, to find columns that only rows name. */
const PEEKED_ROWS = 100;

export type SourceRow = {
  item: RowItem;
  root: ImageRoot;
  /** The split word in the table's folder or file name. */
  splitWord: string | null;
  /** Null if there is only one table. */
  table: string | null;
};

export type OpenSource = {
  /** Display name of the table or folder. */
  name: string;
  folder: string;
  format: ImportReport['format'];
  encoding: string | null;
  delimiter: TablePeek['delimiter'];
  columns: string[];
  choices: string[];
  rowsEstimate: number | null;
  warnings: string[];
  peeked: RowItem[];
  shown: (path: string) => string;
  rows(): AsyncIterable<SourceRow>;
  /** Removes the unpacked files. */
  close(): Promise<void>;
};

type Part = { path: string; splitWord: string | null; source: RowSource; labels: LabelNames };

type Wanted = Pick<ImportRequest, 'path' | 'table' | 'mapping' | 'encoding'>;

/** @throws AtelierError BAD_INPUT, NOT_FOUND or CANCELLED, leaving nothing behind */
export async function openSource(
  request: Wanted,
  onProgress?: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<OpenSource> {
  const path = await typedPath(request.path);
  const reader = createTableReader();
  try {
    if (extname(path).toLowerCase() === '.zip' && (await isFile(path)))
      return await openArchive(request, path, reader, onProgress, signal);
    const place = { path, shown: (inner: string) => inner, close: () => reader.close(), warnings: [] };
    return await openFolder(request, place, reader);
  } catch (error) {
    await reader.close();
    throw error;
  }
}

async function openArchive(
  request: Wanted,
  path: string,
  reader: TableReader,
  onProgress: ((progress: Progress) => void) | undefined,
  signal: AbortSignal | undefined,
): Promise<OpenSource> {
  const unpacked = await realpath(await makeTemporary('zip'));
  const close = async (): Promise<void> => {
    await reader.close();
    await removeTemporary(unpacked);
  };
  try {
    const { warnings } = await reader.unzip(path, unpacked, {
      signal,
      onProgress: (done, total) => onProgress?.({ phase: 'Unpacking', done, total }),
    });
    const shown = (inner: string): string =>
      [path, ...relative(unpacked, inner).split(sep)].filter((part) => part !== '').join('/');
    return await openFolder(request, { path: unpacked, shown, close, warnings }, reader);
  } catch (error) {
    await close();
    throw renamed(error, unpacked, path);
  }
}

async function openFolder(
  request: Wanted,
  place: { path: string; shown: (path: string) => string; close: () => Promise<void>; warnings: string[] },
  reader: TableReader,
): Promise<OpenSource> {
  let located = await locateSource(place.path, request.table);
  let parts = await openParts(located, reader, request.encoding);
  let peeked = await peekAt(parts);
  if (request.table === undefined && (await isStrayTable(place.path, located, parts, peeked, request.mapping ?? {}))) {
    const stray = parts.map(({ path }) => relative(located.folder, path)).join(', ');
    const warning = `${stray} was not read, because no column of it names an image; the images and their folders were read instead.`;
    located = { ...located, tables: [], warnings: [...located.warnings, warning] };
    parts = await openParts(located, reader, request.encoding);
    peeked = await peekAt(parts);
  }
  const [first] = parts;
  if (first === undefined) throw new Error('A source has no part.');
  if (peeked.length === 0) {
    throw new AtelierError('BAD_INPUT', `${place.shown(first.path)} has no rows.`, {
      place: { file: place.shown(first.path) },
    });
  }
  const columns = new Set(parts.flatMap((part) => part.source.columns ?? []));
  for (const item of peeked) if ('values' in item) for (const column of Object.keys(item.values)) columns.add(column);
  const estimates = parts.map((part) => part.source.rowsEstimate);
  const table = located.tables[0]?.path;
  return {
    name: place.shown(table === undefined || parts.length > 1 ? located.folder : table),
    folder: located.folder,
    format: first.source.format,
    encoding: first.source.encoding,
    delimiter: first.source.delimiter,
    columns: [...columns],
    choices: located.choices,
    rowsEstimate: estimates.includes(null) ? null : estimates.reduce<number>((sum, rows) => sum + (rows ?? 0), 0),
    warnings: [...place.warnings, ...located.warnings, ...parts.flatMap(warningsOf)].map((warning) =>
      warning.replaceAll(place.path, place.shown(place.path)),
    ),
    peeked,
    shown: place.shown,
    rows: () => readParts(parts, located.folder, place.shown),
    close: place.close,
  };
}

async function openParts(
  located: LocatedSource,
  reader: TableReader,
  encoding: ImportRequest['encoding'],
): Promise<Part[]> {
  if (located.tables.length === 0)
    return [
      {
        path: join(located.folder, 'images'),
        splitWord: null,
        source: await openImageTree(located.folder),
        labels: new Map(),
      },
    ];
  const stated = await reader.labels(located.folder);
  return await Promise.all(
    located.tables.map(async (table) => {
      const source = await reader.open(table.path, encoding);
      // Parquet files contain their own class names.
      const labels =
        source.format === 'parquet' ? new Map<string, string[]>() : await labelsFor(table.path, stated, reader);
      return { ...table, source, labels };
    }),
  );
}

/** Label names stated by the table's own folder, otherwise those of the import folder. */
async function labelsFor(table: string, stated: LabelNames, reader: TableReader): Promise<LabelNames> {
  const own = await reader.labels(dirname(table));
  return own.size > 0 ? own : stated;
}

function warningsOf({ path, source, labels }: Part): string[] {
  const used = new Map([...labels].filter(([column]) => source.columns?.includes(column) ?? true));
  return [...source.warnings, ...labelWarnings(path, used)];
}

async function peekAt([first]: readonly Part[]): Promise<RowItem[]> {
  const peeked: RowItem[] = [];
  if (first === undefined) return peeked;
  for await (const item of first.source.rows()) {
    if (peeked.push(withLabelNames(item, first.labels)) >= PEEKED_ROWS) break;
  }
  return peeked;
}

/** Whether the source is a lone table beside image folders that does not describe them, such as `notes.csv`. */
async function isStrayTable(
  path: string,
  located: LocatedSource,
  parts: readonly Part[],
  peeked: readonly RowItem[],
  given: GivenColumns,
): Promise<boolean> {
  const [only] = parts;
  if (parts.length !== 1 || only === undefined || located.tables.length !== 1) return false;
  if (!(await stat(path)).isDirectory()) return false;
  const names = new Set(only.source.columns ?? []);
  for (const item of peeked) if ('values' in item) for (const column of Object.keys(item.values)) names.add(column);
  if (given.image !== undefined || recogniseColumns([...names], {}).image !== undefined) return false;
  return await holdsImageBelow(located.folder);
}

async function* readParts(
  parts: readonly Part[],
  folder: string,
  shown: (path: string) => string,
): AsyncGenerator<SourceRow> {
  for (const { path, splitWord, source, labels } of parts) {
    const before = await stampOf(path);
    const tableFolder = source.format === 'folder' ? folder : await realpath(dirname(path));
    const root: ImageRoot = { folder, tableFolder, shown };
    const table = parts.length > 1 ? basename(path) : null;
    for await (const item of source.rows()) yield { item: withLabelNames(item, labels), root, splitWord, table };
    if ((await stampOf(path)) !== before) {
      throw new AtelierError('BAD_INPUT', `${shown(path)} changed while it was read. Nothing was imported.`, {
        place: { file: shown(path) },
        remedy: 'Wait until nothing writes to it and import again.',
      });
    }
  }
}

/** Size, modification time and inode of a file; empty for the folder of an image tree, where they do not matter. */
async function stampOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true ? `${found.size} ${found.mtimeMs} ${found.ino}` : '';
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() === true;
}

/** Replaces the unpacking folder with the archive in an error, since that folder means nothing to the user. */
export function renamed(error: unknown, folder: string, archive: string): unknown {
  if (!(error instanceof AtelierError) || !error.message.includes(folder)) return error;
  const { file } = error.place;
  return new AtelierError(error.code, error.message.replaceAll(folder, archive), {
    place: { ...error.place, ...(file === undefined ? {} : { file: file.replaceAll(folder, archive) }) },
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    cause: error,
  });
}
