/** @file Parquet tables, read one row group at a time; images may be embedded as bytes, as on the Hugging Face hub. */
import {
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type FileMetaData,
  type ParquetParsers,
  type SchemaTree,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { causeWords } from '../../contract/errors/cause-words.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { existsFile, readError } from '../files.ts';
import { labelNamesOfInfo, labelWarnings, withLabelNames, type LabelNames } from './label-names.ts';
import { checkPages } from './parquet-pages.ts';
import { EXACT_PARSERS, exactValue, withRawDecimals } from './parquet-values.ts';
import { badTable, type RowItem, type RowSource } from './row-source.ts';

/** A row group is decoded as a whole; writers keep row groups far smaller than this. */
const MAX_GROUP_BYTES = 768 * 1024 * 1024;
const MAX_PAGE_BYTES = 512 * 1024 * 1024;
const MAX_METADATA_BYTES = 64 * 1024 * 1024;

type File = Awaited<ReturnType<typeof asyncBufferFromFile>>;

/** Codecs for one row group that refuse to decompress more than it may hold, whatever its page headers claim. */
function boundedCompressors(): typeof compressors {
  let total = 0;
  return Object.fromEntries(
    Object.entries(compressors).map(([name, decompress]) => [
      name,
      (input: Uint8Array, outputLength: number): Uint8Array => {
        if (outputLength > MAX_PAGE_BYTES) throw new Error(`a page claims to hold ${outputLength} bytes`);
        total += outputLength;
        if (total > MAX_GROUP_BYTES) throw new Error(`its pages claim to hold more than ${MAX_GROUP_BYTES} bytes`);
        return decompress(input, outputLength);
      },
    ]),
  );
}

export async function openParquet(path: string): Promise<RowSource> {
  if (!(await existsFile(path))) throw readError(path, Object.assign(new Error(), { code: 'ENOENT' }));
  const file = await asyncBufferFromFile(path);
  const metadata = await readMetadata(path, file);
  const schema = parquetSchema(metadata);
  const columns = schema.children.map((child) => child.element.name);
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) throw badTable(path, `${path} has two columns named "${twice}".`);
  const info = metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value;
  const labels = labelNamesOfInfo(info ?? '');
  return {
    format: 'parquet',
    encoding: null,
    delimiter: null,
    columns,
    rowsEstimate: Number(metadata.num_rows),
    warnings: labelWarnings(path, labels),
    rows: () => readRows(path, file, metadata, schema, labels),
  };
}

async function readMetadata(path: string, file: File): Promise<FileMetaData> {
  if (file.byteLength < 12) throw badTable(path, `${path} is not a Parquet file: it is too short.`);
  const tail = new DataView(await file.slice(file.byteLength - 8, file.byteLength));
  const metadataBytes = tail.getUint32(0, true);
  if (tail.getUint32(4, true) !== 0x31524150)
    throw badTable(path, `${path} is not a Parquet file: its end is missing.`);
  if (metadataBytes > Math.min(MAX_METADATA_BYTES, file.byteLength)) {
    throw badTable(path, `${path} claims to contain ${metadataBytes} bytes of metadata, which is impossible.`);
  }
  try {
    return await parquetMetadataAsync(file);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function* readRows(
  path: string,
  file: File,
  metadata: FileMetaData,
  schema: SchemaTree,
  labels: LabelNames,
): AsyncGenerator<RowItem> {
  const raw = withRawDecimals(metadata);
  const nodes = new Map(schema.children.map((child) => [child.element.name, child]));
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
        `${path} has a row group (number ${index + 1}) of ${bytes} bytes and ${rows} rows, which is too large to read at once.`,
        'Write it again with smaller row groups, such as 100 rows with images.',
      );
    }
    let objects: Record<string, unknown>[];
    try {
      await checkPages(file, group, schema, rows);
      objects = await parquetReadObjects({
        file,
        metadata: raw,
        parsers: EXACT_PARSERS as unknown as ParquetParsers,
        compressors: boundedCompressors(),
        // Bytes without a text type stay bytes: embedded images.
        utf8: false,
        rowStart,
        rowEnd: rowStart + rows,
      });
    } catch (cause) {
      throw unreadable(path, cause, index + 1);
    }
    for (const [at, values] of objects.entries())
      yield withLabelNames({ line: rowStart + at + 1, values: exactValues(values, nodes) }, labels);
    rowStart += rows;
  }
}

function exactValues(values: Record<string, unknown>, nodes: ReadonlyMap<string, SchemaTree>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const node = nodes.get(name);
      return [name, node === undefined ? value : exactValue(value, node)];
    }),
  );
}

function unreadable(path: string, cause: unknown, group?: number): AtelierError {
  if (cause instanceof AtelierError) return cause;
  const why = causeWords(cause, 'its parts do not fit together').replace(/^parquet /, '');
  const where = group === undefined ? '' : ` in row group ${group}`;
  return badTable(path, `${path} cannot be read as Parquet${where} (${why.slice(0, 300)}).`);
}
