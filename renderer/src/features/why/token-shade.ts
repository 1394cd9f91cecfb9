/** @file How sure the model was of a token: as a share, as a shade, and compared with its alternatives. */
import type { TokenChoice } from '../../../../electron/contract/api/index.ts';

/** Strongest tint, in percent: text on it must stay readable in both themes. */
const DARKEST = 42;

/** A log-probability as a share from 0 to 1. */
export function likelihood(logprob: number): number {
  return Math.min(1, Math.exp(logprob));
}

/** Tint in percent: 0 if the model was sure, the darkest if the token was very unlikely. */
export function shadeOf(logprob: number): number {
  return Math.round((1 - likelihood(logprob)) * DARKEST);
}

/** The index of the token that the model was least sure of; 0 for an empty answer. */
export function leastSure(tokens: readonly TokenChoice[]): number {
  let least = 0;
  tokens.forEach(({ logprob }, index) => {
    if (logprob < (tokens[least]?.logprob ?? 0)) least = index;
  });
  return least;
}

export type PlaceRow = { id: number; text: string; share: number; chosen: boolean };

/**
 * The alternatives to a token, likeliest first. The token actually written is always among the rows,
 * even if it was not one of the likeliest; `rest` is the combined share of all tokens not listed.
 */
export function placeOf(token: TokenChoice): { rows: PlaceRow[]; rest: number } {
  const rows: PlaceRow[] = token.top.map(({ id, text, logprob }) => ({
    id,
    text,
    share: likelihood(logprob),
    chosen: id === token.id,
  }));
  if (!rows.some(({ chosen }) => chosen)) {
    rows.push({ id: token.id, text: token.text, share: likelihood(token.logprob), chosen: true });
  }
  const named = rows.reduce((sum, { share }) => sum + share, 0);
  return { rows, rest: Math.max(0, 1 - named) };
}
