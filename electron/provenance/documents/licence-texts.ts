/**
 * @file The texts of licences, from SPDX's list, and which of them a bundle must pass on. In a bundle they lie in
 * `LICENSES/`, one file for each id, as REUSE lays them out.
 */
import { createRequire } from 'node:module';
import { compareCodePoints } from '../signing/canonical-json.ts';
import { factsOf, urlOf } from '../ledger/licence-facts.ts';
import type { ManifestRow } from './manifest.ts';
import { codeFactsOf } from './reward-code.ts';
import type { RewardCode } from './reward-code.ts';
import { licenceIdsOf } from './spdx.ts';

const require = createRequire(import.meta.url);

/** The text of an SPDX licence, ended by a newline; null if SPDX has none, as for `LicenseRef-…`. */
export function licenceText(id: string): string | null {
  if (!/^[A-Za-z0-9.-]+$/.test(id)) return null;
  try {
    // One file for each licence: loading the whole list would take ten megabytes.
    const { licenseText: text } = require(`spdx-license-list/licenses/${id}.json`) as { licenseText: string };
    return `${text.replace(/\n+$/, '')}\n`;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return null;
    throw cause;
  }
}

export interface RequiredTexts {
  /** Ids whose text SPDX has, sorted. */
  ids: string[];
  /** Ids whose text must be passed on, but is not known here, sorted. */
  unknown: string[];
}

/**
 * The licences of everything that was used whose text must be passed on. A licence whose duties are not known counts as
 * well, if SPDX has its text.
 * @param base the base model's licence; its own LICENSE file travels separately, in `base-model/`
 * @param adapter the licence of an adapter that training began with; null = none, or not known
 */
export function requiredTexts(
  manifest: readonly ManifestRow[],
  base: string | null,
  rewardCode: readonly RewardCode[],
  adapter: string | null = null,
): RequiredTexts {
  const used = manifest.filter(({ use }) => use !== 'not-used');
  const stated = used.flatMap(({ licence, sources }) => [licence, ...sources.map((source) => source.licence)]);
  const works = [...new Set([base, adapter, ...stated])].flatMap(licenceIdsOf);
  const code = rewardCode.flatMap(({ licence }) => licenceIdsOf(licence));
  const ids = new Set([
    ...works.filter((id) => factsOf(id)?.duties.includes('licence-text') ?? licenceText(id) !== null),
    ...code.filter((id) => codeFactsOf(id)?.duties.includes('licence-text') ?? licenceText(id) !== null),
  ]);
  const sorted = [...ids].sort(compareCodePoints);
  return {
    ids: sorted.filter((id) => licenceText(id) !== null),
    unknown: sorted.filter((id) => licenceText(id) === null),
  };
}

/** Where a licence's text lies in a bundle. */
export function licencePath(id: string): string {
  return `LICENSES/${id}.txt`;
}

/** The id with the address where its text is published, if that is known. */
export function withAddress(id: string): string {
  const address = urlOf(id);
  return address === null ? id : `${id} (published at ${address})`;
}

const PLACEHOLDER = /<(?:year|copyright holders)>/i;
/** Longer than any year or any list of holders. */
const MOST_FILLED = 400;

/** True if `text` is the text of the licence: white space aside, and with any year and holder in its copyright line. */
export function isTextOf(text: string, id: string): boolean {
  const template = licenceText(id);
  if (template === null) return false;
  const whole = plain(text);
  if (whole === plain(template)) return true;
  const [first = '', ...parts] = plain(template).split(PLACEHOLDER);
  const last = parts.at(-1);
  if (last === undefined || !whole.startsWith(first) || !whole.endsWith(last)) return false;
  let at = first.length;
  for (const [index, part] of parts.entries()) {
    const next = index === parts.length - 1 ? whole.length - last.length : whole.indexOf(part, at);
    if (next <= at || next - at > MOST_FILLED) return false;
    at = next + part.length;
  }
  return at === whole.length;
}

function plain(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
