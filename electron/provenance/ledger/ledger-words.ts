/** @file A verdict of the ledger in one or two plain sentences that name what causes it. */
import type { LedgerReason } from './ledger-rules.ts';
import type { Purpose, PurposeVerdict } from './ledger.ts';

const PURPOSE_WORDS: Record<Purpose, string> = {
  'train-privately': 'train on them for yourself',
  'publish-non-commercially': 'publish the weights without commerce',
  'publish-commercially': 'publish the weights with commerce',
};

/** Reasons that a sentence names; the rest is counted. */
const NAMED = 2;

/** Duties and the choice of a licence do not stand against anything. */
export function standsAgainst({ rule }: LedgerReason): boolean {
  return rule !== 'R2' && rule !== 'R6';
}

export function verdictSentence({ purpose, verdict, reasons }: PurposeVerdict): string {
  const what = PURPOSE_WORDS[purpose];
  const causes = reasons.filter(standsAgainst);
  switch (verdict) {
    case 'allowed':
      return `You may ${what}; nothing that is known speaks against it.`;
    case 'allowed-with-duties':
      return `You may ${what}, with duties: ${reasons.map(({ text }) => text).join(' ')}`;
    case 'needs-decision':
      return `Whether you may ${what} is not known; a person must decide. ${named(causes)}`;
    case 'blocked':
      return `You must not ${what}. ${named(causes)}`;
  }
}

function named(causes: readonly LedgerReason[]): string {
  const texts = [...new Set(causes.map(({ text }) => text))];
  const more = texts.length - NAMED;
  return `${texts.slice(0, NAMED).join(' ')}${more > 0 ? ` And ${more} more ${more === 1 ? 'reason' : 'reasons'}.` : ''}`;
}
