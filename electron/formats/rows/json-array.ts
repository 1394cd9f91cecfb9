/**
 * @file Streams JSON files that are one array of objects (LLaVA, VLM-R1), an object with such an array, or an object
 * with one array per split (`{"train": [ … ], "test": [ … ]}`).
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { jsonWords } from '../../contract/errors/cause-words.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { readError } from '../files.ts';
import { isDeeper, jsonStream, MAX_DEPTH } from './exact-json.ts';
import { encodingWarnings, openJsonLines } from './json-lines.ts';
import { badTable, type RowItem, type RowSource } from './row-source.ts';
import { splitOfWord } from './split-words.ts';
import { decoderFor, textFacts, textLines, type Encoding, type TextFacts } from './text-lines.ts';

/** The most characters between two rows; anything longer is not a row. */
const MAX_CHARACTERS_PER_ROW = 16 * 1024 * 1024;

/** Opens a `.json` file: an array of objects, `{"data": [ … ]}`, or JSON Lines under another extension. */
export async function openJson(path: string, encoding?: Encoding): Promise<RowSource> {
  const facts = await textFacts(path, encoding);
  const first = await firstLine(path, facts);
  if (first === null) throw badTable(path, `${path} is empty.`);
  if (isObject(first)) return await openJsonLines(path, encoding);
  const start = first.trimStart().charAt(0);
  if (start !== '[' && start !== '{') throw badTable(path, `${path} is not JSON: it begins with neither [ nor {.`);
  return {
    format: 'json',
    encoding: facts.encoding,
    delimiter: null,
    columns: null,
    rowsEstimate: null,
    warnings: encodingWarnings(path, facts),
    rows: () => readRows(path, facts, start === '['),
  };
}

async function* readRows(path: string, facts: TextFacts, isArray: boolean): AsyncGenerator<RowItem> {
  const found: RowItem[] = [];
  let row = 0;
  let sinceRow = 0;
  const parser = jsonStream([isArray ? '$.*' : '$.*.*'], (value, key, around) => {
    // Fields of an object beside the array, as in {"info": {…}, "data": […]}, are not rows.
    if (typeof key !== 'number') return;
    row += 1;
    sinceRow = 0;
    const word = around[0];
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      found.push({ line: row, broken: 'This is not a JSON object.' });
    else if (isDeeper(value, MAX_DEPTH))
      found.push({ line: row, broken: `This is nested more than ${MAX_DEPTH} levels deep.` });
    else
      found.push({
        line: row,
        values: value as Record<string, unknown>,
        ...(typeof word === 'string' && splitOfWord(word) !== null ? { splitWord: word } : {}),
      });
  });
  const decode = decoderFor(facts.encoding);
  const { size } = await stat(path);
  try {
    for await (const chunk of createReadStream(path)) {
      const text = decode(chunk as Uint8Array);
      sinceRow += text.length;
      parser.write(text);
      if (sinceRow > MAX_CHARACTERS_PER_ROW)
        throw badTable(path, `${path} holds something longer than 16 million characters after row ${row}.`);
      yield* found.splice(0);
    }
    if (!parser.isEnded) throw new Error(`it ends after ${size} bytes in the middle of something`);
  } catch (cause) {
    if (cause instanceof AtelierError) throw cause;
    if ((cause as NodeJS.ErrnoException).code !== undefined) throw readError(path, cause);
    throw badTable(
      path,
      `${path} is not JSON after row ${row} (${jsonWords(cause)}).`,
      'What follows the first fault in a JSON array cannot be read. Correct it, or save the rows as JSON Lines.',
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

/** True for a complete object on the first line, which means JSON Lines. */
function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) && !hasRows(value);
  } catch {
    return false;
  }
}

/** True if an object holds rows in a list rather than being a row: a conversation's turns are lists of objects too. */
function hasRows(value: object): boolean {
  return Object.entries(value).some(
    ([key, part]) =>
      Array.isArray(part) &&
      part.length > 0 &&
      part.every((item) => typeof item === 'object' && item !== null) &&
      (splitOfWord(key) !== null || (part.length > 1 && part.every((item: object) => 'image' in item))),
  );
}
