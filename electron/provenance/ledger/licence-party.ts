/** @file A party is anything whose terms count in the ledger: the base model, an adapter that training began with, images of one licence, or
 * reward code. */
import { NOT_STATED, NOT_UNDERSTOOD, wordsOfId } from '../../contract/model/stated-licence.ts';
import { compareCodePoints } from '../signing/canonical-json.ts';
import { DUTY_TEXT, factsOf } from './licence-facts.ts';
import type { Copyleft, Duty, LicenceFacts } from './licence-facts.ts';
import { readLicence } from '../documents/spdx.ts';

export interface Party {
  label: string;
  kind: 'base' | 'adapter' | 'images' | 'code';
  expression: string | null;
  ids: string[];
  imageIds: string[];
  optedOut: boolean;
  fault: string | null;
  facts: LicenceFacts[];
}

export type ShareAlike = Exclude<Copyleft, 'database'>;

/** The ways to satisfy one stated licence; a single way with a fault if it cannot be read. */
export function partiesFor(
  common: Pick<Party, 'label' | 'kind' | 'expression' | 'imageIds' | 'optedOut'>,
  factsFor: (id: string) => LicenceFacts | undefined = factsOf,
): Party[] {
  const statement = readLicence(common.expression);
  if (statement.kind === 'none') return [{ ...common, ids: [], facts: [], fault: 'no licence is known' }];
  if (statement.kind === 'unreadable') {
    return [{ ...common, ids: [], facts: [], fault: `"${statement.text}" is not a licence that Atelier understands` }];
  }
  return statement.alternatives.map((ids) => {
    const unknown = ids.filter((id) => factsFor(id) === undefined);
    return {
      ...common,
      ids,
      facts: ids.flatMap((id) => factsFor(id) ?? []),
      fault: faultOf(unknown),
    };
  });
}

function faultOf(unknown: readonly string[]): string | null {
  if (unknown.length === 0) return null;
  const stated = unknown.filter((id) => id.startsWith(NOT_UNDERSTOOD));
  const named = unknown.filter((id) => id !== NOT_STATED && !stated.includes(id));
  const missing = unknown.includes(NOT_STATED) ? ['the licence of a work in it is not stated'] : [];
  const notUnderstood = stated.map(
    (id) => `the stated terms “${wordsOfId(id)}” are not understood, so read them yourself`,
  );
  const unread =
    named.length === 0
      ? []
      : [`Atelier has not read ${named.join(' and ')}, so read what it says about training and sharing`];
  return [...missing, ...notUnderstood, ...unread].join('; ');
}

/** The ids of a party's licence that bind everyone who receives the result to terms of their own. */
export function bindingIds(party: Party): string[] {
  return party.ids.filter((id) => factsOf(id)?.extraTerms === true);
}

export function has(party: Party, test: (facts: LicenceFacts) => boolean): boolean {
  return party.facts.some(test);
}

export function isShareAlike(copyleft: Copyleft | null): copyleft is ShareAlike {
  return copyleft !== null && copyleft !== 'database';
}

/** Families of share-alike licences among the parties, sorted. */
export function shareAlikeFamilies(parties: readonly Party[]): ShareAlike[] {
  const found = parties.flatMap((party) => party.facts.map((facts) => facts.copyleft)).filter(isShareAlike);
  return [...new Set(found)].sort();
}

export function countImages(parties: readonly Party[]): number {
  return parties.reduce((sum, party) => sum + party.imageIds.length, 0);
}

/** All duties, with the licences that require them. */
export function unionOfDuties(parties: readonly Party[]): { duty: Duty; text: string; because: string[] }[] {
  const because = new Map<Duty, Set<string>>();
  for (const party of parties) {
    for (const [index, facts] of party.facts.entries()) {
      for (const duty of facts.duties) {
        const ids = because.get(duty) ?? new Set<string>();
        ids.add(party.ids[index] ?? facts.name);
        because.set(duty, ids);
      }
    }
  }
  return [...because.entries()]
    .sort(([a], [b]) => compareCodePoints(a, b))
    .map(([duty, ids]) => ({ duty, text: DUTY_TEXT[duty], because: [...ids].sort(compareCodePoints) }));
}

/** The party's name at the start of a sentence. */
export function sentenceStart(party: Party): string {
  return party.label.charAt(0).toUpperCase() + party.label.slice(1);
}
