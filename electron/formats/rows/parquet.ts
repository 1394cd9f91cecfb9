/** @file Parquet tables, one row group at a time; images may be embedded as bytes, as the hub writes them. */
import {
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type FileMetaData,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { AtelierError } from '../../contract/errors/errors.ts';
import { existsFile, readError } from '../files.ts';
import { badTable, type RowItem, type RowSource } from './row-source.ts';

/** A row group is decoded as a whole; writers keep them far below this. */
const MAX_GROUP_BYTES = 768 * 1024 * 1024;
const MAX_PAGE_BYTES = 512 * 1024 * 1024;
const MAX_METADATA_BYTES = 64 * 1024 * 1024;

type File = Awaited<ReturnType<typeof asyncBufferFromFile>>;

/** Codecs that refuse to blow a page up beyond all reason, whatever its header says. */
const boundedCompressors = Object.fromEntries(
  Object.entries(compressors).map(([name, decompress]) => [
    name,
    (input: Uint8Array, outputLength: number): Uint8Array => {
      if (outputLength > MAX_PAGE_BYTES) throw new Error(`a page claims to hold ${outputLength} bytes`);
      return decompress(input, outputLength);
    },
  ]),
);

export async function openParquet(path: string): Promise<RowSource> {
  if (!(await existsFile(path))) throw readError(path, Object.assign(new Error(), { code: 'ENOENT' }));
  const file = await asyncBufferFromFile(path);
  const metadata = await readMetadata(path, file);
  const columns = parquetSchema(metadata).children.map((child) => child.element.name);
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) throw badTable(path, `has two columns named "${twice}"`);
  return {
    format: 'parquet',
    encoding: null,
    delimiter: null,
    columns,
    rowsEstimate: Number(metadata.num_rows),
    warnings: [],
    rows: () => readRows(path, file, metadata),
  };
}

async function readMetadata(path: string, file: File): Promise<FileMetaData> {
  if (file.byteLength < 12) throw badTable(path, 'is no Parquet file: it is too short');
  const tail = new DataView(await file.slice(file.byteLength - 8, file.byteLength));
  const metadataBytes = tail.getUint32(0, true);
  if (tail.getUint32(4, true) !== 0x31524150) throw badTable(path, 'is no Parquet file: its end is missing');
  if (metadataBytes > Math.min(MAX_METADATA_BYTES, file.byteLength)) {
    throw badTable(path, `claims to hold ${metadataBytes} bytes of description, which it cannot`);
  }
  try {
    return await parquetMetadataAsync(file);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function* readRows(path: string, file: File, metadata: FileMetaData): AsyncGenerator<RowItem> {
  let rowStart = 0;
  for (const [index, group] of metadata.row_groups.entries()) {
    const rows = Number(group.num_rows);
    const bytes = group.columns.reduce(
      (sum, { meta_data: column }) => sum + Number(column?.total_uncompressed_size ?? 0),
      0,
    );
    if (bytes > MAX_GROUP_BYTES || rows > 10_000_000 || rows < 0) {
      throw badTable(
        path,
        `has a row group (number ${index + 1}) of ${bytes} bytes and ${rows} rows, which is too much to read at once`,
        'Write it again with smaller row groups, such as 100 rows with images.',
      );
    }
    let objects: Record<string, unknown>[];
    try {
      objects = await parquetReadObjects({
        file,
        metadata,
        compressors: boundedCompressors,
        // Bytes without a text type stay bytes: embedded images.
        utf8: false,
        rowStart,
        rowEnd: rowStart + rows,
      });
    } catch (cause) {
      throw unreadable(path, cause, index + 1);
    }
    for (const [at, values] of objects.entries()) yield { line: rowStart + at + 1, values: plainValues(values) };
    rowStart += rows;
  }
}

function plainValues(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, plain(value)]));
}

/** 64-bit numbers and dates as JSON would have them. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) return plainValues(value as Record<string, unknown>);
  return value;
}

function unreadable(path: string, cause: unknown, group?: number): AtelierError {
  if (cause instanceof AtelierError) return cause;
  const why = (cause instanceof Error ? cause.message : String(cause)).replace(/^parquet /, '').replace(/\.$/, '');
  const where = group === undefined ? '' : ` in row group ${group}`;
  return badTable(path, `cannot be read as Parquet${where} (${why.slice(0, 300)})`);
}
