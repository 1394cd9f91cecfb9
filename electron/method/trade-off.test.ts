/** @file The frontier of gain and retention, and the mean of several runs. */
import { describe, expect, it } from 'vitest';
import { meanStanding, onFrontier, type Standing } from './trade-off.ts';

const at = (accuracy: number, retention: number | null, forward = 0): Standing => ({
  accuracy,
  retention,
  forward,
  reverse: forward / 2,
});

describe('the frontier', () => {
  it('holds every standing that no other beats in one respect without losing in the other', () => {
    const base = at(0.4, 0.5);
    expect(onFrontier([base, at(0.7, 0.45), at(0.7, 0.4), at(0.6, 0.44), at(0.8, 0.2)])).toEqual([
      true,
      true,
      false,
      false,
      true,
    ]);
    // Two that are equal beat neither each other nor themselves.
    expect(onFrontier([at(0.6, 0.5), at(0.6, 0.5)])).toEqual([true, true]);
  });

  it('takes the distance from the base where nothing else was measured, and leaves out who alone lacks a retention', () => {
    expect(onFrontier([at(0.4, null, 0), at(0.6, null, 2), at(0.6, null, 1), at(0.5, null, 3)])).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(onFrontier([at(0.4, 0.5), at(0.9, null)])).toEqual([true, false]);
  });
});

describe('the mean of standings', () => {
  it('has a retention only if all have one', () => {
    expect(meanStanding([at(0.5, 0.25, 2), at(0.75, 0.75, 4)])).toEqual(at(0.625, 0.5, 3));
    expect(meanStanding([at(0.5, 0.25), at(0.5, null)]).retention).toBeNull();
    expect(() => meanStanding([])).toThrow(RangeError);
  });
});
