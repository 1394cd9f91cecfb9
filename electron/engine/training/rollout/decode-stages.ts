/**
 * @file Stages of decoding: a rollout begins with every row. Once enough rows have ended, it continues with half of them.
 * Each stage has fixed shapes, as a compiled graph needs, so there are few.
 */
import type { PolicyShape } from '../policy-program.ts';

/** Rows of one stage: `groupSize` of each of `batch` prompts, in the lanes of the whole batch. */
export interface DecodeStage {
  batch: number;
  groupSize: number;
}

/** With fewer rows, launching ops or reading the weights takes the time, and dropping rows saves nothing. */
const FEWEST_ROWS = 8;
/** Every stage is a graph of its own, which takes time to prepare and memory to keep. */
const MOST_STAGES = 3;

/**
 * The whole batch, then half of the answers to each prompt each time. With one answer per prompt, half of the prompts.
 * @param lanes into how many lanes the batch is divided; each keeps its own rows
 */
export function decodeStages({ batch, groupSize }: PolicyShape, lanes: number): DecodeStage[] {
  const stages: DecodeStage[] = [{ batch, groupSize }];
  while (stages.length < MOST_STAGES) {
    const last = stages.at(-1) as DecodeStage;
    const [whole, next] =
      groupSize > 1
        ? [last.groupSize, { batch, groupSize: last.groupSize / 2 }]
        : [last.batch / lanes, { batch: last.batch / 2, groupSize }];
    if (whole % 2 !== 0 || next.batch * next.groupSize < FEWEST_ROWS) break;
    stages.push(next);
  }
  return stages;
}

/**
 * The places of stage `from` that continue in stage `to`, in order: all that are alive, filled up with ended ones.
 * @param alive by place in `from`
 * @returns places, `to.batch · to.groupSize` of them; null if too many are alive
 */
export function placesToKeep(
  alive: readonly boolean[],
  from: DecodeStage,
  to: DecodeStage,
  lanes: number,
): number[] | null {
  // Rows are dropped within a prompt or within a lane, and each must keep the same number.
  const blocks = to.batch === from.batch ? from.batch : lanes;
  const size = alive.length / blocks;
  const keep = (to.batch * to.groupSize) / blocks;
  const kept: number[] = [];
  for (let block = 0; block < blocks; block++) {
    const places = Array.from({ length: size }, (_, i) => block * size + i);
    const living = places.filter((place) => alive[place]);
    if (living.length > keep) return null;
    const filled = [...living, ...places.filter((place) => !alive[place])].slice(0, keep);
    kept.push(...filled.sort((a, b) => a - b));
  }
  return kept;
}

/**
 * Where the caches of the kept places are: for each row of the smaller cache, the row of the lane's cache [B, K, G, …],
 * lane by lane.
 */
export function cacheSources(
  places: readonly number[],
  from: DecodeStage,
  to: DecodeStage,
  heads: number,
  lanes: number,
): Int32Array {
  const prompts = promptSources(places, from, to, lanes);
  const sources = new Int32Array(to.batch * heads * to.groupSize);
  for (let batch = 0; batch < to.batch; batch++) {
    for (let g = 0; g < to.groupSize; g++) {
      const place = places[batch * to.groupSize + g] ?? 0;
      for (let head = 0; head < heads; head++) {
        const source = ((prompts[batch] ?? 0) * heads + head) * from.groupSize + (place % from.groupSize);
        sources[(batch * heads + head) * to.groupSize + g] = source;
      }
    }
  }
  return sources;
}

/** The prompts of the kept places, by their number within their lane. @returns [to.batch] */
export function promptSources(
  places: readonly number[],
  from: DecodeStage,
  to: DecodeStage,
  lanes: number,
): Int32Array {
  return Int32Array.from(
    { length: to.batch },
    (_, batch) => Math.floor((places[batch * to.groupSize] ?? 0) / from.groupSize) % (from.batch / lanes),
  );
}
