/**
 * @file Questions and answers as the rows of a table beside their pictures. Every value is text, and every table has the
 * same columns: HF datasets refuses tables of one data set whose columns or types differ.
 */
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { AnswersFormat } from '../../contract/model/labels.ts';
import type { Sample } from '../../contract/model/datasets.ts';

export type AnswerRow = Record<string, string>;

const OWN = ['file_name', 'question', 'answer', 'task', 'licence', 'author', 'sources', 'tags'] as const;

/** A sample as a row without its picture's name. Columns of its own table are kept unless one of ours has their name. */
export function rowOfSample(sample: Sample): AnswerRow {
  const { prompt, answer, task, licence, authors, sources, tags, extra } = sample;
  const others = Object.entries(extra)
    .filter(([name]) => !(OWN as readonly string[]).includes(name) && name !== 'split')
    .map(([name, value]) => [name, textOf(value)]);
  return {
    question: prompt,
    answer,
    task,
    licence: licence ?? '',
    author: authors.join('; '),
    sources: sources.length === 0 ? '' : JSON.stringify(sources),
    tags: tags.join(', '),
    ...(Object.fromEntries(others) as AnswerRow),
  };
}

/** Every column of the rows, ours first. */
export function columnsOf(rows: readonly AnswerRow[]): string[] {
  const found = new Set(rows.flatMap((row) => Object.keys(row)));
  return [...OWN.filter((name) => found.has(name)), ...[...found].filter((name) => !OWN.some((own) => own === name))];
}

export function tableBytes(rows: readonly AnswerRow[], columns: readonly string[], format: AnswersFormat): Uint8Array {
  const whole = rows.map((row) => Object.fromEntries(columns.map((name) => [name, row[name] ?? ''])));
  if (format === 'jsonl') return Buffer.from(whole.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const columnData = columns.map((name) => ({
    name,
    data: whole.map((row) => row[name] ?? ''),
    type: 'STRING' as const,
    nullable: false,
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
