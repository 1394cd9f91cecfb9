/** @file A verdict of the ledger in one or two plain sentences that name what causes it. */
import type { LedgerReason } from './ledger-rules.ts';
import type { Purpose, PurposeVerdict } from './ledger.ts';

const PURPOSE_WORDS: Record<Purpose, string> = {
  'train-privately': 'train on them privately',
  'publish-non-commercially': 'publish the weights non-commercially',
  'publish-commercially': 'publish the weights commercially',
};

/** How many reasons a sentence names; the others are only counted. */
const NAMED = 2;

/** Whether a reason prevents something. Duties (R2) and the choice of a licence (R6) do not. */
export function prevents({ rule }: LedgerReason): boolean {
  return rule !== 'R2' && rule !== 'R6';
}

export function verdictSentence({ purpose, verdict, reasons }: PurposeVerdict): string {
  const what = PURPOSE_WORDS[purpose];
  const causes = reasons.filter(prevents);
  switch (verdict) {
    case 'allowed':
      return `You may ${what}. Nothing known prevents it.`;
    case 'allowed-with-duties':
      return `You may ${what}, with duties: ${reasons.map(({ text }) => text).join(' ')}`;
    case 'needs-decision':
      return `It is unknown whether you may ${what}, so you must decide. ${named(causes)}`;
    case 'blocked':
      return `You must not ${what}. ${named(causes)}`;
  }
}

function named(causes: readonly LedgerReason[]): string {
  const texts = [...new Set(causes.map(({ text }) => text))];
  const more = texts.length - NAMED;
  return `${texts.slice(0, NAMED).join(' ')}${more > 0 ? ` And ${more} more ${more === 1 ? 'reason' : 'reasons'}.` : ''}`;
}
