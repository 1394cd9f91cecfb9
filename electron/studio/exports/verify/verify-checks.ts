/** @file The results of verification: each check has an outcome and a plain sentence. */
import { issueWords, type Issue } from '../../../contract/errors/issue-words.ts';
import type { z } from 'zod';
import type { CheckResult } from '../../../contract/model/exports.ts';
import { readRegular } from '../../../formats/regular-file.ts';

/** A check, and whether the bundle can pass without it because only its maker could check it. */
export interface Check extends CheckResult {
  beyondBundle?: true;
}

export function pass(check: string, detail: string): Check {
  return { outcome: 'pass', check, detail };
}
export function fail(check: string, detail: string, place?: CheckResult['place']): Check {
  return { outcome: 'fail', check, detail, ...(place === undefined ? {} : { place }) };
}
export function cannotTell(check: string, detail: string, place?: CheckResult['place']): Check {
  return { outcome: 'cannot-tell', check, detail, ...(place === undefined ? {} : { place }) };
}
/** A check that the bundle alone cannot decide, and does not have to. */
export function beyondBundle(check: string, detail: string): Check {
  return { outcome: 'cannot-tell', check, detail, beyondBundle: true };
}

/** The worst outcome. A check beyond the bundle counts only if it failed. */
export function overallOutcome(checks: readonly Check[]): CheckResult['outcome'] {
  if (checks.some((check) => check.outcome === 'fail')) return 'fail';
  const open = checks.some((check) => check.outcome === 'cannot-tell' && check.beyondBundle !== true);
  return open || checks.length === 0 ? 'cannot-tell' : 'pass';
}

/** A document, or the reason why it could not be read. */
export type Document<T> = { kind: 'read'; value: T } | Unread;
type Unread =
  | { kind: 'missing' }
  /** `row`: the position, for a document made of rows. */
  | { kind: 'unreadable'; reason: string; row?: number };

/** Larger documents are not read: a manifest of 100,000 images takes about 100 MB. */
const MOST_DOCUMENT_BYTES = 512 * 1024 * 1024;

/** Reads a bundle's JSON document and checks it against its schema. */
export async function readDocument<T>(folder: string, name: string, schema: z.ZodType<T>): Promise<Document<T>> {
  const text = await readText(folder, name);
  if (text === null) return { kind: 'missing' };
  return parseAs(text, schema);
}

/** Reads JSON Lines; the reason names the line. */
export async function readLines<T>(folder: string, name: string, schema: z.ZodType<T>): Promise<Document<T[]>> {
  const text = await readText(folder, name);
  if (text === null) return { kind: 'missing' };
  const values: T[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '') continue;
    const row = parseAs(line, schema);
    if (row.kind !== 'read') {
      const reason = `line ${index + 1}: ${row.kind === 'unreadable' ? row.reason : ''}`;
      return { kind: 'unreadable', reason, row: index + 1 };
    }
    values.push(row.value);
  }
  return { kind: 'read', value: values };
}

/** The text of a regular file in the folder; null if there is none, or if it is larger than `mostBytes`. */
export async function readText(folder: string, name: string, mostBytes = MOST_DOCUMENT_BYTES): Promise<string | null> {
  try {
    return new TextDecoder('utf-8').decode(await readRegular(folder, name, mostBytes));
  } catch {
    return null;
  }
}

/** A check for a document that could not be used. */
export function unusable(check: string, name: string, document: Unread): Check {
  if (document.kind === 'missing') return cannotTell(check, `${name} is not in the bundle.`);
  const { reason, row } = document;
  const place = row === undefined ? undefined : { file: name, row };
  return cannotTell(check, `${name} has a form that this version does not know (${reason}).`, place);
}

function parseAs<T>(text: string, schema: z.ZodType<T>): Document<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: 'unreadable', reason: 'it is not JSON' };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { kind: 'read', value: parsed.data };
  const [issue] = parsed.error.issues;
  return {
    kind: 'unreadable',
    reason: issueSentence(issue),
  };
}

function issueSentence(issue: Issue | undefined): string {
  const { field, wrong } = issueWords(issue ?? { message: 'it does not fit' });
  return `${field === '' ? 'it' : `"${field}"`} ${wrong}`;
}
