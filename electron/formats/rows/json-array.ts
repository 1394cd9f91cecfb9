/** @file JSON files that are one array of objects (LLaVA, VLM-R1), or an object with such an array, read piece by piece. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { JSONParser } from '@streamparser/json';
import { AtelierError } from '../../contract/errors/errors.ts';
import { readError } from '../files.ts';
import { openJsonLines } from './json-lines.ts';
import { badTable, type RowItem, type RowSource } from './row-source.ts';
import { textFacts, textLines, type TextFacts } from './text-lines.ts';

/** Between two rows; more is no row. */
const MAX_CHARACTERS_PER_ROW = 16 * 1024 * 1024;

/** A `.json` file: an array of objects, `{"data": [ … ]}`, or JSON Lines by another name. */
export async function openJson(path: string): Promise<RowSource> {
  const facts = await textFacts(path);
  const first = await firstLine(path, facts);
  if (first === null) throw badTable(path, 'is empty');
  if (isObject(first)) return await openJsonLines(path);
  const start = first.trimStart().charAt(0);
  if (start !== '[' && start !== '{') throw badTable(path, 'is not JSON: it begins with neither [ nor {');
  return {
    format: 'json',
    encoding: facts.encoding,
    delimiter: null,
    columns: null,
    rowsEstimate: null,
    warnings: [],
    rows: () => readRows(path, facts, start === '['),
  };
}

async function* readRows(path: string, facts: TextFacts, isArray: boolean): AsyncGenerator<RowItem> {
  const parser = new JSONParser({ paths: [isArray ? '$.*' : '$.*.*'], keepStack: false });
  const found: RowItem[] = [];
  let row = 0;
  let sinceRow = 0;
  parser.onValue = ({ value, key }) => {
    // Fields of an object beside the array, such as {"info": {…}, "data": […]}, are no rows.
    if (typeof key !== 'number') return;
    row += 1;
    sinceRow = 0;
    const isRow = typeof value === 'object' && value !== null && !Array.isArray(value);
    found.push(
      isRow
        ? { line: row, values: value as unknown as Record<string, unknown> }
        : { line: row, broken: 'This is not a JSON object.' },
    );
  };
  const decoder = new TextDecoder(facts.encoding);
  const { size } = await stat(path);
  try {
    for await (const chunk of createReadStream(path)) {
      const text = decoder.decode(chunk as Uint8Array, { stream: true });
      sinceRow += text.length;
      parser.write(text);
      if (sinceRow > MAX_CHARACTERS_PER_ROW)
        throw badTable(path, `holds something longer than 16 million characters after row ${row}`);
      yield* found.splice(0);
    }
    if (!parser.isEnded) throw new Error(`it ends after ${size} bytes in the middle of something`);
  } catch (cause) {
    if (cause instanceof AtelierError) throw cause;
    if ((cause as NodeJS.ErrnoException).code !== undefined) throw readError(path, cause);
    throw badTable(
      path,
      `is not JSON after row ${row} (${(cause as Error).message.replace(/\.$/, '')})`,
      'An array that is broken in one place cannot be read on from there. Mend it, or save it as JSON Lines.',
    );
  }
  yield* found.splice(0);
}

async function firstLine(path: string, facts: TextFacts): Promise<string | null> {
  for await (const { text } of textLines(path, facts)) {
    if (text === null) return '[';
    if (text.trim() !== '') return text;
  }
  return null;
}

/** A whole object on the first line: that is JSON Lines. */
function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) && !hasRows(value);
  } catch {
    return false;
  }
}

function hasRows(value: object): boolean {
  return Object.values(value).some(
    (part) =>
      Array.isArray(part) &&
      part.length > 1 &&
      part.every((item) => typeof item === 'object' && item !== null && 'image' in item),
  );
}
