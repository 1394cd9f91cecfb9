/** @file The values of one row of a person's table, read generously and never guessed. */
import type { ColumnMapping, Source } from '../../../contract/model/datasets.ts';
import { Task, type Split } from '../../../contract/model/primitives.ts';
import type { TableRow } from '../../../formats/rows/row-source.ts';
import { readLicence } from '../../../provenance/documents/spdx.ts';
import { firstExchange, turnsOf } from './conversation.ts';
import { imageReference, type ImageReference } from './image-reference.ts';

const TRAIN_NAMES = new Set(['train', 'training']);
const TEST_NAMES = new Set([
  'test',
  'testing',
  'eval',
  'evaluation',
  'val',
  'valid',
  'validation',
  'dev',
  'held-out',
  'heldout',
]);

export type RowFault = { field: string; reason: string };

export type ImageValue = Exclude<ImageReference, { kind: 'fault' }>;

export type RowValues = {
  prompt: string;
  answer: string;
  task: Task;
  /** Null where the row names no split. */
  split: Split | null;
  licence: string | null;
  /** What the file says where that is no licence expression. */
  unreadLicences: string[];
  authors: string[];
  /** Null where the row names none: then the image is its own source. */
  sources: Source[] | null;
  extra: Record<string, unknown>;
  hadPlaceholder: boolean;
  /** Questions and answers of a conversation after the first. */
  furtherTurns: number;
};

export type RowOptions = {
  task: Task | undefined;
  /** For rows that name none: as the table's folder or name says. */
  split: Split | null;
  fixed: { prompt?: string | undefined; licence?: string | undefined; author?: string | undefined };
};

/** Reads a row; gives every fault at once, so that a person mends a row in one go. */
export function readRow(
  row: TableRow,
  mapping: ColumnMapping,
  options: RowOptions,
): { values: RowValues; image: ImageValue } | { faults: RowFault[] } {
  const faults: RowFault[] = [];
  const unread: string[] = [];
  const image = imageReference(row.values[mapping.image], mapping.image, row.line);
  if (image.kind === 'fault') faults.push({ field: mapping.image, reason: image.reason });
  const asked = readQuestion(row, mapping, options.fixed.prompt, faults);
  // Some tables carry the place of the image for one kind of model; the chat template puts it in anew.
  const prompt = asked.text.replaceAll(/<image>\s*/g, '').trim();
  if (asked.text !== '' && prompt === '')
    faults.push({ field: mapping.prompt, reason: 'The question holds nothing but <image>.' });
  const answer = readAnswer(row, mapping.answer, faults);
  const task = readTask(row, mapping.task, options.task, faults);
  const split = readSplit(row, mapping.split, faults) ?? options.split;
  const stated = mapping.licence === undefined ? undefined : row.values[mapping.licence];
  const licence = licenceOf(textOf(stated) === '' ? options.fixed.licence : stated, unread);
  const named = mapping.author === undefined ? [] : listOf(row.values[mapping.author]);
  const authors = named.length > 0 ? named : listOf(options.fixed.author);
  const sources =
    mapping.source === undefined ? null : readSources(row.values[mapping.source], authors, licence, unread);
  if (faults.length > 0 || image.kind === 'fault') return { faults };
  const mapped = new Set(Object.values(mapping));
  const extra = Object.fromEntries(
    Object.entries(row.values).filter(
      ([column, value]) => (!mapped.has(column) || isGroup(column, mapping)) && !holdsBytes(value),
    ),
  );
  if (unread.length > 0 && mapping.licence !== undefined && licence === null)
    extra[mapping.licence] = row.values[mapping.licence];
  const hadPlaceholder = asked.text.includes('<image>');
  return {
    image,
    values: {
      prompt,
      answer,
      task,
      split,
      licence,
      unreadLicences: unread,
      authors,
      sources,
      extra,
      hadPlaceholder,
      furtherTurns: asked.more,
    },
  };
}

/** A folder that answers the question is worth grouping by as well. */
function isGroup(column: string, mapping: ColumnMapping): boolean {
  return column === 'folder' && mapping.answer === 'folder';
}

/** Embedded images are kept as images, not as numbers in a note. */
function holdsBytes(value: unknown): boolean {
  if (value instanceof Uint8Array) return true;
  if (Array.isArray(value)) return value.some(holdsBytes);
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsBytes);
}

function readQuestion(
  row: TableRow,
  mapping: ColumnMapping,
  fixed: string | undefined,
  faults: RowFault[],
): { text: string; more: number } {
  const column = mapping.prompt;
  const value = column === '' ? undefined : row.values[column];
  if (fixed !== undefined && textOf(value) === '') return { text: fixed, more: 0 };
  const turns = turnsOf(value);
  if (turns === null) return { text: required(row, column, faults), more: 0 };
  const exchange = firstExchange(turns);
  if (exchange === null || exchange.question.trim() === '') {
    faults.push({ field: column, reason: 'The conversation holds no question that is followed by an answer.' });
    return { text: '', more: 0 };
  }
  return { text: exchange.question, more: exchange.more };
}

function required(row: TableRow, column: string, faults: RowFault[]): string {
  const value = row.values[column];
  const single: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  const text = textOf(single);
  if (text === undefined) {
    const held = Array.isArray(value) ? `${value.length} values instead of one` : 'an object instead of text';
    const reason = `The column "${column}" holds ${held}.`;
    faults.push({ field: column, reason });
    return '';
  }
  if (text === '') faults.push({ field: column, reason: `The column "${column}" is empty.` });
  return text;
}

/** Text, numbers and truth values as text; empty for what is not there; undefined for anything else. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** The answer without the `<answer>` tags that R1-V's tables put around it. */
function readAnswer(row: TableRow, column: string, faults: RowFault[]): string {
  const turns = turnsOf(row.values[column]);
  const text = turns === null ? required(row, column, faults) : (firstExchange(turns)?.answer.trim() ?? '');
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
    reason: `The task "${text}" is not one of ${Task.options.join(', ')}; choose one for the whole import, or mend the column.`,
  });
  return 'other';
}

function readSplit(row: TableRow, column: string | undefined, faults: RowFault[]): Split | null {
  const text = column === undefined ? '' : (textOf(row.values[column]) ?? '?').toLowerCase();
  if (text === '') return null;
  if (TRAIN_NAMES.has(text)) return 'train';
  if (TEST_NAMES.has(text)) return 'test';
  faults.push({ field: column ?? 'split', reason: `The split "${text}" is neither train nor test.` });
  return null;
}

/** An SPDX expression, or null: nothing stated, or a text that is none (which is remembered). */
function licenceOf(value: unknown, unread: string[]): string | null {
  const text = Array.isArray(value) ? value.map((part) => `(${textOf(part) ?? '?'})`).join(' AND ') : textOf(value);
  const statement = readLicence(text ?? '?');
  if (statement.kind === 'stated') return statement.expression;
  if (statement.kind === 'unreadable') unread.push(statement.text);
  return null;
}

/** Names from a list, or from a text that separates them with semicolons. */
function listOf(value: unknown): string[] {
  const parts: unknown[] = Array.isArray(value) ? value : (textOf(value) ?? '').split(';');
  return [...new Set(parts.map((part) => textOf(part) ?? '').filter((part) => part !== ''))];
}

function readSources(value: unknown, authors: string[], licence: string | null, unread: string[]): Source[] | null {
  const parsed = typeof value === 'string' && /^\s*[[{]/.test(value) ? parseJson(value) : value;
  const items: unknown[] = Array.isArray(parsed) ? parsed : parsed === undefined || parsed === null ? [] : [parsed];
  const sources = items.flatMap((item) => readSource(item, authors, licence, unread));
  return sources.length === 0 ? null : sources;
}

function readSource(item: unknown, authors: string[], licence: string | null, unread: string[]): Source[] {
  const text = textOf(item);
  if (text === '') return [];
  if (text !== undefined) {
    const isUrl = /^https?:\/\//i.test(text);
    return [
      { title: text, author: authors.length === 0 ? null : authors.join('; '), licence, url: isUrl ? text : null },
    ];
  }
  const fields = item as Record<string, unknown>;
  const url = textOf(fields['url']) ?? '';
  const author = listOf(fields['author'] ?? fields['authors'] ?? fields['creator']).join('; ');
  const title = textOf(fields['title'] ?? fields['name']) ?? '';
  return [
    {
      title: title !== '' ? title : url !== '' ? url : 'Untitled',
      author: author === '' ? null : author,
      licence: licenceOf(fields['licence'] ?? fields['license'], unread),
      url: url === '' ? null : url,
    },
  ];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
