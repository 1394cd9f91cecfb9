/** @file A bundle's LICENSE: the text of the licence its maker chose, or a plain statement that none was chosen. */
import { AtelierError } from '../../../contract/errors/errors.ts';
import { oneLine } from '../../../provenance/ledger/credits.ts';
import { knownIds, urlOf } from '../../../provenance/ledger/licence-facts.ts';
import { verdictOf } from '../../../provenance/ledger/ledger.ts';
import type { Ledger } from '../../../provenance/ledger/ledger.ts';
import { isTextOf, licenceText } from '../../../provenance/documents/licence-texts.ts';
import { readLicence } from '../../../provenance/documents/spdx.ts';

/**
 * The chosen licence in its SPDX spelling; null if none was chosen.
 * @throws AtelierError BAD_INPUT if the ledger does not allow it, with the reasons and what it allows
 */
export function checkChosenLicence(chosen: string | undefined, ledger: Ledger): string | null {
  if (chosen === undefined) return null;
  const statement = readLicence(chosen);
  const expression = statement.kind === 'stated' ? statement.expression : chosen;
  if (ledger.outboundLicences.includes(expression)) return expression;
  const { verdict, reasons } = verdictOf(ledger, 'publish-non-commercially');
  const why =
    ledger.outboundLicences.length > 0
      ? `the base model and the images allow: ${ledger.outboundLicences.join(', ')}`
      : `publishing is ${verdict === 'blocked' ? 'blocked' : 'not decided'}: ${reasons
          .filter((r) => r.rule !== 'R2')
          .map((r) => `${r.rule}: ${r.text}`)
          .join(' ')
          .replace(/\.$/, '')}`;
  throw new AtelierError('BAD_INPUT', `These weights cannot be published under "${oneLine(chosen)}": ${why}.`, {
    place: { field: 'licence' },
    remedy: 'Choose a licence from that list, or export without one.',
  });
}

export interface LicenceFileOptions {
  /** For the copyright line of licences that have one. */
  year: number;
  holder: string;
  /** False if the weights leave without ledger.json. */
  withLedger: boolean;
}

/** The text of LICENSE. */
export function licenceFileText(licence: string | null, ledger: Ledger, options: LicenceFileOptions): string {
  if (licence === null) return notChosenText(ledger, options.withLedger);
  const text = licenceText(licence);
  if (text === null) return `${statementOf(licence)}${urlOf(licence) ?? 'see the base model'}\n`;
  return text.replaceAll('<year>', String(options.year)).replaceAll('<copyright holders>', oneLine(options.holder));
}

/** For a licence whose text is not known here. */
function statementOf(licence: string): string {
  return `These weights are published under ${licence}.\nIts text: `;
}

function notChosenText(ledger: Ledger, withLedger: boolean): string {
  const publish = verdictOf(ledger, 'publish-non-commercially');
  const allowed =
    ledger.outboundLicences.length > 0
      ? `The licences of the base model and the images allow these: ${ledger.outboundLicences.join(', ')}.`
      : `Under the licences of the base model and the images, publishing is ${publish.verdict === 'blocked' ? 'blocked' : 'undecided'}.${withLedger ? ' ledger.json states why.' : ''}`;
  return (
    'No licence was chosen for these weights.\n\nUntil their maker chooses one, all rights are reserved: do not share them.\n' +
    `${allowed}\n\n${ledger.notice}\n`
  );
}

/** The same in the words of earlier versions, whose bundles must still verify. */
function earlierNotChosenText(ledger: Ledger): string {
  const publish = verdictOf(ledger, 'publish-non-commercially');
  const allowed =
    ledger.outboundLicences.length > 0
      ? `The licences of the base model and of the images allow these: ${ledger.outboundLicences.join(', ')}.`
      : `The licences of the base model and of the images leave publishing ${publish.verdict === 'blocked' ? 'blocked' : 'undecided'}; ledger.json says why.`;
  return (
    'No licence was chosen for these weights.\n\nUntil their maker chooses one, all rights are reserved: do not pass them on.\n' +
    `${allowed}\n\n${ledger.notice}\n`
  );
}

/** No licence has a longer text. */
const MOST_CHARACTERS = 200_000;

/** What is wrong with a LICENSE, given the licence that was chosen by the card and the ledger; null if nothing is. */
export function faultOfLicenceFile(text: string, licence: string | null, ledger: Ledger): string | null {
  const known = text.length <= MOST_CHARACTERS;
  if (licence === null) {
    if ([notChosenText(ledger, true), earlierNotChosenText(ledger)].includes(text)) return null;
    return `says something else than that no licence was chosen${known ? otherTextIn(text) : ''}`;
  }
  const isRight =
    licenceText(licence) === null ? text.startsWith(statementOf(licence)) : known && isTextOf(text, licence);
  return isRight ? null : `does not have the text of ${licence}${known ? otherTextIn(text) : ''}`;
}

function otherTextIn(text: string): string {
  const id = knownIds().find((known) => isTextOf(text, known));
  return id === undefined ? '' : `: it has the text of ${id}`;
}
