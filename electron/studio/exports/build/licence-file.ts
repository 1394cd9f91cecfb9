/** @file A bundle's LICENSE: the text of the licence its maker chose, or a plain statement that none was chosen. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError } from '../../../contract/errors/errors.ts';
import { oneLine } from '../../../provenance/ledger/credits.ts';
import { urlOf } from '../../../provenance/ledger/licence-facts.ts';
import { verdictOf } from '../../../provenance/ledger/ledger.ts';
import type { Ledger } from '../../../provenance/ledger/ledger.ts';
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
          .join(' ')}`;
  throw new AtelierError('BAD_INPUT', `These weights cannot be published under "${oneLine(chosen)}": ${why}.`, {
    place: { field: 'licence' },
    remedy: 'Choose a licence from that list, or export without one.',
  });
}

/** The text of LICENSE. `year` and `holder` fill in the copyright line of licences that have one. */
export async function licenceFileText(
  licence: string | null,
  ledger: Ledger,
  options: { resourcesDir: string; year: number; holder: string },
): Promise<string> {
  if (licence === null) return notChosenText(ledger);
  const text = await licenceText(licence, options.resourcesDir);
  if (text === null) {
    return `These weights are published under ${licence}.\nIts text: ${urlOf(licence) ?? 'see the base model'}\n`;
  }
  return text.replaceAll('<year>', String(options.year)).replaceAll('<copyright holders>', oneLine(options.holder));
}

/** The text of a licence that ships with Atelier; null if it does not. */
export async function licenceText(id: string, resourcesDir: string): Promise<string | null> {
  if (!/^[A-Za-z0-9.+-]+$/.test(id)) return null;
  try {
    return await readFile(join(resourcesDir, 'licences', `${id}.txt`), 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw cause;
  }
}

function notChosenText(ledger: Ledger): string {
  const publish = verdictOf(ledger, 'publish-non-commercially');
  const allowed =
    ledger.outboundLicences.length > 0
      ? `The licences of the base model and the images allow these: ${ledger.outboundLicences.join(', ')}.`
      : `Under the licences of the base model and the images, publishing is ${publish.verdict === 'blocked' ? 'blocked' : 'undecided'}. ledger.json states why.`;
  return (
    'No licence was chosen for these weights.\n\nUntil their maker chooses one, all rights are reserved: do not share them.\n' +
    `${allowed}\n\n${ledger.notice}\n`
  );
}
