/** @file The interface of every row reader: a stream of rows, with the reason for each row that cannot be read. */
import { AtelierError } from '../../contract/errors/errors.ts';

export interface TableRow {
  /** 1-based line at which the row begins; in JSON arrays and Parquet, the row number. */
  readonly line: number;
  /**
   * CSV values are strings; other formats keep the types in the file. Embedded images are `Uint8Array`. A number whose
   * digits a double would change is kept as text.
   */
  readonly values: Readonly<Record<string, unknown>>;
  /** The source's own word for the row's split, if the row's position in the file states it. */
  readonly splitWord?: string;
  /** Faults that the reader had to overlook. */
  readonly notes?: readonly ReadingNote[];
}

/** `short`: the last values are missing. `lone-quote`: a quote inside an unquoted value was taken literally. */
export type ReadingNote = 'short' | 'lone-quote';

/** A row that cannot be read; the others still can. */
export interface BrokenRow {
  readonly line: number;
  readonly broken: string;
}

export type RowItem = TableRow | BrokenRow;

export interface RowSource {
  readonly format: 'jsonl' | 'json' | 'csv' | 'parquet' | 'folder';
  /** Null if the file has none. */
  readonly encoding: string | null;
  readonly delimiter: ',' | ';' | '\t' | '|' | null;
  /** The columns if the file itself names them; null if only its rows do. */
  readonly columns: readonly string[] | null;
  /** Approximate number of rows; null if it cannot be estimated. */
  readonly rowsEstimate: number | null;
  readonly warnings: readonly string[];
  /** Reads from the start each time it is called. @throws AtelierError if the rest of the file cannot be read */
  rows(): AsyncIterable<RowItem>;
}

/** No row of questions and answers is longer. A longer one is skipped in pieces and never held in memory whole. */
export const MAX_ROW_CHARACTERS = 4 * 1024 * 1024;

export const ROW_TOO_LONG = `The row is longer than ${MAX_ROW_CHARACTERS / (1024 * 1024)} million characters, so it is not read.`;

/** @param message the whole sentence, which names the file, so that it has one translation */
export function badTable(file: string, message: string, remedy?: string): AtelierError {
  return new AtelierError('BAD_INPUT', message, {
    place: { file },
    ...(remedy === undefined ? {} : { remedy }),
  });
}

/** @param why a sentence or more */
export function badLine(file: string, line: number, why: string, field?: string): AtelierError {
  return new AtelierError('BAD_INPUT', `${file}, line ${line}: ${why}`, {
    place: { file, row: line, ...(field === undefined ? {} : { field }) },
  });
}
