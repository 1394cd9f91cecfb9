/**
 * @file CSV with a header, separated by commas, semicolons, tabs or bars. It is read record by record, so that a broken
 * record does not affect the others: if a quote is never closed, only its line is refused.
 */
import { causeWords } from '../../contract/errors/cause-words.ts';
import { CsvError, parse } from 'csv-parse/sync';
import { encodingWarnings } from './json-lines.ts';
import { badLine, badTable, MAX_ROW_CHARACTERS, ROW_TOO_LONG, type RowItem, type RowSource } from './row-source.ts';
import { textFacts, textLines, type Encoding, type Line, type TextFacts } from './text-lines.ts';

type Delimiter = NonNullable<RowSource['delimiter']>;

const DELIMITERS: readonly Delimiter[] = [',', ';', '\t', '|'];
/** A quoted value with more line breaks than this is treated as an unclosed quote. */
const MOST_LINES_PER_RECORD = 1000;

type Record_ = { line: number; values: string[]; hasLoneQuote: boolean } | { line: number; broken: string };

type Layout = {
  facts: TextFacts;
  delimiter: Delimiter;
  /** Excel's `sep=;` in the first line. */
  hasSeparatorLine: boolean;
};

/** @throws AtelierError BAD_INPUT or NOT_FOUND; a broken row is a `BrokenRow` instead */
export async function openCsv(path: string, encoding?: Encoding): Promise<RowSource> {
  const facts = await textFacts(path, encoding);
  const layout = await detectLayout(path, facts);
  const header = await firstRecord(path, layout);
  const columns = header.values.map((name, index) => nameOfColumn(name, index));
  columns.forEach((name, index) => {
    if (columns.indexOf(name) !== index) throw badLine(path, header.line, `two columns are named "${name}".`, name);
  });
  return {
    format: 'csv',
    encoding: facts.encoding,
    delimiter: layout.delimiter,
    columns: columns.filter((_, index) => header.values[index]?.trim() !== ''),
    rowsEstimate: Math.max(1, facts.lineBreaks - 1),
    warnings: encodingWarnings(path, facts),
    rows: () => readRows(path, layout, columns, new Set(columns.filter((_, index) => isUnnamed(header.values, index)))),
  };
}

/** Names an unnamed column as pandas does; it is usually the index column. */
function nameOfColumn(name: string, index: number): string {
  const trimmed = name.trim();
  return trimmed === '' ? `Unnamed: ${index}` : trimmed;
}

function isUnnamed(header: readonly string[], index: number): boolean {
  return header[index]?.trim() === '';
}

async function* readRows(
  path: string,
  layout: Layout,
  columns: readonly string[],
  unnamed: ReadonlySet<string>,
): AsyncGenerator<RowItem> {
  let isHeader = true;
  for await (const record of records(path, layout)) {
    if (isHeader) {
      isHeader = false;
      continue;
    }
    if ('broken' in record) {
      yield record;
      continue;
    }
    const { line, values, hasLoneQuote } = record;
    const beyond = values.slice(columns.length);
    if (beyond.some((value) => value.trim() !== '')) {
      yield { line, broken: `This row has ${values.length} values where the header names ${columns.length} columns.` };
      continue;
    }
    const entries = columns.map((name, index): [string, string] => [name, values[index] ?? '']);
    yield {
      line,
      // A delimiter at the end of each line creates a column with neither a name nor values.
      values: Object.fromEntries(entries.filter(([name, value]) => value !== '' || !unnamed.has(name))),
      ...(values.length < columns.length || hasLoneQuote
        ? {
            notes: [
              ...(values.length < columns.length ? (['short'] as const) : []),
              ...(hasLoneQuote ? (['lone-quote'] as const) : []),
            ],
          }
        : {}),
    };
  }
}

async function firstRecord(path: string, layout: Layout): Promise<{ line: number; values: string[] }> {
  for await (const record of records(path, layout)) {
    if ('broken' in record) throw badLine(path, record.line, record.broken);
    return record;
  }
  throw badTable(path, `${path} is empty.`);
}

/** Every record that is not blank; lines are joined while a quoted value continues. */
async function* records(path: string, { facts, delimiter, hasSeparatorLine }: Layout): AsyncGenerator<Record_> {
  const lines = textLines(path, facts);
  if (hasSeparatorLine) await lines.next();
  // Lines read ahead for a quote that was never closed.
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
    let isOpen = endsInQuotes(text, delimiter, false);
    while (isOpen && taken.length < MOST_LINES_PER_RECORD && text.length < MAX_ROW_CHARACTERS) {
      const more = await next();
      if (more === undefined) break;
      taken.push(more);
      if (more.text === null) break;
      text += `\n${more.text}`;
      isOpen = endsInQuotes(more.text, delimiter, true);
    }
    const record = isOpen ? 'A quote is opened in this row and never closed.' : parseRecord(text, delimiter);
    if (typeof record !== 'string') {
      yield { line: line.line, ...record };
      continue;
    }
    pending.unshift(...taken.slice(1));
    yield { line: line.line, broken: record };
  }
}

/**
 * Whether a quoted value is still open at the end of this line. Only a quote at the start of a value opens one: the
 * inch mark in `5" nail` does not.
 */
function endsInQuotes(text: string, delimiter: Delimiter, startsInQuotes: boolean): boolean {
  let isOpen = startsInQuotes;
  let at = 0;
  if (!isOpen && text.startsWith('"')) [isOpen, at] = [true, 1];
  for (;;) {
    if (isOpen) {
      at = text.indexOf('"', at);
      if (at === -1) return true;
      if (text[at + 1] === '"') at += 2;
      else [isOpen, at] = [false, at + 1];
    } else {
      at = text.indexOf(delimiter, at);
      if (at === -1) return false;
      at += 1;
      if (text[at] === '"') [isOpen, at] = [true, at + 1];
    }
  }
}

/** The values of one record, or why it cannot be read. */
function parseRecord(text: string, delimiter: Delimiter): { values: string[]; hasLoneQuote: boolean } | string {
  if (!text.includes('"')) return { values: text.split(delimiter), hasLoneQuote: false };
  try {
    const [values] = parse(text, { delimiter, relax_column_count: true });
    return { values: values ?? [], hasLoneQuote: false };
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    if (cause.code === 'INVALID_OPENING_QUOTE') return withLoneQuotes(text, delimiter);
    if (cause.code === 'CSV_INVALID_CLOSING_QUOTE')
      return 'Something follows a closing quote (write a quote inside a quoted value twice).';
    return `${causeWords(cause, 'This row has a mistake')}.`;
  }
}

/** Treats a quote in the middle of an unquoted value as part of the value, as in `5" nail`. */
function withLoneQuotes(text: string, delimiter: Delimiter): { values: string[]; hasLoneQuote: boolean } | string {
  const values: string[] = [];
  for (let at = 0; ;) {
    if (text[at] === '"') {
      const quoted = /"((?:[^"]|"")*)"/y;
      quoted.lastIndex = at;
      const found = quoted.exec(text);
      if (found === null) return 'A quote is opened in this row and never closed.';
      at = quoted.lastIndex;
      if (at < text.length && text[at] !== delimiter)
        return 'Something follows a closing quote (write a quote inside a quoted value twice).';
      values.push((found[1] ?? '').replaceAll('""', '"'));
    } else {
      const end = text.indexOf(delimiter, at);
      values.push(text.slice(at, end === -1 ? text.length : end));
      at = end === -1 ? text.length : end;
    }
    if (at >= text.length) return { values, hasLoneQuote: true };
    at += 1;
    if (at === text.length) {
      values.push('');
      return { values, hasLoneQuote: true };
    }
  }
}

/** The delimiter from `sep=` in line 1; else the one that splits the header and next row alike into most columns. */
async function detectLayout(path: string, facts: TextFacts): Promise<Layout> {
  const sample: string[] = [];
  for await (const { text } of textLines(path, facts)) {
    if (text === null) break;
    const separator = /^sep=([,;\t|])$/i.exec(text.trimEnd() === 'sep=' ? text : text.trim());
    if (sample.length === 0 && separator !== null)
      return { facts, delimiter: separator[1] as Delimiter, hasSeparatorLine: true };
    if (text.trim() !== '') sample.push(text);
    if (sample.length >= 2) break;
  }
  const [header = '', row] = sample;
  const columns = (text: string, delimiter: Delimiter): number => {
    const record = parseRecord(text, delimiter);
    return typeof record === 'string' ? 0 : record.values.length;
  };
  let best: { delimiter: Delimiter; score: number } = { delimiter: ',', score: 1 };
  for (const delimiter of DELIMITERS) {
    const count = columns(header, delimiter);
    const agrees = row === undefined || columns(row, delimiter) === count;
    const score = count < 2 ? 0 : count + (agrees ? 1000 : 0);
    if (score > best.score) best = { delimiter, score };
  }
  return { facts, delimiter: best.delimiter, hasSeparatorLine: false };
}
