import { describe, expect, it } from 'vitest';
import { mixtureSampler, stepSampler } from './mixture.ts';
import { samplesOfStep } from './random.ts';

/** 5 samples of one dataset, 3 of another, 4 of a third, interleaved in no particular way. */
const PARTS = [
  { samples: [0, 1, 2, 3, 4], weight: 2 },
  { samples: [5, 6, 7], weight: 1 },
  { samples: [8, 9, 10, 11], weight: 0.5 },
];

function partOf(sample: number): number {
  return PARTS.findIndex(({ samples }) => samples.includes(sample));
}

function draw(steps: number, perStep: number, seed = 7): number[][] {
  const sampler = mixtureSampler(PARTS, perStep, seed);
  return Array.from({ length: steps }, (_, step) => sampler(step + 1));
}

describe('samples of a mixture', () => {
  it('give every dataset its share, within one sample at every moment', () => {
    const drawn = [0, 0, 0];
    for (const [index, sample] of draw(140, 5).flat().entries()) {
      drawn[partOf(sample)]! += 1;
      for (const [part, { weight }] of PARTS.entries())
        expect(Math.abs(drawn[part]! - ((index + 1) * weight) / 3.5)).toBeLessThan(1);
    }
    expect(drawn).toEqual([400, 200, 100]);
  });

  it('draw every sample of a dataset once before any of it twice', () => {
    const all = draw(70, 5).flat();
    for (const [part, { samples }] of PARTS.entries()) {
      const own = all.filter((sample) => partOf(sample) === part);
      for (let start = 0; start + samples.length <= own.length; start += samples.length)
        expect(own.slice(start, start + samples.length).sort((a, b) => a - b)).toEqual(samples);
    }
  });

  it('depend on the step alone, so that a resumed run draws the same', () => {
    const whole = draw(40, 3);
    for (const from of [0, 1, 17, 33]) {
      const resumed = mixtureSampler(PARTS, 3, 7);
      for (let step = from; step < 40; step++) expect(resumed(step + 1)).toEqual(whole[step]);
    }
    const back = mixtureSampler(PARTS, 3, 7);
    back(30);
    expect(back(4)).toEqual(whole[3]);
    expect(draw(40, 3, 8)).not.toEqual(whole);
  });

  it('are found in the list of a job by the dataset that each of its samples is from', () => {
    const parts = [0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2];
    const drawing = { seed: 7, promptsPerStep: 3, mixture: PARTS };
    const sampler = stepSampler(drawing, parts);
    expect([1, 2, 3, 4].map(sampler)).toEqual(draw(4, 3));
    const alone = stepSampler({ seed: 7, promptsPerStep: 3 }, parts);
    expect([1, 9].map(alone)).toEqual([1, 9].map((step) => samplesOfStep(step, 3, parts.length, 7)));
    expect(() => stepSampler(drawing, [0, 0, 1])).toThrow('has no samples');
  });
});
