import { describe, expect, it } from 'vitest';
import { sweptPlaces } from './swept-axis.ts';

describe('the axis of a sweep', () => {
  it('is logarithmic where values span decades, with 0 one step before the smallest', () => {
    expect(sweptPlaces([0, 0.01, 0.1, 1, 10])).toEqual(
      [0, 0.25, 0.5, 0.75, 1].map((place): unknown => expect.closeTo(place)),
    );
    expect(sweptPlaces([0.01, 10])).toEqual([0, 1]);
  });

  it('is linear where they lie close together', () => {
    expect(sweptPlaces([0, 0.25, 0.5, 1])).toEqual([0, 0.25, 0.5, 1]);
    expect(sweptPlaces([0, 0.01, 0.05])).toEqual([0, expect.closeTo(0.2), 1]);
  });

  it('puts a single value in the middle', () => {
    expect(sweptPlaces([0.04])).toEqual([0.5]);
    expect(sweptPlaces([])).toEqual([]);
  });
});
