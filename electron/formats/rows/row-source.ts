/** @file What every reader of rows gives: one row after the other, and the reason for each row that cannot be read. */
import { AtelierError } from '../../contract/errors/errors.ts';

export interface TableRow {
  /** 1-based line at which the row begins; in JSON arrays and Parquet the number of the row. */
  readonly line: number;
  /**
   * CSV values are strings; those of other formats are what the file says. Embedded images are `Uint8Array`. A number
   * whose digits a double would change is the text of its digits.
   */
  readonly values: Readonly<Record<string, unknown>>;
  /** The source's own word for the split that the row belongs to, where its place in the file says so. */
  readonly splitWord?: string;
  /** What the reader had to overlook. */
  readonly notes?: readonly ReadingNote[];
}

/** `short`: the last values are missing. `lone-quote`: a quote inside a value that is not quoted was taken as it is. */
export type ReadingNote = 'short' | 'lone-quote';

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
  /** About how many rows there will be; null where nothing tells. */
  readonly rowsEstimate: number | null;
  readonly warnings: readonly string[];
  /** Reads from the start each time it is called. @throws AtelierError where the rest of the file cannot be read */
  rows(): AsyncIterable<RowItem>;
}

/** No row of questions and answers is longer. A longer one is skipped in pieces and never held whole. */
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
