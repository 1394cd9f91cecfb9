/** @file A token is listed among its alternatives even if it was not one of the likeliest. */
import { describe, expect, it } from 'vitest';
import type { TokenChoice } from '../../../../electron/contract/api/index.ts';
import { leastSure, placeOf, shadeOf } from './token-shade.ts';

const token = (id: number, share: number): TokenChoice => ({
  id,
  text: String(id),
  special: false,
  logprob: Math.log(share),
  top: [
    { id: 1, text: '1', logprob: Math.log(0.6) },
    { id: 2, text: '2', logprob: Math.log(0.3) },
  ],
});

describe('placeOf', () => {
  it('marks the token that was written and leaves the rest to the others', () => {
    const { rows, rest } = placeOf(token(2, 0.3));
    expect(rows.map(({ id, chosen }) => [id, chosen])).toEqual([
      [1, false],
      [2, true],
    ]);
    expect(rest).toBeCloseTo(0.1, 12);
  });

  it('adds a token that was drawn against the odds', () => {
    const { rows, rest } = placeOf(token(9, 0.04));
    expect(rows.at(-1)).toMatchObject({ id: 9, chosen: true });
    expect(rest).toBeCloseTo(0.06, 12);
  });
});

describe('leastSure', () => {
  it('finds the token that surprised most', () => {
    expect(leastSure([token(1, 0.9), token(2, 0.2), token(3, 0.5)])).toBe(1);
    expect(leastSure([])).toBe(0);
  });
});

describe('shadeOf', () => {
  it('is nothing for a sure token and darkest for an impossible one', () => {
    expect(shadeOf(0)).toBe(0);
    expect(shadeOf(1e-7)).toBe(0); // a share rounded above 1 does not make the shade negative
    expect(shadeOf(-40)).toBe(42);
  });
});
