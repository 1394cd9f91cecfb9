/**
 * @file Which samples a step draws from several datasets mixed by weight. The datasets take turns so that after every draw
 * each has had its share to within one sample (the turn goes to the one that is furthest behind); within a dataset, epochs of
 * fresh permutations follow each other, as without a mixture. A draw depends on the seed and its place in the run alone, so a
 * resumed run draws what the uninterrupted one would have drawn.
 */
import { permutation, samplesOfStep, STREAM } from './random.ts';

export interface MixedSamples {
  /** The places of its samples in the job's list. */
  samples: readonly number[];
  weight: number;
}

/** The part of a recipe that says which samples its steps draw. */
export interface Drawing {
  seed: number;
  promptsPerStep: number;
  /** Absent = there is one dataset. */
  mixture?: readonly { weight: number }[] | undefined;
}

/**
 * @param parts of each sample of the job's list, the place of its dataset in the mixture
 * @returns what gives the indices of the samples of a step (1-based); it is fastest for one step after another
 */
export function stepSampler(
  { seed, promptsPerStep, mixture }: Drawing,
  parts: readonly number[],
): (step: number) => number[] {
  if (mixture === undefined) return (step) => samplesOfStep(step, promptsPerStep, parts.length, seed);
  const own: number[][] = mixture.map(() => []);
  parts.forEach((part, index) => own[part]?.push(index));
  if (own.some((samples) => samples.length === 0)) throw new Error('A dataset of the mixture has no samples.');
  const mixed = mixture.map(({ weight }, part) => ({ weight, samples: own[part] ?? [] }));
  return mixtureSampler(mixed, promptsPerStep, seed);
}

/** @returns what gives the indices of the samples of a step (1-based); it is fastest for one step after another */
export function mixtureSampler(
  parts: readonly MixedSamples[],
  perStep: number,
  seed: number,
): (step: number) => number[] {
  const sum = parts.reduce((total, { weight }) => total + weight, 0);
  let drawn = parts.map(() => 0);
  let next = 0;
  const orders = parts.map(() => ({ epoch: -1, order: [] as number[] }));

  const turn = (): number => {
    let best = 0;
    let most = -Infinity;
    parts.forEach(({ weight }, part) => {
      const behind = (weight / sum) * (next + 1) - (drawn[part] ?? 0);
      if (behind > most + TIE) [best, most] = [part, behind];
    });
    return best;
  };
  const sampleAt = (part: number, place: number): number => {
    const { samples } = parts[part] as MixedSamples;
    const count = samples.length;
    const kept = orders[part] as { epoch: number; order: number[] };
    const epoch = Math.floor(place / count);
    if (kept.epoch !== epoch) {
      kept.epoch = epoch;
      kept.order = permutation(count, seed, epoch, STREAM.order + part * PART_STREAMS);
    }
    return samples[kept.order[place % count] ?? 0] ?? 0;
  };
  return (step) => {
    const first = (step - 1) * perStep;
    if (first < next) {
      next = 0;
      drawn = parts.map(() => 0);
    }
    const chosen: number[] = [];
    while (next < first + perStep) {
      const part = turn();
      const place = drawn[part] ?? 0;
      if (next >= first) chosen.push(sampleAt(part, place));
      drawn[part] = place + 1;
      next++;
    }
    return chosen;
  };
}

/** Differences below this are rounding: the first dataset has the turn. */
const TIE = 1e-9;
/** Between the streams of random numbers of two datasets; STREAM's own are smaller. */
const PART_STREAMS = 16;
