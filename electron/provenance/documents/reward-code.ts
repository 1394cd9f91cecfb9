/**
 * @file The licence of your own reward code. Code only scores, so its licence does not affect the weights. But the recipe
 * contains its text, so sharing the recipe shares the code. The licence is read from the line that SPDX and REUSE
 * require: `SPDX-License-Identifier: …` in a comment.
 */
import type { RewardSpec } from '../../contract/model/rewards.ts';
import { rewardKey } from '../../contract/model/rewards.ts';
import { factsOf } from '../ledger/licence-facts.ts';
import type { LicenceFacts } from '../ledger/licence-facts.ts';

export interface RewardCode {
  name: string;
  /** As stated in the code; null if nothing is stated. */
  licence: string | null;
}

const TAG = /SPDX-License-Identifier:[ \t]*([^\r\n*]{1,200})/;

/** Copyleft licences for programs. They require the same licence on the text, which is shared unchanged. */
const PROGRAM_COPYLEFT =
  /^(?:A?GPL-[23]\.0|LGPL-(?:2\.[01]|3\.0))(?:-only|-or-later)?$|^MPL-(?:1\.1|2\.0)$|^EUPL-1\.[12]$/;

const COPYLEFT_CODE: LicenceFacts = {
  ids: [],
  name: 'Copyleft for programs',
  url: null,
  duties: ['licence-text'],
  copyleft: null,
  nonCommercial: false,
  noDerivatives: false,
  extraTerms: false,
  open: 'none',
  refuses: 'none',
  reading: 'Shared as source text under its own licence, with the text of that licence.',
};

/** The rewards of a recipe that are your own code, with the licence they state. Built-in rewards are Atelier's. */
export function rewardCodeOf(rewards: readonly RewardSpec[]): RewardCode[] {
  return rewards.flatMap((spec) =>
    spec.name === 'custom' ? [{ name: rewardKey(spec), licence: statedIn(spec.params.source) }] : [],
  );
}

function statedIn(source: string): string | null {
  const stated = TAG.exec(source)?.[1]
    ?.replace(/(?:-->|\*\/).*$/, '')
    .trim();
  return stated === undefined || stated === '' ? null : stated;
}

/** What a licence requires for code that is shared unchanged and is not part of the weights. */
export function codeFactsOf(id: string): LicenceFacts | undefined {
  if (PROGRAM_COPYLEFT.test(id)) return COPYLEFT_CODE;
  const facts = factsOf(id);
  if (facts === undefined) return undefined;
  // Unchanged copies are not derivatives, and share-alike does not affect what is merely shared alongside.
  return {
    ...facts,
    copyleft: null,
    noDerivatives: false,
    extraTerms: false,
    duties: facts.duties.filter((duty) => duty === 'credit' || duty === 'licence-text'),
  };
}
