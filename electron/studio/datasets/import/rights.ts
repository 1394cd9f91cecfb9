/** @file Fills a table's empty rights columns from the image's own metadata. */
import type { RightsSource } from '../../../contract/model/signals.ts';
import type { ImageStatement } from '../../../provenance/signals/read-image.ts';
import type { RowValues } from './row-values.ts';

export type FilledRights = {
  licence: string | null;
  licenceSource: RightsSource | null;
  authors: string[];
  authorsSource: RightsSource | null;
};

/** The table takes precedence, even if it has no licence expression; metadata only fills what the table left empty. */
export function fillRights(values: RowValues, said: ImageStatement | undefined): FilledRights {
  const { licence, authors, statesLicence } = values;
  const licenceFrom = licence !== null ? 'table' : statesLicence ? null : (said?.licence?.from ?? null);
  return {
    licence: statesLicence ? licence : (said?.licence?.id ?? null),
    licenceSource: licenceFrom,
    authors: authors.length > 0 ? authors : (said?.creators?.names ?? []),
    authorsSource: authors.length > 0 ? 'table' : (said?.creators?.from ?? null),
  };
}
