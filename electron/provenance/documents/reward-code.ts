/**
 * @file The licence of a person's own reward code. Code only scores, so its licence does not reach the weights; but the
 * recipe carries its text, and whoever passes the recipe on passes the code on. It is read from the line that
 * SPDX and REUSE ask for: `SPDX-License-Identifier: …` in a comment.
 */
import type { RewardSpec } from '../../contract/model/rewards.ts';
import { rewardKey } from '../../contract/model/rewards.ts';
import { factsOf } from '../ledger/licence-facts.ts';
import type { LicenceFacts } from '../ledger/licence-facts.ts';

export interface RewardCode {
  name: string;
  /** As stated in the code; null = nothing is stated. */
  licence: string | null;
}

const TAG = /SPDX-License-Identifier:[ \t]*([^\r\n*]{1,200})/;

/** Licences for programs that ask whoever passes the text on for the same licence on it. The text is passed on as it is. */
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
  reading: 'Passed on as source text under its own licence, with the text of that licence.',
};

/** The rewards of a recipe that are somebody's code, with the licence that it states. Built-in rewards are Atelier's. */
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

/** What a licence asks for code that is passed on unchanged and is no part of the weights. */
export function codeFactsOf(id: string): LicenceFacts | undefined {
  if (PROGRAM_COPYLEFT.test(id)) return COPYLEFT_CODE;
  const facts = factsOf(id);
  if (facts === undefined) return undefined;
  // Unchanged copies are no derivatives, and share-alike asks nothing of what is merely passed on beside them.
  return {
    ...facts,
    copyleft: null,
    noDerivatives: false,
    extraTerms: false,
    duties: facts.duties.filter((duty) => duty === 'credit' || duty === 'licence-text'),
  };
}
