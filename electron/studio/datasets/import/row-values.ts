/** @file The values of one table row: parsed leniently, never guessed. */
import type { ColumnMapping, Source } from '../../../contract/model/datasets.ts';
import { Task, type Split } from '../../../contract/model/primitives.ts';
import { parseJsonExactly } from '../../../formats/rows/exact-json.ts';
import type { TableRow } from '../../../formats/rows/row-source.ts';
import { isValidation, splitOfWord, splitWordInPath } from '../../../formats/rows/split-words.ts';
import { specialTokenIn } from '../../../formats/special-tokens.ts';
import { idOfWords } from '../../../contract/model/stated-licence.ts';
import { readLicence } from '../../../provenance/documents/spdx.ts';
import { licencesInWords } from '../../../provenance/signals/licence-words.ts';
import { exchangeOf, loneAnswer, loneQuestion, turnsOf } from './conversation.ts';
import { otherSourceColumns } from './columns.ts';
import { readRightsColumns } from './rights-columns.ts';
import { imageReference, type ImageReference } from './image-reference.ts';
import type { RowNote } from './row-notes.ts';
import { trainingSense } from './training-columns.ts';

export type RowFault = { field: string; reason: string };

export type ImageValue = Exclude<ImageReference, { kind: 'fault' }>;

export type RowValues = {
  prompt: string;
  answer: string;
  /** The file itself holds a number, not text that looks like one. */
  answerIsNumber: boolean;
  task: Task;
  /** Null if neither the row nor its place in the source states a split. */
  split: Split | null;
  /** The split comes from the name of a file, folder or list, not from a column of the row. */
  isSplitNamed: boolean;
  licence: string | null;
  /** The row states a licence for the image, whether or not it is understood. */
  statesLicence: boolean;
  /** The request's licence for rows that leave theirs empty; it counts only if the image's metadata name none either. */
  assumedLicence: string | null;
  /** Texts in place of a licence that are not understood; the stored licence holds their words. */
  unreadLicences: string[];
  /** Licences in other words than the expressions they were read as. */
  readLicences: ReadLicence[];
  /** What columns beside the licence column say about rights. */
  rightsTexts: { column: string; text: string }[];
  /** The licence column's words, where other columns ask for more; null if they do not. */
  stricterThan: string | null;
  /** What the table says about how to credit the image itself. */
  credit: { notice?: string; creditLine?: string };
  /** The authors whom the row names. */
  authors: string[];
  /** The request's authors for rows that name none; they count only if the image's metadata name none either. */
  assumedAuthors: string[];
  /** The works in the image; null if the row names none, in which case the image is its own source. */
  sources: StatedSource[] | null;
  /** Where the image itself came from, if the row's source is one address or text; null if it states none. */
  from: { url: string | null; place: string | null } | null;
  title: string | null;
  extra: Record<string, unknown>;
  notes: RowNote[];
};

/** A work in the image. One that is named only by an address or a place has the licence and authors of its row. */
export type StatedSource = Source & { inherits?: true };

/** A licence as the table writes it, and the SPDX expression it was read as. */
export type ReadLicence = { text: string; expression: string };

/** What reading the licences of a row left behind. */
type LicenceNotes = { unread: string[]; read: ReadLicence[] };

export type RowOptions = {
  task: Task | undefined;
  /** The split word in the table's folder or file name, for rows that state no split. */
  splitWord: string | null;
  fixed: { prompt?: string | undefined; licence?: string | undefined; author?: string | undefined };
};

/** Reads a row and reports all its faults together, so that the user can correct the row in one go. */
export function readRow(
  row: TableRow,
  mapping: ColumnMapping,
  options: RowOptions,
): { values: RowValues; image: ImageValue } | { faults: RowFault[] } {
  const faults: RowFault[] = [];
  const licences: LicenceNotes = { unread: [], read: [] };
  const image = imageReference(row.values[mapping.image], mapping.image, row.line);
  if (image.kind === 'fault') faults.push({ field: mapping.image, reason: image.reason });
  const notes: RowNote[] = [...(row.notes ?? [])];
  const asked = readQuestion(row, mapping, options.fixed.prompt, faults, notes);
  const prompt = withoutPlaceholder(asked, mapping.prompt, faults, notes);
  const answer = readAnswer(row, mapping.answer, faults);
  for (const [field, text] of [
    [mapping.prompt, prompt],
    [mapping.answer, answer],
  ] as const) {
    const token = specialTokenIn(text);
    if (token !== null)
      faults.push({
        field,
        reason: `The text holds ${token}, which a model's tokenizer does not read as text. Remove it; the picture is put in by itself.`,
      });
  }
  const task = readTask(row, mapping.task, options.task, faults);
  const stated = readSplit(row, mapping.split, faults);
  const word = row.splitWord ?? options.splitWord ?? (image.kind === 'file' ? splitWordInPath(image.name) : null);
  const split = stated?.split ?? (word === null ? null : splitOfWord(word));
  if (split !== null && isValidation(stated?.word ?? word ?? '')) notes.push('validation');
  const ownLicence = mapping.licence === undefined ? undefined : row.values[mapping.licence];
  const columnLicence = licenceOf(ownLicence, licences);
  const assumed = textOf(ownLicence) === '' ? licenceOf(options.fixed.licence, licences) : null;
  const used = new Set<string | undefined>([...Object.values(mapping), ...asked.columns]);
  const beside = Object.entries(row.values).flatMap(([column, value]) => {
    if (used.has(column)) return [];
    const parts = Array.isArray(value) ? value : [value];
    return [...parts.map((part) => ({ column, text: textOf(part) ?? '' })), ...statedInside(column, parts)];
  });
  const rights = readRightsColumns(beside, columnLicence, assumed);
  const { licence } = rights;
  licences.unread.push(...rights.unread);
  const statesLicence = licence !== null || licences.unread.length > 0;
  const assumedLicence = statesLicence ? null : assumed;
  const before = licences.unread.length + licences.read.length;
  const authors = mapping.author === undefined ? [] : listOf(row.values[mapping.author]);
  const assumedAuthors = authors.length > 0 ? [] : listOf(options.fixed.author);
  const { sources, from } = sourcesOf(row, mapping, licences);
  const title = mapping.title === undefined ? '' : (textOf(row.values[mapping.title]) ?? '');
  const [first] = faults;
  if (first !== undefined && notes.includes('short'))
    faults[0] = { ...first, reason: `This row has fewer values than the header has columns. ${first.reason}` };
  if (faults.length > 0 || image.kind === 'fault') return { faults };
  const mapped = new Set([...Object.values(mapping), ...asked.columns]);
  const extra = Object.fromEntries(
    Object.entries(row.values).filter(
      ([column, value]) => (!mapped.has(column) || isGroup(column, mapping)) && !holdsBytes(value),
    ),
  );
  // The table's own words are kept wherever the stored licence differs from them.
  if (before > 0 && mapping.licence !== undefined && textOf(ownLicence) !== '') extra[mapping.licence] = ownLicence;
  const inSources = licences.unread.length + licences.read.length > before;
  if (inSources && mapping.source !== undefined) extra[mapping.source] = row.values[mapping.source];
  return {
    image,
    values: {
      prompt,
      answer,
      answerIsNumber: typeof row.values[mapping.answer] === 'number',
      task,
      split,
      isSplitNamed: stated === null && split !== null,
      licence,
      statesLicence,
      assumedLicence,
      unreadLicences: licences.unread,
      readLicences: licences.read,
      rightsTexts: rights.texts,
      stricterThan: rights.changed && columnLicence !== null ? (textOf(ownLicence) ?? columnLicence) : null,
      credit: rights.credit,
      authors,
      assumedAuthors,
      sources,
      from,
      title: title === '' ? null : title,
      extra,
      notes,
    },
  };
}

/** `{"rights": {"ai_training": false}}`: what an object in a column says about training. */
function statedInside(column: string, parts: readonly unknown[]): { column: string; text: string }[] {
  return parts.flatMap((part) =>
    typeof part !== 'object' || part === null || part instanceof Uint8Array
      ? []
      : Object.entries(part).flatMap(([key, value]) =>
          trainingSense(key) === null ? [] : [{ column: key, text: textOf(value) ?? JSON.stringify(value) }],
        ),
  );
}

/** A folder that provides the answer is also useful for grouping, and so is a title that several rows share. */
function isGroup(column: string, mapping: ColumnMapping): boolean {
  return (column === 'folder' && mapping.answer === 'folder') || column === mapping.title;
}

/** Embedded images are kept as images, not as numbers in a note. */
function holdsBytes(value: unknown): boolean {
  if (value instanceof Uint8Array) return true;
  if (Array.isArray(value)) return value.some(holdsBytes);
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsBytes);
}

type Asked = {
  text: string;
  /** Additional columns that went into the question. */
  columns: string[];
};

function readQuestion(
  row: TableRow,
  mapping: ColumnMapping,
  fixed: string | undefined,
  faults: RowFault[],
  notes: RowNote[],
): Asked {
  const column = mapping.prompt;
  const value = column === '' ? undefined : row.values[column];
  if (fixed !== undefined && textOf(value) === '') return { text: fixed, columns: [] };
  const turns = turnsOf(value);
  if (turns === null) {
    noteColumnsOfConversation(row, column, notes);
    return withInput(row, column, required(row, column, faults));
  }
  if (turns.some(({ from }) => from === 'system')) notes.push('system-turn');
  const exchange = exchangeOf(turns);
  // The answer may be in a separate column, as in GRPO rows.
  const question = exchange?.question ?? (mapping.answer === column ? null : loneQuestion(turns));
  if (question === null || question.trim() === '') {
    faults.push({
      field: column,
      reason:
        mapping.answer === column
          ? 'The conversation holds no question that is followed by an answer.'
          : 'The conversation holds neither a question with its answer nor a single question.',
    });
    return { text: '', columns: [] };
  }
  if (exchange?.hasOtherTurns === true) notes.push('other-turns');
  return { text: question, columns: [] };
}

/** Alpaca and ms-swift keep earlier turns and a system message in separate columns. */
function noteColumnsOfConversation(row: TableRow, column: string, notes: RowNote[]): void {
  if (!['instruction', 'query'].includes(column.trim().toLowerCase())) return;
  const { history, system } = row.values;
  if (Array.isArray(history) && history.length > 0) notes.push('other-turns');
  if (typeof system === 'string' && system.trim() !== '') notes.push('system-turn');
}

/** Alpaca splits its question in two: the `instruction` and the `input` it refers to. */
function withInput(row: TableRow, column: string, instruction: string): Asked {
  if (column.trim().toLowerCase() !== 'instruction') return { text: instruction, columns: [] };
  const input = textOf(row.values['input']);
  return input === undefined || input === ''
    ? { text: instruction, columns: [] }
    : { text: `${instruction}\n${input}`, columns: ['input'] };
}

/** Some formats mark the image's place in the question; the model's chat template inserts its own mark. */
function withoutPlaceholder(asked: Asked, column: string, faults: RowFault[], notes: RowNote[]): string {
  const marks = asked.text.split('<image>').length - 1;
  if (marks === 0) return asked.text.trim();
  const prompt = asked.text.replaceAll(/<image>\s*/g, '').trim();
  if (marks > 1)
    faults.push({
      field: column,
      reason: `The question shows <image> ${marks} times, but a row has one picture; Atelier trains on one picture per question.`,
    });
  else if (prompt === '') faults.push({ field: column, reason: 'The question holds nothing but <image>.' });
  notes.push('placeholder');
  return prompt;
}

function required(row: TableRow, column: string, faults: RowFault[]): string {
  const value = row.values[column];
  const single: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  const text = textOf(single);
  if (text === undefined) {
    const held = Array.isArray(single) ? `${single.length} values instead of one` : 'an object instead of text';
    const reason = `The column "${column}" holds ${held}.`;
    faults.push({ field: column, reason });
    return '';
  }
  if (text === '') faults.push({ field: column, reason: `The column "${column}" is empty.` });
  return text;
}

/** Text, numbers and booleans as text; empty for missing values; undefined for anything else. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** The answer without the `<answer>` tags that R1-V tables put around it. */
function readAnswer(row: TableRow, column: string, faults: RowFault[]): string {
  const turns = turnsOf(row.values[column]);
  const text =
    turns === null ? required(row, column, faults) : (exchangeOf(turns)?.answer ?? loneAnswer(turns) ?? '').trim();
  if (turns !== null && text === '') faults.push({ field: column, reason: 'The conversation holds no answer.' });
  const tagged = /<answer>([\s\S]*?)<\/answer>/i.exec(text);
  const answer = (tagged?.[1] ?? text).trim();
  if (text !== '' && answer === '')
    faults.push({ field: column, reason: 'There is nothing between the <answer> tags.' });
  return answer;
}

function readTask(row: TableRow, column: string | undefined, chosen: Task | undefined, faults: RowFault[]): Task {
  const text = column === undefined ? '' : (textOf(row.values[column]) ?? '?').toLowerCase();
  const known = Task.safeParse(text);
  if (known.success) return known.data;
  if (text === '' || chosen !== undefined) return chosen ?? 'other';
  faults.push({
    field: column ?? 'task',
    reason: `The task "${text}" is not one of ${Task.options.join(', ')}; choose one for the whole import, or correct the column.`,
  });
  return 'other';
}

function readSplit(
  row: TableRow,
  column: string | undefined,
  faults: RowFault[],
): { split: Split; word: string } | null {
  const word = column === undefined ? '' : (textOf(row.values[column]) ?? '?').toLowerCase();
  if (word === '') return null;
  const split = splitOfWord(word);
  if (split !== null) return { split, word };
  faults.push({ field: column ?? 'split', reason: `The split "${word}" is neither train nor test.` });
  return null;
}

/**
 * An SPDX expression, or null if none is stated. A text that is not understood becomes an id that holds its words. A list
 * of licences means all of them.
 */
function licenceOf(value: unknown, notes: LicenceNotes): string | null {
  if (Array.isArray(value)) return value.length === 1 ? licenceOf(value[0], notes) : allOf(value, notes);
  if (typeof value === 'object' && value !== null) {
    const named = licencesInObject(value);
    return licenceOf(named.length > 0 ? named : JSON.stringify(value), notes);
  }
  const text = textOf(value) ?? '?';
  const statement = readLicence(text);
  if (statement.kind === 'unreadable') {
    notes.unread.push(statement.text);
    return idOfWords(statement.text);
  }
  if (statement.kind !== 'stated') return null;
  if (statement.expression.toLowerCase() !== text.toLowerCase())
    notes.read.push({ text, expression: statement.expression });
  return statement.expression;
}

/** The keys under which an object, such as `{"name": "CC BY-NC 4.0"}`, names a licence. */
const LICENCE_KEYS =
  /^(?:@?id|name|title|label|value|text|type|spdx(?:[-_]?id)?|identifier|licen[cs]e|short[-_]?name|url|uri|href|link)$/i;

/** Every licence that an object names; a text under another key counts where it names or restricts one. */
function licencesInObject(value: object): string[] {
  const texts = Object.entries(value).flatMap(([key, text]: [string, unknown]) => {
    if (typeof text !== 'string' || !/\p{L}/u.test(text)) return [];
    return LICENCE_KEYS.test(key) || licencesInWords(text, key).length > 0 ? [text.trim()] : [];
  });
  return [...new Set(texts)];
}

function allOf(values: readonly unknown[], notes: LicenceNotes): string | null {
  if (values.length === 0) return null;
  const read = values.map((part) => licenceOf(part, notes));
  // If one part is unknown, so is the whole.
  if (read.includes(null)) {
    if (notes.unread.length === 0) notes.unread.push(values.map((part) => textOf(part) ?? '?').join(', '));
    return null;
  }
  const statement = readLicence(read.map((part) => `(${part ?? ''})`).join(' AND '));
  return statement.kind === 'stated' ? statement.expression : null;
}

/** Names from a list, or from text with names separated by semicolons. */
function listOf(value: unknown): string[] {
  const parts: unknown[] = Array.isArray(value) ? value : (textOf(value) ?? '').split(';');
  return [...new Set(parts.map((part) => textOf(part) ?? '').filter((part) => part !== ''))];
}

/** A row may name the works in the image in one column (`sources`) and its own source in another (`source`). */
function sourcesOf(
  { values }: TableRow,
  mapping: ColumnMapping,
  notes: LicenceNotes,
): Pick<RowValues, 'sources' | 'from'> {
  const mapped = mapping.source === undefined ? [] : [mapping.source];
  let found: Pick<RowValues, 'sources' | 'from'> = { sources: null, from: null };
  for (const column of [...mapped, ...otherSourceColumns(Object.keys(values), mapping)]) {
    if (found.sources !== null && found.from !== null) break;
    const { sources, from } = readSources(values[column], notes);
    found = { sources: found.sources ?? sources, from: found.from ?? from };
  }
  return found;
}

/** One address or text says where the image itself came from; anything else names the works in the image. */
function readSources(value: unknown, notes: LicenceNotes): Pick<RowValues, 'sources' | 'from'> {
  const parsed = typeof value === 'string' && /^\s*[[{]/.test(value) ? parseJson(value) : value;
  const items: unknown[] = Array.isArray(parsed) ? parsed : parsed === undefined || parsed === null ? [] : [parsed];
  const stated = items.filter((item) => textOf(item) !== '');
  const [only] = stated;
  const text = textOf(only);
  if (stated.length === 1 && text !== undefined) return { sources: null, from: placeOf(text) };
  const sources = stated.map((item) => readSource(item, notes));
  return { sources: sources.length === 0 ? null : sources, from: null };
}

function placeOf(text: string): { url: string | null; place: string | null } {
  const isUrl = /^https?:\/\//i.test(text);
  return { url: isUrl ? text : null, place: isUrl ? null : text };
}

/** A work in the image. A source without a title stays without one: an address or a place is not a title. */
function readSource(item: unknown, notes: LicenceNotes): StatedSource {
  const text = textOf(item);
  if (text !== undefined) {
    const { url, place } = placeOf(text);
    return { title: '', author: null, licence: null, url, ...(place === null ? {} : { place }), inherits: true };
  }
  const fields = item as Record<string, unknown>;
  const first = (...names: string[]): string =>
    names.map((name) => textOf(fields[name]) ?? '').find((found) => found !== '') ?? '';
  const stated = (name: keyof Source, found: string): Partial<Source> => (found === '' ? {} : { [name]: found });
  const url = first('url');
  const author = listOf(fields['author'] ?? fields['authors'] ?? fields['creator']).join('; ');
  return {
    title: first('title', 'name'),
    author: author === '' ? null : author,
    licence: licenceOf(fields['licence'] ?? fields['license'], notes),
    url: url === '' ? null : url,
    ...stated('place', first('place', 'source')),
    ...stated('notice', first('notice', 'copyright')),
    ...stated('creditLine', first('creditLine', 'credit_line', 'credit')),
    ...stated('creditUrl', first('creditUrl', 'credit_url')),
  };
}

function parseJson(text: string): unknown {
  try {
    return parseJsonExactly(text);
  } catch {
    return text;
  }
}
