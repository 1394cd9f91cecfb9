/** @file Licences for the weights: which ones the ledger allows, and why not the others. Atelier never chooses one. */
import { factsOf } from './licence-facts.ts';
import { bindingIds, has, isShareAlike, shareAlikeFamilies, unionOfDuties } from './licence-party.ts';
import type { Party, ShareAlike } from './licence-party.ts';
import type { LedgerReason, RuleId } from './ledger-rules.ts';

/** The licence under which share-alike work of a family must be published. */
export const OUTBOUND_OF: Record<ShareAlike, string> = {
  'CC-BY-SA': 'CC-BY-SA-4.0',
  'CC-BY-SA-1.0': 'CC-BY-SA-1.0',
  'CC-BY-NC-SA': 'CC-BY-NC-SA-4.0',
  'CC-BY-NC-SA-1.0': 'CC-BY-NC-SA-1.0',
};

/** Common licences for weights, the most permissive first. */
const USUAL = ['Apache-2.0', 'MIT', 'CC-BY-4.0', 'CC-BY-SA-4.0', 'CC-BY-NC-4.0', 'CC-BY-NC-SA-4.0', 'CC0-1.0'] as const;

export interface OutboundChoice {
  /** SPDX id or `LicenseRef-…`. */
  id: string;
  /** Empty if you may choose it. */
  against: LedgerReason[];
}

/** Ids of the allowed choices, in order. */
export function allowedIds(choices: readonly OutboundChoice[]): string[] {
  return choices.filter(({ against }) => against.length === 0).map(({ id }) => id);
}

/**
 * Every common licence, and those that the base model or the images demand, with the reasons against each.
 * @param impossible the reasons if publishing is not possible at all; null if it is
 */
export function outboundChoices(
  base: Party,
  images: readonly Party[],
  code: readonly Party[],
  impossible: readonly LedgerReason[] | null,
): OutboundChoice[] {
  const demanded = shareAlikeFamilies([base, ...images]).map((family) => OUTBOUND_OF[family]);
  const bound = [base, ...images].flatMap(bindingIds);
  const own = USUAL.filter((id) => base.ids.includes(id));
  const ids = [...new Set<string>([...bound, ...demanded, ...own, ...USUAL])];
  return ids.map((id) => ({
    id,
    against: impossible === null ? against(id, base, images, code) : impossible.filter(({ rule }) => rule !== 'R2'),
  }));
}

function against(id: string, base: Party, images: readonly Party[], code: readonly Party[]): LedgerReason[] {
  const reasons: LedgerReason[] = [];
  const parties = [base, ...images];
  const add = (rule: RuleId, text: string, because: readonly Party[]): void => {
    reasons.push({ rule, text, imageIds: [...new Set(because.flatMap(({ imageIds }) => imageIds))].sort() });
  };
  const facts = factsOf(id);
  const sharing = parties.filter((party) => has(party, ({ copyleft }) => isShareAlike(copyleft)));
  const demanded = shareAlikeFamilies(parties).map((family) => OUTBOUND_OF[family]);
  if (demanded.length > 0 && !demanded.includes(id)) {
    add('R6', `Share-alike work requires ${demanded.join(' and ')} for what is made from it.`, sharing);
  }
  const nonCommercial = parties.filter((party) => has(party, (terms) => terms.nonCommercial));
  if (nonCommercial.length > 0 && facts?.nonCommercial !== true) {
    add(
      'R3',
      `${id} lets everyone use the weights commercially, which the non-commercial work forbids.`,
      nonCommercial,
    );
  }
  for (const party of parties) {
    const unmet = bindingIds(party).filter((bound) => bound !== id);
    if (unmet.length === 0) continue;
    const whose = party.kind === 'base' ? "The base model's licence" : `The licence of ${party.label}`;
    add('R5', `${whose} (${unmet.join(' AND ')}) requires you to pass on its own terms.`, [party]);
  }
  if (id === 'CC0-1.0' && unionOfDuties([...parties, ...code]).length > 0) {
    const asking = parties.filter((party) => has(party, ({ duties }) => duties.length > 0));
    add(
      'R2',
      'CC0 waives all rights, including some that are not yours: the inputs require credit or notices.',
      asking,
    );
  }
  return reasons;
}
