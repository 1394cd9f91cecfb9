/** @file Tables of rows: JSON Lines and CSV (or TSV), each row with the line at which it begins. */
import { extname } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { AtelierError } from '../contract/errors.ts';
import { decodeUtf8, readBytes } from './files.ts';

export interface TableRow {
  /** 1-based line of the file at which the row begins. */
  readonly line: number;
  /** CSV values are strings; JSONL values are what JSON says. */
  readonly values: Readonly<Record<string, unknown>>;
}

export interface Table {
  /** In the order of the header, or of first appearance. */
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
}

/** Tables are read whole; images lie beside them, so a larger one is not a table of samples. */
const MAX_TABLE_BYTES = 512 * 1024 * 1024;

/**
 * Reads `.jsonl`/`.ndjson`, `.csv` or `.tsv`. A byte order mark is left out, blank lines are passed over.
 * @throws AtelierError NOT_FOUND or BAD_INPUT naming the file and the line
 */
export async function readTable(path: string): Promise<Table> {
  const kind = extname(path).toLowerCase();
  if (!['.jsonl', '.ndjson', '.csv', '.tsv'].includes(kind)) {
    throw new AtelierError('BAD_INPUT', `${path} is not a table that can be read.`, {
      place: { file: path },
      remedy: 'Use a JSON Lines file (.jsonl), .csv or .tsv.',
    });
  }
  const bytes = await readBytes(path);
  if (bytes.length > MAX_TABLE_BYTES) throw badTable(path, 'is larger than 512 MB');
  const text = decodeTable(bytes, path);
  const table =
    kind === '.csv' || kind === '.tsv'
      ? parseCsv(text, path, kind === '.tsv' ? '\t' : ',')
      : parseJsonLines(text, path);
  if (table.rows.length === 0) throw badTable(path, 'has no rows');
  return table;
}

function badTable(file: string, why: string): AtelierError {
  return new AtelierError('BAD_INPUT', `${file} ${why}.`, { place: { file } });
}

function badLine(file: string, line: number, why: string, field?: string): AtelierError {
  return new AtelierError('BAD_INPUT', `${file}, line ${line}: ${why}.`, {
    place: { file, row: line, ...(field === undefined ? {} : { field }) },
  });
}

/** Names the first line that is not UTF-8, which is usually one name with an accent. */
function decodeTable(bytes: Uint8Array, path: string): string {
  try {
    return decodeUtf8(bytes, path);
  } catch (cause) {
    let line = 1;
    for (let start = 0; start < bytes.length; line++) {
      const end = bytes.indexOf(0x0a, start);
      const stop = end === -1 ? bytes.length : end;
      try {
        decodeUtf8(bytes.subarray(start, stop), path);
      } catch {
        throw new AtelierError('BAD_INPUT', `${path}, line ${line}: this is not UTF-8 text.`, {
          place: { file: path, row: line },
          remedy: 'Save the table again with the encoding UTF-8.',
          cause,
        });
      }
      start = stop + 1;
    }
    throw cause;
  }
}

/** JSON Lines: one object per line. */
export function parseJsonLines(text: string, file: string): Table {
  const columns = new Set<string>();
  const rows: TableRow[] = [];
  text.split('\n').forEach((content, index) => {
    if (content.trim() === '') return;
    const line = index + 1;
    let values: unknown;
    try {
      values = JSON.parse(content);
    } catch (cause) {
      throw badLine(file, line, `this is not JSON (${(cause as Error).message})`);
    }
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      throw badLine(file, line, 'this is not a JSON object');
    }
    for (const column of Object.keys(values)) columns.add(column);
    rows.push({ line, values: values as Record<string, unknown> });
  });
  return { columns: [...columns], rows };
}

interface CsvRecord {
  readonly record: string[];
  /** `bytes`: offset just after the record and its line break. */
  readonly info: { readonly bytes: number };
}

/** CSV with a header; quotes, quoted line breaks and CRLF as RFC 4180 has them. Every row has every column. */
export function parseCsv(text: string, file: string, delimiter = ','): Table {
  const bytes = Buffer.from(text, 'utf8');
  let records: CsvRecord[];
  try {
    records = parse(bytes, {
      delimiter,
      info: true,
      relax_column_count: true, // counted below, so the error names the line and the counts
      record_delimiter: ['\r\n', '\n', '\r'],
    }) as unknown as CsvRecord[];
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    // The parser's own line is that at which it gave up: for an open quote, the end of the file.
    const line = 1 + lineBreaks(bytes, 0, Number(cause['bytes_records'] ?? 0));
    throw badLine(file, line, csvReason(cause));
  }
  const starts = startLines(records, bytes);
  const kept = records
    .map(({ record }, index) => ({ record, line: starts[index]! }))
    .filter(({ record }) => !isBlank(record));
  const header = kept.shift();
  if (header === undefined) throw badTable(file, 'is empty');
  const columns = header.record.map((name) => name.trim());
  columns.forEach((name, index) => {
    if (name === '') throw badLine(file, header.line, `column ${index + 1} has no name`);
    if (columns.indexOf(name) !== index) throw badLine(file, header.line, `two columns are named "${name}"`, name);
  });
  const rows = kept.map(({ record, line }): TableRow => {
    if (record.length !== columns.length) {
      throw badLine(
        file,
        line,
        `this row has ${record.length} values where the header names ${columns.length} columns`,
      );
    }
    return { line, values: Object.fromEntries(columns.map((name, index) => [name, record[index]!])) };
  });
  return { columns, rows };
}

function csvReason(cause: CsvError): string {
  if (cause.code === 'CSV_QUOTE_NOT_CLOSED') return 'a quote is opened in this row and never closed';
  if (cause.code === 'INVALID_OPENING_QUOTE') return 'a quote stands in the middle of a value that is not quoted';
  if (cause.code === 'CSV_INVALID_CLOSING_QUOTE')
    return 'something follows a closing quote (write a quote inside a value twice)';
  return cause.message.replace(/\.$/, '');
}

/** The line at which each record begins; the parser's own count takes a quoted CRLF for two lines. */
function startLines(records: readonly CsvRecord[], bytes: Uint8Array): number[] {
  let line = 1;
  let offset = 0;
  return records.map(({ info }) => {
    const start = line;
    line += lineBreaks(bytes, offset, info.bytes);
    offset = info.bytes;
    return start;
  });
}

/** LF, CRLF and lone CR each end one line. */
function lineBreaks(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) {
    if (bytes[i] === 0x0a || (bytes[i] === 0x0d && bytes[i + 1] !== 0x0a)) count++;
  }
  return count;
}

function isBlank(record: readonly string[]): boolean {
  return record.length === 1 && record[0]!.trim() === '';
}
