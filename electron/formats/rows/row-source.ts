/** @file What every reader of rows gives: rows one after the other, those that cannot be read with their reason. */
import { AtelierError } from '../../contract/errors/errors.ts';

export interface TableRow {
  /** 1-based line at which the row begins; in JSON arrays and Parquet the number of the row. */
  readonly line: number;
  /** CSV values are strings; the others' are what the file says. Bytes of embedded images are `Uint8Array`. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** A row that cannot be read; the others can. */
export interface BrokenRow {
  readonly line: number;
  readonly broken: string;
}

export type RowItem = TableRow | BrokenRow;

export interface RowSource {
  readonly format: 'jsonl' | 'json' | 'csv' | 'parquet' | 'folder';
  /** Null where the file has none. */
  readonly encoding: string | null;
  readonly delimiter: ',' | ';' | '\t' | '|' | null;
  /** The columns where the file names them itself; null where only its rows do. */
  readonly columns: readonly string[] | null;
  /** How many rows there will be, nearly; null where nothing tells. */
  readonly rowsEstimate: number | null;
  readonly warnings: readonly string[];
  /** Reads from the start each time it is called. @throws AtelierError where the rest of the file cannot be read */
  rows(): AsyncIterable<RowItem>;
}

/** No row of questions and answers is longer; a longer one is passed over in pieces and never held whole. */
export const MAX_ROW_CHARACTERS = 4 * 1024 * 1024;

export const ROW_TOO_LONG = `The row is longer than ${MAX_ROW_CHARACTERS / (1024 * 1024)} million characters, so it is not read.`;

export function badTable(file: string, why: string, remedy?: string): AtelierError {
  return new AtelierError('BAD_INPUT', `${file} ${why}.`, {
    place: { file },
    ...(remedy === undefined ? {} : { remedy }),
  });
}

export function badLine(file: string, line: number, why: string, field?: string): AtelierError {
  return new AtelierError('BAD_INPUT', `${file}, line ${line}: ${why}.`, {
    place: { file, row: line, ...(field === undefined ? {} : { field }) },
  });
}
