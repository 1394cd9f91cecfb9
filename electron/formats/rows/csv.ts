/**
 * @file CSV with a header, separated by commas, semicolons, tabs or bars. Read record by record, so that a broken one is
 * refused alone: where a quote is never closed, its line is the broken one and reading goes on with the next.
 */
import { CsvError, parse } from 'csv-parse/sync';
import { encodingWarnings } from './json-lines.ts';
import { badLine, badTable, MAX_ROW_CHARACTERS, ROW_TOO_LONG, type RowItem, type RowSource } from './row-source.ts';
import { textFacts, textLines, type Line, type TextFacts } from './text-lines.ts';

type Delimiter = NonNullable<RowSource['delimiter']>;

const DELIMITERS: readonly Delimiter[] = [',', ';', '\t', '|'];
/** A quoted value with more line breaks than this is a quote that was never closed. */
const MOST_LINES_PER_RECORD = 1000;

type Record_ = { line: number; values: string[] } | { line: number; broken: string };

export async function openCsv(path: string): Promise<RowSource> {
  const facts = await textFacts(path);
  const delimiter = await detectDelimiter(path, facts);
  const header = await firstRecord(path, facts, delimiter);
  const columns = header.values.map((name) => name.trim());
  columns.forEach((name, index) => {
    if (name === '') throw badLine(path, header.line, `column ${index + 1} has no name`);
    if (columns.indexOf(name) !== index) throw badLine(path, header.line, `two columns are named "${name}"`, name);
  });
  return {
    format: 'csv',
    encoding: facts.encoding,
    delimiter,
    columns,
    rowsEstimate: Math.max(1, facts.lineBreaks - 1),
    warnings: encodingWarnings(path, facts),
    rows: () => readRows(path, facts, delimiter, columns),
  };
}

async function* readRows(
  path: string,
  facts: TextFacts,
  delimiter: Delimiter,
  columns: readonly string[],
): AsyncGenerator<RowItem> {
  let isHeader = true;
  for await (const record of records(path, facts, delimiter)) {
    if (isHeader) {
      isHeader = false;
      continue;
    }
    if ('broken' in record) {
      yield record;
      continue;
    }
    const { line, values } = record;
    if (values.length === columns.length)
      yield { line, values: Object.fromEntries(columns.map((name, index) => [name, values[index]])) };
    else
      yield {
        line,
        broken: `This row has ${values.length} values where the header names ${columns.length} columns.`,
      };
  }
}

async function firstRecord(
  path: string,
  facts: TextFacts,
  delimiter: Delimiter,
): Promise<{ line: number; values: string[] }> {
  for await (const record of records(path, facts, delimiter)) {
    if ('broken' in record) throw badLine(path, record.line, record.broken.replace(/\.$/, ''));
    return record;
  }
  throw badTable(path, 'is empty');
}

/** Every record that is not blank; lines are joined while a quote is open. */
async function* records(path: string, facts: TextFacts, delimiter: Delimiter): AsyncGenerator<Record_> {
  const lines = textLines(path, facts);
  // Lines that were read ahead for a quote that was never closed.
  const pending: Line[] = [];
  const next = async (): Promise<Line | undefined> => {
    const waiting = pending.shift();
    if (waiting !== undefined) return waiting;
    const read = await lines.next();
    return read.done === true ? undefined : read.value;
  };
  for (let line = await next(); line !== undefined; line = await next()) {
    if (line.text === null) {
      yield { line: line.line, broken: ROW_TOO_LONG };
      continue;
    }
    if (line.text.trim() === '') continue;
    const taken: Line[] = [line];
    let text = line.text;
    let isOpen = quotes(text) % 2 === 1;
    while (isOpen && taken.length < MOST_LINES_PER_RECORD && text.length < MAX_ROW_CHARACTERS) {
      const more = await next();
      if (more === undefined) break;
      taken.push(more);
      if (more.text === null) break;
      text += `\n${more.text}`;
      if (quotes(more.text) % 2 === 1) isOpen = false;
    }
    const values = isOpen ? null : parseRecord(text, delimiter);
    if (Array.isArray(values)) {
      yield { line: line.line, values };
      continue;
    }
    pending.unshift(...taken.slice(1));
    yield { line: line.line, broken: values ?? 'A quote is opened in this row and never closed.' };
  }
}

/** The values of one record, or why it is none. */
function parseRecord(text: string, delimiter: Delimiter): string[] | string {
  if (!text.includes('"')) return text.split(delimiter);
  try {
    const [values] = parse(text, { delimiter, relax_column_count: true });
    return values ?? [];
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    if (cause.code === 'INVALID_OPENING_QUOTE') return 'A quote stands in the middle of a value that is not quoted.';
    if (cause.code === 'CSV_INVALID_CLOSING_QUOTE')
      return 'Something follows a closing quote (write a quote inside a value twice).';
    return `${cause.message.replace(/\.$/, '')}.`;
  }
}

function quotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) count += 1;
  return count;
}

/** The separator that divides the header, and the row after it alike, into most columns; the comma where none does. */
async function detectDelimiter(path: string, facts: TextFacts): Promise<Delimiter> {
  const sample: string[] = [];
  for await (const { text } of textLines(path, facts)) {
    if (text === null) break;
    if (text.trim() !== '') sample.push(text);
    if (sample.length >= 2) break;
  }
  const [header = '', row] = sample;
  const columns = (text: string, delimiter: Delimiter): number => {
    const values = parseRecord(text, delimiter);
    return Array.isArray(values) ? values.length : 0;
  };
  let best: { delimiter: Delimiter; score: number } = { delimiter: ',', score: 1 };
  for (const delimiter of DELIMITERS) {
    const count = columns(header, delimiter);
    const agrees = row === undefined || columns(row, delimiter) === count;
    const score = count < 2 ? 0 : count + (agrees ? 1000 : 0);
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}
