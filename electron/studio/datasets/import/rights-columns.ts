/**
 * @file Columns beside those of licence and author that say something about rights. Each is read as an image's own words
 * are: none may be lost, and none makes a row freer than its licence column does.
 */
import { idOfWords } from '../../../contract/model/stated-licence.ts';
import { readLicence } from '../../../provenance/documents/spdx.ts';
import { strictestOf } from '../../../provenance/ledger/strictest.ts';
import {
  ALL_RIGHTS_RESERVED,
  countingLicences,
  givesUpRights,
  licencesInWords,
} from '../../../provenance/signals/licence-words.ts';
import { plainColumn } from './columns.ts';
import { trainingSense } from './training-columns.ts';

type Kind = 'training' | 'licence' | 'source-licence' | 'words' | 'copyright' | 'credit';

const FORM = '(?:_(?:url|uri|link|href|name|id|type|title|spdx))?';
const ABOUT = '(?:_(?:statements?|notices?|notes?|terms|text|info|status|rights|restrictions?|conditions))*';

/** How such columns are called, most specific first, in the spelling of `plainColumn`. */
const KINDS: readonly (readonly [RegExp, Kind])[] = [
  [new RegExp(`^(?:source|original|origin|work|parent|upstream)_licen[cs]e${FORM}$`), 'source-licence'],
  [
    new RegExp(
      `^(?:(?:image|photo|picture|data|dataset|file|cc)_)?(?:licen[cs]es?|lizenz|licencia|licenza)${FORM}$|^(?:rights_ur[li]|web_statement|spdx(?:_id)?)$`,
    ),
    'licence',
  ],
  [new RegExp(`^(?:copyrights?|notice|urheberrecht)${ABOUT}$`), 'copyright'],
  [/^(?:credits?|attribution|courtesy)(?:_(?:line|text))?$/, 'credit'],
  [
    new RegExp(
      `^(?:rights?|usage|usages|terms|restrictions?|conditions|permissions?|disclaimer)${ABOUT}$|^(?:licen[cs]e|use|legal)_(?:notes?|text|terms|notice|conditions|restrictions?)$|^terms_of_(?:use|service)$|^(?:rechte|nutzungsrechte|nutzungsbedingungen|droits|derechos|diritti)$`,
    ),
    'words',
  ],
];

/** What a column beside the licence column says about rights; null if its name does not speak of them. */
export function rightsKind(column: string): Kind | null {
  if (trainingSense(column) !== null) return 'training';
  const name = plainColumn(column);
  return KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

export type RightsColumns = {
  /** The licence of the row with everything that these columns state; the stricter one where they differ. */
  licence: string | null;
  /** True if the licence is not the one of the licence column alone. */
  changed: boolean;
  /** Everything they say, for a reader of words. */
  texts: { column: string; text: string }[];
  /** Licences that are not understood, so that they permit nothing. */
  unread: string[];
  credit: { notice?: string; creditLine?: string };
};

/**
 * @param stated the texts of the columns that no field of the mapping uses
 * @param own the licence column's expression; null if it states none
 * @param assumed the licence for rows that state none
 */
export function readRightsColumns(
  stated: readonly { column: string; text: string }[],
  own: string | null,
  assumed: string | null,
): RightsColumns {
  const found: RightsColumns = { licence: own, changed: false, texts: [], unread: [], credit: {} };
  const licences: string[] = [];
  for (const { column, text } of stated) {
    const kind = rightsKind(column);
    if (kind === null || text === '') continue;
    found.texts.push({ column, text });
    if (kind === 'training') continue;
    if (kind === 'copyright') found.credit.notice ??= text;
    if (kind === 'credit') {
      found.credit.creditLine ??= text;
      continue;
    }
    const read = licencesIn(text, kind);
    licences.push(...read);
    // An address that is not understood takes nothing away from a licence; the unknown licence of a source does.
    if (read.length > 0 || (kind !== 'source-licence' && (kind !== 'licence' || own !== null))) continue;
    if (readLicence(text).kind === 'none') continue;
    found.unread.push(text);
    licences.push(idOfWords(text));
  }
  const all = [...(own === null ? [] : [own]), ...licences].map((id) => ({ id, locator: 'table' }));
  const counting = countingLicences(all).map(({ id }) => id);
  const reserved = licences.includes(ALL_RIGHTS_RESERVED) && (assumed === null || givesUpRights(assumed));
  if (counting.length > 0) found.licence = strictestOf(counting);
  else if (reserved) found.licence = ALL_RIGHTS_RESERVED;
  found.changed = found.licence !== own;
  return found;
}

function licencesIn(text: string, kind: Kind): string[] {
  const statement = readLicence(text);
  // The holder of a copyright may be called like a licence: MIT.
  const isName = kind === 'copyright' && !/\s/.test(text);
  if (statement.kind === 'stated') return isName ? [] : [statement.expression];
  return licencesInWords(text, 'table').map(({ id }) => id);
}
