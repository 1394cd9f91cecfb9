/**
 * @file Credits in the form that attribution licences require: title, author, source, copyright notice, the credit line
 * that the work asks for, licence with its address, and how the work was used (CC BY 4.0, section 3(a)).
 * ATTRIBUTION.csv is for spreadsheets and programs, NOTICE for readers.
 */
import { licenceInWords } from '../../contract/model/stated-licence.ts';
import type { StartAdapter } from '../../contract/model/recipe.ts';
import type { Source } from '../../contract/api/index.ts';
import { compareCodePoints } from '../signing/canonical-json.ts';
import { urlOf } from './licence-facts.ts';
import type { ManifestRow } from '../documents/manifest.ts';
import { licenceIdsOf } from '../documents/spdx.ts';

export interface Credit extends Source {
  /** Images of the dataset that contain the work. */
  images: number;
  usedFor: 'training' | 'evaluation' | 'training and evaluation';
}

/** One credit per distinct work in the images that were used, sorted by author, then title. */
export function creditsOf(rows: readonly ManifestRow[]): Credit[] {
  return creditsFor(rows, sourcesOf);
}

/** The credits as earlier versions wrote them: without the authors of an image itself, if it names works in it. */
export function earlierCreditsOf(rows: readonly ManifestRow[]): Credit[] {
  return creditsFor(rows, (row) => (row.sources.length > 0 ? row.sources : sourcesOf(row)));
}

function creditsFor(rows: readonly ManifestRow[], worksOf: (row: ManifestRow) => readonly Source[]): Credit[] {
  const credits = new Map<string, Credit & { training: boolean; evaluation: boolean }>();
  for (const row of rows) {
    if (row.use === 'not-used') continue;
    const training = row.use !== 'evaluation';
    const evaluation = row.use !== 'training';
    for (const source of worksOf(row)) {
      const { author, title, url, licence, place, notice, creditLine: asked, creditUrl } = source;
      const more = [place, notice, asked, creditUrl];
      const stated = more.some((text) => text !== undefined) ? more.map((text) => text ?? null) : [];
      const key = JSON.stringify([author ?? '', title, url, licence, ...stated]);
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

const NOT_KNOWN = 'not known';

/** The columns of ATTRIBUTION.csv, each with its value. */
const COLUMNS: readonly (readonly [name: string, valueOf: (credit: Credit) => string])[] = [
  ['title', ({ title }) => (title === '' ? 'untitled' : title)],
  ['author', ({ author }) => author ?? NOT_KNOWN],
  ['source', ({ url, place, creditUrl }) => url ?? place ?? creditUrl ?? NOT_KNOWN],
  ['notice', ({ notice }) => notice ?? ''],
  ['credit_line', ({ creditLine: asked }) => asked ?? ''],
  ['credit_url', ({ creditUrl }) => creditUrl ?? ''],
  ['licence', ({ licence }) => licence ?? NOT_KNOWN],
  ['licence_url', ({ licence }) => addressesOf(licence).join(' ')],
  ['used_for', ({ usedFor }) => `used for ${usedFor}; not included`],
  ['images', ({ images }) => String(images)],
];
/** The columns of bundles from versions that did not record notices and credit lines. */
const FIRST_COLUMNS = ['title', 'author', 'source', 'licence', 'licence_url', 'used_for', 'images'];

/** RFC 4180 text with a header row. A leading quote keeps spreadsheets from running cells as formulas. */
export function attributionCsv(
  credits: readonly Credit[],
  names: readonly string[] = COLUMNS.map(([name]) => name),
): string {
  const columns = COLUMNS.filter(([name]) => names.includes(name));
  const lines = credits.map((credit) => columns.map(([, valueOf]) => valueOf(credit)));
  return [columns.map(([name]) => name), ...lines].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

/** True if the text is the table of these credits: with the columns of this version, or of the first where they suffice. */
export function isAttributionOf(text: string, credits: readonly Credit[]): boolean {
  if (text === attributionCsv(credits)) return true;
  const suffice = credits.every((credit) => (credit.notice ?? credit.creditLine ?? credit.creditUrl) === undefined);
  return suffice && text === attributionCsv(credits, FIRST_COLUMNS);
}

function addressesOf(licence: string | null): string[] {
  return licenceIdsOf(licence).flatMap((id) => urlOf(id) ?? []);
}

export interface NoticeInput {
  title: string;
  /** The SPDX id that the maker chose; null if none was chosen. */
  licence: string | null;
  base: { name: string; licence: string | null };
  /** The adapter made elsewhere that the weights rest on; absent = none. */
  startAdapter?: Pick<StartAdapter, 'name' | 'licence' | 'author'> | undefined;
  /** What the licences of the base model and the images require of anyone who shares the weights. */
  duties: readonly string[];
  credits: readonly Credit[];
  /** False if the weights leave without manifest.jsonl, to which the notice must not point then. */
  withManifest: boolean;
}

/** The same credits as text, one work per line: “Title” by Author, source, licence (address); used for training. */
export function noticeText({ title, licence, base, startAdapter, duties, credits, withManifest }: NoticeInput): string {
  const address = licence === null ? null : urlOf(licence);
  const own =
    licence === null
      ? 'No licence was chosen for the weights, so all rights are reserved (see LICENSE).'
      : `The weights are published under ${licence}${address === null ? '' : ` (${address})`}. LICENSE has the text.`;
  const lines = [
    oneLine(title),
    '',
    `This is a fine-tuned version of the model ${oneLine(base.name)} (licence: ${oneLine(base.licence ?? 'unknown')}).`,
    ...(startAdapter === undefined
      ? []
      : [
          `Training began with the adapter ${oneLine(startAdapter.name)} by ${oneLine(startAdapter.author ?? 'an unknown author')} (licence: ${oneLine(startAdapter.licence ?? 'unknown')}).`,
        ]),
    'Training changed the weights. It used the works below, which are not included.',
    own,
    ...(duties.length === 0 ? [] : ['', 'If you share the weights:', ...duties.map((duty) => `- ${oneLine(duty)}`)]),
    '',
    credits.length === 0 ? 'No works were used.' : 'Works used:',
    ...credits.map((credit) => `- ${creditLine(credit)}`),
    '',
    ...(credits.length === 0
      ? []
      : [
          'Their authors offer these works as their licences say, without warranties. They do not endorse the weights.',
          '',
        ]),
    `${withManifest ? 'manifest.jsonl states what each image is and where it came from. ' : ''}ATTRIBUTION.csv has the same credits as a table.`,
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * One credit as a sentence without line breaks: “Title” by Author, source; notice; credit line; licence (address); used
 * for training.
 */
export function creditLine(credit: Credit): string {
  const { title, author, url, place, notice, creditLine: asked, creditUrl, licence } = credit;
  const name = title === '' ? 'An untitled work' : `“${title}”`;
  // A work that says how to credit it needs no other name.
  const by = author !== null ? ` by ${author}` : asked === undefined ? ' by an unknown author' : '';
  const from = url ?? place ?? (creditUrl === undefined ? 'unknown source' : null);
  const addresses = addressesOf(licence);
  const where = addresses.length === 0 ? '' : ` (${addresses.join(', ')})`;
  const parts = [
    `${name}${by}`,
    ...(from === null ? [] : [from]),
    ...(notice === undefined ? [] : [`notice: ${withoutStop(notice)}`]),
    ...(asked === undefined && creditUrl === undefined
      ? []
      : [`to be credited as: ${[asked, creditUrl].filter((text) => text !== undefined).join(', ')}`]),
    `${licence === null ? 'unknown licence' : `licence ${licenceInWords(licence)}`}${where}`,
  ];
  return oneLine(`${parts.join(', ')}; used for ${credit.usedFor}`);
}

function withoutStop(text: string): string {
  return text.trim().replace(/\.$/, '');
}

/** Text from someone else's file on one line: control characters and line breaks become spaces. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

/** The works in an image, and the image itself if it has none or has authors whom none of its works names. */
function sourcesOf(row: ManifestRow): Source[] {
  const named = new Set(row.sources.flatMap(({ author }) => [author, ...(author ?? '').split(';')].map(plainName)));
  const unnamed = row.authors.filter((author) => !named.has(plainName(author)));
  if (row.sources.length > 0 && unnamed.length === 0) return row.sources;
  const author = unnamed.length === 0 ? null : unnamed.join(', ');
  return [...row.sources, { title: row.names.join(', '), author, url: null, licence: row.licence }];
}

function plainName(name: string | null): string {
  return (name ?? '').trim();
}

function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe !== text ? `"${safe.replaceAll('"', '""')}"` : safe;
}
