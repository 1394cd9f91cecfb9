/** @file A licence that you type: an unread one is an error here, since it would silently count as unknown. */
import { AtelierError } from '../contract/errors/errors.ts';
import { readLicence } from '../provenance/documents/spdx.ts';

/**
 * The SPDX expression of a licence in any common spelling.
 * @throws AtelierError BAD_INPUT if it is not understood, or states nothing
 */
export function licenceGiven(text: string): string {
  const licence = readLicence(text);
  if (licence.kind === 'stated') return licence.expression;
  throw new AtelierError('BAD_INPUT', `Atelier does not know a licence called "${text}".`, {
    place: { field: 'licence' },
    remedy:
      'Write its SPDX id, its usual name or its address (CC-BY-4.0, "CC BY 4.0"), LicenseRef-… for your own terms, or leave it empty if it is unknown.',
  });
}
