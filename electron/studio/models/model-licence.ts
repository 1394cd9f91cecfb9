/**
 * @file The licence of a base model, from everything in its folder that states one: `atelier.json`, the front matter of
 * README.md (the hub's card), and LICENSE files. A card alone is often wrong, so all of them count, and the stricter wins.
 */
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import type { LicenceEvidence } from '../../contract/model/licence-evidence.ts';
import { readLicence } from '../../provenance/documents/spdx.ts';
import { NOT_STATED } from '../../contract/model/stated-licence.ts';
import { licenceOfText } from '../../provenance/ledger/licence-of-text.ts';
import { strictestOf } from '../../provenance/ledger/strictest.ts';

/** Names of files that hold a licence. */
export const LICENCE_FILES = /^(?:licen[cs]es?|copying)(?:[-._][\w.-]+)?$/i;
const CARD = 'README.md';
const MAX_FILES = 20;
/** The longest licence text, with room for appendices. */
const MAX_BYTES = 256 * 1024;
const MAX_WORDS = 200;

/** What a folder says about the licence of its weights: each statement with its place, and what follows from all. */
export interface FoundLicence {
  /** SPDX expression; null = nothing is stated, or nothing is understood. */
  licence: string | null;
  evidence: LicenceEvidence[];
}

/** @param stated the licence in `atelier.json` */
export async function findModelLicence(folder: string, stated: string | null): Promise<FoundLicence> {
  const evidence: LicenceEvidence[] = [];
  if (stated !== null) evidence.push(read('atelier.json', stated));
  const names = (await readdir(folder).catch(() => [] as string[])).sort();
  const card = names.find((name) => name.toLowerCase() === CARD.toLowerCase());
  if (card !== undefined) evidence.push(...onCard(card, await startOf(join(folder, card))));
  for (const name of names.filter((entry) => LICENCE_FILES.test(entry)).slice(0, MAX_FILES)) {
    const text = await startOf(join(folder, name));
    if (text.trim() === '') continue;
    const words = text.trim().split('\n').slice(0, 3).join(' ').replaceAll(/\s+/g, ' ').trim();
    evidence.push({ place: name, words: shortened(words), licence: licenceOfText(text) });
  }
  return { licence: licenceFrom(evidence), evidence };
}

/** What follows from all statements: the stricter of those that are understood, and unknown for the rest. */
function licenceFrom(evidence: readonly LicenceEvidence[]): string | null {
  const known = evidence.flatMap(({ licence }) => licence ?? []);
  if (known.length === 0) return null;
  const strictest = strictestOf(known);
  const complete = evidence.every(({ licence }) => licence !== null);
  return complete ? strictest : `${strictest.includes(' OR ') ? `(${strictest})` : strictest} AND ${NOT_STATED}`;
}

function read(place: string, words: string): LicenceEvidence {
  const statement = readLicence(words);
  return { place, words: shortened(words), licence: statement.kind === 'stated' ? statement.expression : null };
}

/**
 * `license` and `license_name`, each of which counts, and `license_link` where it adds to them. A card without these keys
 * states nothing.
 */
function onCard(name: string, text: string): LicenceEvidence[] {
  const front = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---/.exec(text)?.[1];
  if (front === undefined) return [];
  let fields: Record<string, unknown>;
  try {
    fields = (parseYaml(front) ?? {}) as Record<string, unknown>;
  } catch {
    return [{ place: `${name}, front matter`, words: shortened(front), licence: null }];
  }
  const { license, license_name: title, license_link: link } = fields;
  const stated = (Array.isArray(license) ? license : [license]).filter((one) => typeof one === 'string');
  const named = stated.filter((one) => readLicence(one).kind !== 'none');
  if (named.length > 0) {
    const found = named.map((one) => read(`${name}, license`, one));
    const others = [
      ...(typeof title === 'string' && readLicence(title).kind !== 'none'
        ? [read(`${name}, license_name`, title)]
        : []),
      // Mostly the address of a page that names no licence.
      ...(typeof link === 'string'
        ? [read(`${name}, license_link`, link)].filter(({ licence }) => licence !== null)
        : []),
    ];
    return [
      ...found,
      ...others.filter((other) => !found.some(({ licence }) => licence === other.licence && licence !== null)),
    ];
  }
  for (const [key, value] of [
    ['license_name', title],
    ['license_link', link],
  ] as const) {
    // A link to the file beside the card says nothing that the file does not.
    if (typeof value !== 'string' || LICENCE_FILES.test(value)) continue;
    const found = read(`${name}, ${key}`, value);
    if (found.licence !== null || key === 'license_name') return [found];
  }
  return stated.includes('other') ? [{ place: `${name}, license`, words: 'other', licence: null }] : [];
}

async function startOf(path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const buffer = Buffer.alloc(Math.min((await file.stat()).size, MAX_BYTES));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
      return buffer.subarray(0, bytesRead).toString('utf8');
    } finally {
      await file.close();
    }
  } catch {
    return '';
  }
}

function shortened(words: string): string {
  return words.length <= MAX_WORDS ? words : `${words.slice(0, MAX_WORDS - 1)}…`;
}
