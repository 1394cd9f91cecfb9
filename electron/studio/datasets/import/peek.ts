/** @file Shows the columns and first rows of a file, so that the user can say what each column holds. */
import type { ImportRequest, TablePeek } from '../../../contract/model/datasets.ts';
import { recogniseColumns } from './columns.ts';
import { openSource } from './open-source.ts';

const SHOWN_ROWS = 5;
const SHOWN_CHARACTERS = 200;

/** @throws AtelierError BAD_INPUT or NOT_FOUND if there is no table to read */
export async function peekTable(request: ImportRequest, signal?: AbortSignal): Promise<TablePeek> {
  const source = await openSource(request, undefined, signal);
  try {
    const rows = source.peeked.flatMap((item) => ('values' in item ? [item.values] : []));
    const known = new Set(source.columns);
    const given = Object.entries(request.mapping ?? {}).filter(([, name]) => name !== undefined && known.has(name));
    const detected = recogniseColumns(source.columns, Object.fromEntries(given));
    const { image, prompt = request.fixed?.prompt, answer } = detected;
    return {
      table: source.name,
      format: source.format,
      encoding: source.encoding,
      delimiter: source.delimiter,
      columns: source.columns.map((name) => ({
        name,
        example: rows.map((row) => shown(row[name])).find((text) => text !== '') ?? '',
      })),
      rows: rows
        .slice(0, SHOWN_ROWS)
        .map((row) => Object.fromEntries(source.columns.map((name) => [name, shown(row[name])]))),
      detected,
      missing: [
        ...(image === undefined ? (['image'] as const) : []),
        ...(prompt === undefined ? (['prompt'] as const) : []),
        ...(answer === undefined ? (['answer'] as const) : []),
      ],
      tables: source.choices,
    };
  } finally {
    await source.close();
  }
}

function shown(value: unknown): string {
  const text =
    typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(noBytes(value));
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

/** Shows embedded images as their size. */
function noBytes(value: unknown): unknown {
  if (value instanceof Uint8Array) return `(${value.length} bytes)`;
  if (Array.isArray(value)) return value.map(noBytes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, noBytes(part)]));
}
