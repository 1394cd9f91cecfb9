/** @file Opens a file of rows with the reader for its kind. */
import { extname } from 'node:path';
import { AtelierError } from '../../contract/errors/errors.ts';
import { openCsv } from './csv.ts';
import { openJson } from './json-array.ts';
import { openJsonLines } from './json-lines.ts';
import { openParquet } from './parquet.ts';
import type { Encoding } from './text-lines.ts';
import type { RowSource } from './row-source.ts';

const OPENERS: Record<string, (path: string, encoding?: Encoding) => Promise<RowSource>> = {
  '.jsonl': openJsonLines,
  '.ndjson': openJsonLines,
  '.json': openJson,
  '.csv': openCsv,
  '.tsv': openCsv,
  '.parquet': (path) => openParquet(path),
};

export const TABLE_EXTENSIONS: ReadonlySet<string> = new Set(Object.keys(OPENERS));

/**
 * @param encoding of text tables; detected if absent. Parquet has its own.
 * @throws AtelierError NOT_FOUND or BAD_INPUT naming the file and, if known, the line
 */
export async function openRows(path: string, encoding?: Encoding): Promise<RowSource> {
  const open = OPENERS[extname(path).toLowerCase()];
  if (open !== undefined) return await open(path, encoding);
  throw new AtelierError('BAD_INPUT', `${path} is not a table that can be read.`, {
    place: { file: path },
    remedy: 'Use JSON Lines (.jsonl), JSON, CSV, TSV or Parquet.',
  });
}
