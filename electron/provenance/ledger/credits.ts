/**
 * @file Credits in the form that attribution licences require: title, author, source, licence with its address, and
 * how the work was used. ATTRIBUTION.csv is for spreadsheets and programs, NOTICE for readers.
 */
import { compareCodePoints } from '../signing/canonical-json.ts';
import { urlOf } from './licence-facts.ts';
import type { ManifestRow } from '../documents/manifest.ts';
import { licenceIdsOf } from '../documents/spdx.ts';

export interface Credit {
  title: string;
  author: string | null;
  url: string | null;
  licence: string | null;
  /** Images of the dataset that contain the work. */
  images: number;
  usedFor: 'training' | 'evaluation' | 'training and evaluation';
}

/** One credit per distinct work in the images that were used, sorted by author, then title. */
export function creditsOf(rows: readonly ManifestRow[]): Credit[] {
  const credits = new Map<string, Credit & { training: boolean; evaluation: boolean }>();
  for (const row of rows) {
    if (row.use === 'not-used') continue;
    const training = row.use !== 'evaluation';
    const evaluation = row.use !== 'training';
    for (const source of sourcesOf(row)) {
      const key = JSON.stringify([source.author ?? '', source.title, source.url, source.licence]);
      const credit = credits.get(key) ?? {
        ...source,
        images: 0,
        usedFor: 'training',
        training: false,
        evaluation: false,
      };
      credit.images += 1;
      credit.training ||= training;
      credit.evaluation ||= evaluation;
      credits.set(key, credit);
    }
  }
  return [...credits.entries()]
    .sort(([a], [b]) => compareCodePoints(a, b))
    .map(([, { training, evaluation, ...credit }]) => ({
      ...credit,
      usedFor: training && evaluation ? 'training and evaluation' : training ? 'training' : 'evaluation',
    }));
}

/** RFC 4180 text with a header row. A leading quote keeps spreadsheets from running cells as formulas. */
export function attributionCsv(credits: readonly Credit[]): string {
  const header = ['title', 'author', 'source', 'licence', 'licence_url', 'used_for', 'images'];
  const lines = credits.map((credit) => [
    credit.title,
    credit.author ?? 'not known',
    credit.url ?? 'not known',
    credit.licence ?? 'not known',
    licenceIdsOf(credit.licence)
      .flatMap((id) => urlOf(id) ?? [])
      .join(' '),
    `used for ${credit.usedFor}; not included`,
    String(credit.images),
  ]);
  return [header, ...lines].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

export interface NoticeInput {
  title: string;
  /** The SPDX id that the maker chose; null if none was chosen. */
  licence: string | null;
  base: { name: string; licence: string | null };
  /** What the licences of the base model and the images require of anyone who shares the weights. */
  duties: readonly string[];
  credits: readonly Credit[];
}

/** The same credits as text, one work per line: “Title” by Author, source, licence (address); used for training. */
export function noticeText({ title, licence, base, duties, credits }: NoticeInput): string {
  const address = licence === null ? null : urlOf(licence);
  const own =
    licence === null
      ? 'No licence was chosen for the weights, so all rights are reserved (see LICENSE).'
      : `The weights are published under ${licence}${address === null ? '' : ` (${address})`}. LICENSE has the text.`;
  const lines = [
    oneLine(title),
    '',
    `This is a fine-tuned version of the model ${oneLine(base.name)} (licence: ${oneLine(base.licence ?? 'unknown')}).`,
    'Training changed the weights. It used the works below, which are not included.',
    own,
    ...(duties.length === 0 ? [] : ['', 'If you share the weights:', ...duties.map((duty) => `- ${oneLine(duty)}`)]),
    '',
    credits.length === 0 ? 'No works were used.' : 'Works used:',
    ...credits.map((credit) => `- ${creditLine(credit)}`),
    '',
    'manifest.jsonl states what each image is and where it came from. ATTRIBUTION.csv has the same credits as a table.',
  ];
  return `${lines.join('\n')}\n`;
}

/** One credit as a sentence without line breaks. */
export function creditLine(credit: Credit): string {
  const author = credit.author === null ? 'by an unknown author' : `by ${credit.author}`;
  const source = credit.url === null ? 'unknown source' : credit.url;
  const addresses = licenceIdsOf(credit.licence).flatMap((id) => urlOf(id) ?? []);
  const licence = credit.licence === null ? 'unknown licence' : `licence ${credit.licence}`;
  const where = addresses.length === 0 ? '' : ` (${addresses.join(', ')})`;
  return oneLine(`“${credit.title}” ${author}, ${source}, ${licence}${where}; used for ${credit.usedFor}`);
}

/** Text from someone else's file on one line: control characters and line breaks become spaces. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

/** An image without sources is its own source. */
function sourcesOf(row: ManifestRow): Omit<Credit, 'images' | 'usedFor'>[] {
  if (row.sources.length > 0)
    return row.sources.map(({ title, author, url, licence }) => ({ title, author, url, licence }));
  const author = row.authors.length === 0 ? null : row.authors.join(', ');
  return [{ title: row.names.join(', '), author, url: null, licence: row.licence }];
}

function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe !== text ? `"${safe.replaceAll('"', '""')}"` : safe;
}
