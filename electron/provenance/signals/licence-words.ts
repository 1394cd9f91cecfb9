/**
 * @file Licences in the texts of an image's metadata: named by address or name, restricted in words, or stated in a way
 * that Atelier does not understand. What is not understood stays unknown; it never yields to a freer statement.
 */
import { factsOf } from '../ledger/licence-facts.ts';
import { spdxOfName } from '../ledger/licence-names.ts';
import { NOT_UNDERSTOOD, idOfWords } from '../../contract/model/stated-licence.ts';
import type { RightsFacts } from './rights-facts.ts';

type Licences = RightsFacts['licences'];

export const ALL_RIGHTS_RESERVED = 'LicenseRef-all-rights-reserved';

const SAYS_NOTHING = /^(?:|unknown|none|n\/?a|other|null|noassertion)$/i;

/** A property that holds nothing but a licence, such as `cc:license`. */
export function licenceStated(text: string, locator: string): Licences {
  if (SAYS_NOTHING.test(text.trim())) return [];
  return [{ id: spdxOfName(text) ?? idOfWords(text), locator }];
}

/** A text about rights: the name of a licence, or words that restrict the use. Other texts name none. */
export function licencesInWords(text: string, locator: string): Licences {
  const id = spdxOfName(text);
  if (id !== null) return [{ id, locator }];
  return RESTRICTIONS.filter(({ words, unless }) => words.test(text) && !unless.test(text)).map(({ restriction }) => ({
    id: restriction,
    locator,
  }));
}

const NEVER = /(?!)/;
const NON_COMMERCIAL = `${NOT_UNDERSTOOD}non-commercial-use-only`;
const NO_DERIVATIVES = `${NOT_UNDERSTOOD}no-derivatives`;

const RESTRICTIONS: readonly { restriction: string; words: RegExp; unless: RegExp }[] = [
  {
    restriction: NON_COMMERCIAL,
    words:
      /\bnon-? ?commercial|\b(?:no|not for|without|excluding) commercial|\bcommercial (?:use|usage) (?:is )?(?:not|prohibited|forbidden)|\b(?:personal|private|editorial|educational|academic|research) use only|\bby-nc\b|nicht-? ?kommerziell|keine kommerzielle|nur (?:für|zum) privat|(?:pas|sans) (?:d.)?(?:utilisation|usage) commercial|non commercial[ei]|no comercial/i,
    unless:
      /\bcommercial(?:ly)? (?:and|or|and\/or|&|as well as) non-? ?commercial|\bnon-? ?commercial(?:ly)? (?:and|or|and\/or|&|as well as) commercial/i,
  },
  {
    restriction: NO_DERIVATIVES,
    words: /\bno-? ?derivative|\bby(?:-nc)?-nd\b|\bno (?:modifications|alterations)\b|keine bearbeitung/i,
    unless: NEVER,
  },
  {
    restriction: ALL_RIGHTS_RESERVED,
    words: /(?<!\b(?:not|no) )\ball rights reserved|alle rechte vorbehalten|tous droits r[ée]serv[ée]s/i,
    unless: /\bcc\b|creative ?commons|licen[sc]e/i,
  },
];

/**
 * Those of an image's licences that count. A notice that reserves all rights is a formula beside a licence that keeps
 * the copyright, and contradicts one that gives it up. A restriction in words adds nothing to a licence that holds it.
 */
export function countingLicences(licences: Licences): Licences {
  const waived = licences.some(({ id }) => givesUpRights(id));
  const holds = (test: (id: string) => boolean): boolean =>
    licences.some(({ id }) => !id.includes(' OR ') && id.split(/[\s()]+/).some(test));
  const isNonCommercial = holds((id) => factsOf(id)?.nonCommercial === true);
  const hasNoDerivatives = holds((id) => factsOf(id)?.noDerivatives === true);
  return licences.filter(
    ({ id }) =>
      (id !== ALL_RIGHTS_RESERVED || waived) &&
      (id !== NON_COMMERCIAL || !isNonCommercial) &&
      (id !== NO_DERIVATIVES || !hasNoDerivatives),
  );
}

/** A dedication to the public domain. */
export function givesUpRights(expression: string): boolean {
  return /(?:^|[\s(])(?:CC0-1\.0|CC-PDM-1\.0|PDDL-1\.0|Unlicense)(?=$|[\s)])/.test(expression);
}
