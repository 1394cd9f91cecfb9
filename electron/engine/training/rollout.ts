/** @file Rollout: prefill once per prompt, then decode the whole group token by token until every row has ended. */
import type { Qwen2VLConfig } from '../../formats/qwen2-vl-config.ts';
import { MASKED } from '../model/language.ts';
import type { Program } from '../runtime/program.ts';
import { completionStarts, followingRotary, type Feeds, type PreparedPrompt } from './batch.ts';
import type { PolicyShape } from './policy-program.ts';

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

/** Runs the entries `prefill` and `decode` of a program made by policy-program.ts. */
export function rollOut(program: Program, request: RolloutRequest, config: Qwen2VLConfig): Rollout {
  const { shape, eosIds } = request;
  const rows = shape.batch * shape.groupSize;
  const active = request.activeRows ?? rows;
  const limit = Math.min(request.maxNewTokens, shape.completionLength);
  const greedy = Float32Array.of(request.greedy ? 1 : 0);
  const uniforms = (position: number): Float32Array =>
    Float32Array.from({ length: rows }, (_, row) =>
      request.greedy ? 0 : Math.min(request.uniform(row, position), 0.99999994),
    );
  const tokens: number[][] = Array.from({ length: rows }, () => []);
  const logprobs: number[][] = Array.from({ length: rows }, () => []);
  const ended = new Uint8Array(rows).fill(1, active);
  const starts = completionStarts(request.prompts, shape.groupSize);
  let remaining = active;

  const first = program.call('prefill', { ...request.feeds, uniform: uniforms(0), greedy });
  let drawn = first['tokens'] as Int32Array;
  let drawnLogprobs = first['logprobs'] as Float32Array;
  for (let position = 0; ; position++) {
    for (let row = 0; row < rows; row++) {
      if (ended[row] === 1) continue;
      const token = drawn[row] ?? request.padId;
      tokens[row]?.push(token);
      logprobs[row]?.push(drawnLogprobs[row] ?? 0);
      if (eosIds.includes(token)) {
        ended[row] = 1;
        remaining--;
      }
    }
    if (remaining === 0 || position + 1 >= limit) break;
    const rotary = followingRotary(starts, [position], config);
    const ownMask = new Float32Array(shape.completionLength).fill(MASKED, position + 1);
    const next = program.call('decode', {
      tokens: drawn,
      cos: rotary.cos,
      sin: rotary.sin,
      slots: cacheSlots(shape, config.numKeyValueHeads, position),
      ownMask,
      promptMask: request.feeds['promptMask'] as Float32Array,
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
