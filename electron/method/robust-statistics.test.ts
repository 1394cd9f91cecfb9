/** @file Robust statistics, held to rliable and scipy (fixtures/generate.py). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  interquartileMean,
  performanceProfile,
  probabilityOfImprovement,
  profileBand,
  stratifiedInterval,
} from './robust-statistics.ts';

const { robust } = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'golden.json'), 'utf8')) as {
  robust: {
    first: number[][];
    second: number[][];
    thresholds: number[];
    iqm: [number, number];
    trimMean: number;
    iqmInterval: [number, number];
    probabilityOfImprovement: number;
    profile: number[];
    profileInterval: { low: number[]; high: number[] };
  };
};

it("gives rliable's interquartile mean, which is scipy's trimmed mean", () => {
  expect(interquartileMean(robust.first)).toBeCloseTo(robust.iqm[0], 12);
  expect(interquartileMean(robust.first)).toBeCloseTo(robust.trimMean, 12);
  expect(interquartileMean(robust.second)).toBeCloseTo(robust.iqm[1], 12);
  expect(() => interquartileMean([])).toThrow(RangeError);
});

it("gives rliable's interval by the stratified bootstrap, as far as drawings at random agree, and always the same", () => {
  const { low, high } = stratifiedInterval(robust.second);
  expect(Math.abs(low - robust.iqmInterval[0])).toBeLessThan(0.005);
  expect(Math.abs(high - robust.iqmInterval[1])).toBeLessThan(0.005);
  expect(stratifiedInterval(robust.second)).toEqual({ low, high });
});

it("gives rliable's probability of improvement, ties counting half", () => {
  expect(probabilityOfImprovement(robust.first, robust.second)).toBeCloseTo(robust.probabilityOfImprovement, 12);
  expect(probabilityOfImprovement([[1, 1]], [[1, 1]])).toBe(0.5);
});

it("gives rliable's performance profile with its band", () => {
  expect(performanceProfile(robust.first, robust.thresholds)).toEqual(robust.profile);
  // Of ten runs: a share moves in steps of a tenth, and drawings at random may end on the next one.
  for (const [at, { low, high }] of profileBand(robust.first, robust.thresholds).entries()) {
    expect(Math.abs(low - (robust.profileInterval.low[at] ?? NaN))).toBeLessThan(0.11);
    expect(Math.abs(high - (robust.profileInterval.high[at] ?? NaN))).toBeLessThan(0.11);
  }
});
