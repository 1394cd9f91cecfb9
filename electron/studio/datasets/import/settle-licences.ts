/** @file Settles which licence counts where one picture is in an import under several of them. */
import { licenceInWords } from '../../../contract/model/stated-licence.ts';
import { makeSignal } from '../../../provenance/signals/make-signal.ts';
import { stateOf } from '../../../provenance/signals/read-image.ts';
import { strictestOf } from '../../../provenance/ledger/strictest.ts';
import { fillRights } from './rights.ts';
import { setStatement } from './settle.ts';
import type { Staging } from './staging.ts';

const PAGE = 500;
const NAMED = 3;

/** Gives every copy of such a picture the stricter licence, and says so with the images and in a warning. */
export async function settleLicences(staging: Staging): Promise<string[]> {
  const page: { position: number; licence: string | null }[] = [];
  for await (const row of staging.ready()) {
    page.push({ position: row.position, licence: fillRights(row.values, row.statement ?? undefined).licence });
    if (page.length >= PAGE) await staging.setLicences(page.splice(0));
  }
  await staging.setLicences(page);
  const conflicts = await staging.licenceConflicts();
  const settled = new Map<string, string>();
  for (const { pixels, stated, images } of conflicts) {
    const licence = strictestOf(stated.map((entry) => entry.licence));
    await staging.settleLicence(pixels, licence);
    const named = stated.map((entry) => `${licenceInWords(entry.licence)} (${entry.name})`).join(' and ');
    for (const sha256 of images)
      settled.set(
        sha256,
        `The same picture is in this dataset under ${named}. The stricter counts for every copy: ${licenceInWords(licence)}.`,
      );
  }
  if (settled.size === 0) return [];
  for await (const { sha256, statement } of staging.pictures()) {
    const says = settled.get(sha256);
    if (says === undefined) continue;
    const signal = makeSignal({
      kind: 'licence',
      value: 'unknown',
      scope: 'any',
      trust: 'unsigned',
      locator: 'dataset',
      raw: says,
      statement: says,
    });
    const before = statement ?? stateOf({ signals: [], facts: [] }, { signals: [], facts: [] });
    await setStatement(staging, sha256, { ...before, signals: [...before.signals, signal] });
  }
  const names = conflicts
    .slice(0, NAMED)
    .map(({ stated }) => stated.map((entry) => `${entry.name}: ${licenceInWords(entry.licence)}`).join(', '));
  const more = conflicts.length > NAMED ? ` and ${conflicts.length - NAMED} more` : '';
  const count = conflicts.length === 1 ? 'One picture is' : `${conflicts.length} pictures are`;
  return [
    `${count} here under several licences, and the stricter one counts for every copy (${names.join('; ')}${more}).`,
  ];
}
