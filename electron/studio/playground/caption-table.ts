/** @file The table of answers about the pictures of a folder: a row for each, written as soon as it is known. */
import { open, readFile } from 'node:fs/promises';
import { AtelierError } from '../../contract/errors/errors.ts';
import { writeAside, writeError } from '../../formats/files.ts';

export interface CaptionRow {
  name: string;
  question: string;
  answer: string;
  /** `stop`, `length`, or empty without an answer. */
  finish: string;
  /** Empty if there is none. */
  error: string;
}

const HEADER = 'file_name,question,answer,finish,error\r\n';
const CELL = '"(?:[^"]|"")*"';
const ROW = new RegExp(`(${CELL}),(${CELL}),${CELL},${CELL},(${CELL})\\r\\n`, 'gy');

export interface CaptionTable {
  has(name: string, question: string): boolean;
  add(rows: readonly CaptionRow[]): Promise<void>;
}

/**
 * Opens the table to write, or to continue: without the rows that hold an error, which are asked again, and without a last
 * row that was cut.
 * @throws AtelierError CONFLICT if another program has written the file
 */
export async function openCaptionTable(path: string): Promise<CaptionTable> {
  const { text, done } = await earlierRows(path);
  await writeAside(path, (write) => write(Buffer.from(text)));
  return {
    has: (name, question) => done.has(cell(name) + cell(question)),
    add: async (rows) => {
      const lines = rows.map(
        (row) => `${[row.name, row.question, row.answer, row.finish, row.error].map(cell).join(',')}\r\n`,
      );
      try {
        const file = await open(path, 'a');
        try {
          await file.appendFile(lines.join(''));
          await file.sync();
        } finally {
          await file.close();
        }
      } catch (cause) {
        throw writeError(path, cause);
      }
    },
  };
}

async function earlierRows(path: string): Promise<{ text: string; done: ReadonlySet<string> }> {
  const found = await readFile(path, 'utf8').catch(() => null);
  const done = new Set<string>();
  if (found === null || found === '') return { text: HEADER, done };
  let text = HEADER;
  let end = found.startsWith(HEADER) ? HEADER.length : -1;
  if (end !== -1) {
    for (const match of found.slice(end).matchAll(ROW)) {
      const [row, name = '', question = '', error] = match;
      end += row.length;
      if (error !== '""') continue;
      text += row;
      done.add(name + question);
    }
  }
  // What is left must be the beginning of a row.
  if (end !== -1 && /^("[^\n]*)?$/.test(found.slice(end))) return { text, done };
  throw new AtelierError(
    'CONFLICT',
    `${path} exists already and was changed or made by another program. Nothing was written.`,
    { place: { file: path }, remedy: 'Choose another name, or move the file away.' },
  );
}

/** A spreadsheet runs what begins with "=", so such a text gets an apostrophe. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
