/** @file Which properties of a dataset are checked for balance, and what a spread means in plain words. */
import type { BalanceDimension, BalanceLevel, Sample } from '../../../contract/api/index.ts';
import { percent } from '../../../reporting/figures.ts';
import { spreadOf } from '../../../method/balance.ts';
import type { Spread } from '../../../method/balance.ts';

type Kind = BalanceDimension['kind'];

interface Column {
  kind: Kind;
  of: string;
  /** Values of each sample; empty = unknown. */
  values: string[][];
}

/** Most values that fit on a screen. */
const SHOWN = 24;
/** Columns with more values than this describe individual pictures, not kinds of pictures. */
const MAX_COLUMN_VALUES = 60;
const MAX_COLUMNS = 8;
const SUBJECT = /^(subject|category|class|label|topic|genre|style|scene|type)s?$/i;

/** Phrases that are translated whole, because other languages bend the words around a noun. */
const DIFFERENT: Record<Kind, string> = {
  author: 'different authors',
  source: 'different sources',
  licence: 'different licences',
  task: 'different tasks',
  answer: 'different answers',
  subject: 'different subjects',
  tag: 'different tags',
};
const THE_SAME: Record<Kind, string> = {
  author: 'the same author',
  source: 'the same source',
  licence: 'the same licence',
  task: 'the same task',
  answer: 'the same answer',
  subject: 'the same subject',
  tag: 'the same tag',
};
const A_KNOWN: Record<Kind, string> = {
  author: 'a known author',
  source: 'a known source',
  licence: 'a known licence',
  task: 'a known task',
  answer: 'a known answer',
  subject: 'a known subject',
  tag: 'a known tag',
};
/** Every dimension of the samples that training may use. */
export function dimensionsOf(samples: readonly Sample[]): BalanceDimension[] {
  const tasks = [...new Set(samples.map(({ task }) => task))].sort();
  const columns: Column[] = [
    { kind: 'author', of: '', values: samples.map(({ authors }) => authors) },
    { kind: 'source', of: '', values: samples.map(sourcesOf) },
    { kind: 'licence', of: '', values: samples.map(({ licence }) => (licence === null ? [] : [licence])) },
    { kind: 'task', of: '', values: samples.map(({ task }) => [task]) },
    ...tasks.map((task) => ({
      kind: 'answer' as const,
      of: task,
      values: samples.filter((sample) => sample.task === task).map(({ answer }) => [answer.trim()]),
    })),
    ...ownColumns(samples),
  ];
  return columns.map(describe);
}

/** Where the pictures came from: the host and the first two parts of the path, which distinguish collections. */
function sourcesOf({ sources }: Sample): string[] {
  return sources.flatMap(({ url }) => {
    if (url === null || !URL.canParse(url)) return [];
    const { hostname, pathname } = new URL(url);
    const parts = pathname.split('/').filter((part) => part !== '');
    const isFile = /\.[a-z0-9]{2,5}$/i.test(parts.at(-1) ?? '');
    return [[hostname, ...(isFile ? parts.slice(0, -1) : parts).slice(0, 2)].join('/')];
  });
}

/** The user's own columns that have few enough values to be categories. */
function ownColumns(samples: readonly Sample[]): Column[] {
  const names = new Set(samples.slice(0, 1000).flatMap(({ extra }) => Object.keys(extra)));
  const columns: Column[] = [];
  for (const name of [...names].sort()) {
    const values = samples.map(({ extra }) => textsOf(extra[name]));
    const distinct = new Set(values.flat());
    if (distinct.size < 2 || distinct.size > Math.min(MAX_COLUMN_VALUES, samples.length / 2)) continue;
    columns.push({ kind: SUBJECT.test(name) ? 'subject' : 'tag', of: name, values });
  }
  return columns.slice(0, MAX_COLUMNS);
}

function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.slice(0, 50).flatMap(textsOf);
  if (typeof value === 'string') return value.trim() === '' || value.length > 100 ? [] : [value.trim()];
  return typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : [];
}

function describe({ kind, of, values }: Column): BalanceDimension {
  const spread = spreadOf(values);
  const level = levelOf(kind, spread);
  return {
    kind,
    of,
    values: spread.values.slice(0, SHOWN),
    distinct: spread.distinct,
    effective: spread.effective,
    gini: spread.gini,
    level,
    sentence: sentenceOf(kind, of, spread),
  };
}

/** Above half, one value dominates training; above a quarter, a value at over twice its even share deserves a look. */
function levelOf(kind: Kind, { values, distinct, total }: Spread): BalanceLevel {
  const [top] = values;
  if (top === undefined || total < 2 || kind === 'task' || kind === 'licence') return 'fine';
  if (distinct === 1) return kind === 'answer' ? 'warning' : top.value === null ? 'fine' : 'notice';
  const known = values.find(({ value }) => value !== null);
  if (known === undefined) return 'fine';
  if (known.share > 0.5) return 'warning';
  return known.share > 0.25 && known.share > 2 / distinct ? 'notice' : 'fine';
}

function sentenceOf(kind: Kind, of: string, spread: Spread): string {
  const said = spreadSentence(kind, spread);
  if (of === 'counting' && kind === 'answer') return `Counting questions: ${said}`;
  if (of === 'geometry' && kind === 'answer') return `Geometry questions: ${said}`;
  // The task `other` says nothing to a person.
  return of === '' || kind === 'answer' ? said : `Column “${of}”: ${said}`;
}

function spreadSentence(kind: Kind, { values, distinct, effective, total }: Spread): string {
  if (total === 0) return 'There are no samples to look at.';
  const known = values.find(({ value }) => value !== null);
  const missing = values.find(({ value }) => value === null);
  if (known === undefined || known.value === null) return `No sample has ${A_KNOWN[kind]}.`;
  const value = shortened(known.value);
  if (distinct === 1) return `All samples have ${THE_SAME[kind]}: “${value}”.`;
  const share = roundly(known.share);
  if (distinct === 2 && missing !== undefined)
    return `${share} of the samples have ${THE_SAME[kind]}: “${value}”. For the others none is known.`;
  const counted = distinct - (missing === undefined ? 0 : 1);
  const even = effective.toFixed(1);
  return missing === undefined
    ? `There are ${counted} ${DIFFERENT[kind]}; the most frequent is “${value}” with ${share}. As varied as ${even} equally frequent ones.`
    : `There are ${counted} ${DIFFERENT[kind]}; the most frequent is “${value}” with ${share}. As varied as ${even} equally frequent ones. For ${roundly(missing.share)} of the samples none is known.`;
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** Formats a share with as many digits as a sentence needs. */
export function roundly(share: number): string {
  return percent(share, share > 0 && share < 0.1 ? 1 : 0);
}
