/**
 * @file Rollout: prefill once per prompt, then decode the whole group token by token until every row has ended. Rows that
 * have ended leave the batch, by halves (decode-stages.ts).
 */
import type { Qwen2VLConfig } from '../../../formats/qwen2-vl-config.ts';
import { MASKED } from '../../model/language.ts';
import type { Program } from '../../runtime/program.ts';
import { completionStarts, followingRotary, type Feeds, type PreparedPrompt } from '../batch.ts';
import { cacheSources, decodeStages, placesToKeep, promptSources } from './decode-stages.ts';
import type { PolicyShape } from '../policy-program.ts';
import { compactName, decodeName } from './rollout-program.ts';

export interface RolloutRequest {
  prompts: readonly PreparedPrompt[];
  /** promptFeeds and features of the batch. */
  feeds: Feeds;
  shape: PolicyShape;
  greedy: boolean;
  /** Uniform number in [0, 1) for (row, token position). */
  uniform: (row: number, position: number) => number;
  eosIds: readonly number[];
  padId: number;
  /** At most `shape.completionLength`. */
  maxNewTokens: number;
  /** Rows that only fill the batch are not waited for. */
  activeRows?: number;
  /** Into how many lanes the program divides the batch; absent = 1. */
  lanes?: number;
}

export interface Rollout {
  /** Per row: token ids, the end token included when it came. */
  tokens: number[][];
  /** Per row: log-prob of each token under the sampling policy. */
  logprobs: number[][];
  /** Per row: true when no end token came within the limit. */
  truncated: boolean[];
  /** [batch, vocabulary]: logits at the last prompt position. */
  promptLogits: Float32Array;
}

/**
 * A stage is left where at least so many tokens may still come: moving the caches costs about as much as a step.
 */
const WORTH_COMPACTING = 3;

/** Runs the entries of rollout-program.ts. */
export async function rollOut(program: Program, request: RolloutRequest, config: Qwen2VLConfig): Promise<Rollout> {
  const { shape, eosIds } = request;
  const total = shape.batch * shape.groupSize;
  const limit = Math.min(request.maxNewTokens, shape.completionLength);
  const greedy = Float32Array.of(request.greedy ? 1 : 0);
  const tokens: number[][] = Array.from({ length: total }, () => []);
  const logprobs: number[][] = Array.from({ length: total }, () => []);
  const ended = new Uint8Array(total).fill(1, request.activeRows ?? total);
  const starts = completionStarts(request.prompts, shape.groupSize);
  const lanes = request.lanes ?? 1;
  const stages = decodeStages(shape, lanes);

  // What is computed: rows by their number in the whole batch. Fewer as they end.
  let stage = 0;
  let rows = Array.from({ length: total }, (_, row) => row);
  let promptMask = request.feeds['promptMask'] as Float32Array;
  const uniforms = (position: number): Float32Array =>
    Float32Array.from(rows, (row) => (request.greedy ? 0 : Math.min(request.uniform(row, position), 0.99999994)));

  /** Goes on with the next stage, where the rows that have not ended fit into it. */
  async function compact(): Promise<boolean> {
    const [from, to] = [stages[stage], stages[stage + 1]];
    if (from === undefined || to === undefined) return false;
    const alive = rows.map((row) => ended[row] === 0);
    const places = placesToKeep(alive, from, to, lanes);
    if (places === null) return false;
    stage++;
    const sources = cacheSources(places, from, to, config.numKeyValueHeads, lanes);
    const prompts = promptSources(places, from, to, lanes);
    await program.call(compactName(stage), to.batch === from.batch ? { sources } : { sources, prompts });
    rows = places.map((place) => rows[place] as number);
    drawn = Int32Array.from(places, (place) => drawn[place] as number);
    if (to.batch < from.batch) {
      const kept = Array.from({ length: to.batch }, (_, prompt) =>
        Math.floor((places[prompt * to.groupSize] ?? 0) / from.groupSize),
      );
      promptMask = rowsOf(promptMask, kept, shape.promptLength);
    }
    return true;
  }

  const first = await program.call('prefill', { ...request.feeds, uniform: uniforms(0), greedy });
  let drawn = first['tokens'] as Int32Array;
  let drawnLogprobs = first['logprobs'] as Float32Array;
  for (let position = 0; ; position++) {
    rows.forEach((row, place) => {
      if (ended[row] === 1) return;
      const token = drawn[place] ?? request.padId;
      tokens[row]?.push(token);
      logprobs[row]?.push(drawnLogprobs[place] ?? 0);
      if (eosIds.includes(token)) ended[row] = 1;
    });
    if (ended.every((each) => each === 1) || position + 1 >= limit) break;
    if (limit - position > WORTH_COMPACTING) while (await compact());
    const stageShape = { ...shape, ...stages[stage] };
    const rotary = followingRotary(
      rows.map((row) => starts[row] ?? 0),
      [position],
      config,
    );
    const ownMask = new Float32Array(shape.completionLength).fill(MASKED, position + 1);
    const next = await program.call(decodeName(stage), {
      tokens: drawn,
      cos: rotary.cos,
      sin: rotary.sin,
      slots: cacheSlots(stageShape, config.numKeyValueHeads, position),
      ownMask,
      promptMask,
      uniform: uniforms(position + 1),
      greedy,
    });
    drawn = next['tokens'] as Int32Array;
    drawnLogprobs = next['logprobs'] as Float32Array;
  }
  return {
    tokens,
    logprobs,
    truncated: tokens.map((row) => !eosIds.includes(row.at(-1) ?? -1)),
    promptLogits: first['promptLogits'] as Float32Array,
  };
}

/** Row of each (prompt, head, completion) in a cache laid out [B, K, G, capacity], at `position`. */
function cacheSlots(shape: PolicyShape, heads: number, position: number): Int32Array {
  const n = shape.batch * heads * shape.groupSize;
  return Int32Array.from({ length: n }, (_, i) => i * shape.completionLength + position);
}

function rowsOf(values: Float32Array, rows: ArrayLike<number>, width: number): Float32Array {
  const chosen = new Float32Array(rows.length * width);
  Array.from(rows).forEach((row, index) => chosen.set(values.subarray(row * width, (row + 1) * width), index * width));
  return chosen;
}
