/**
 * @file Rollout: prefill once per prompt, then decode the whole group token by token until every row has ended. Rows that
 * have ended leave the batch, half of it at a time (decode-stages.ts).
 */
import type { ModelConfig } from '../../../formats/model-config.ts';
import { MASKED } from '../../model/attention.ts';
import { floats, type FeedData, type FeedsOf, type Outputs, type Program } from '../../runtime/program.ts';
import { completionStarts, followingRotary, type BatchFeeds, type PreparedPrompt } from '../batch.ts';
import { cacheSources, decodeStages, placesToKeep, promptSources } from './decode-stages.ts';
import type { PolicyShape } from '../policy-program.ts';
import type { RolloutEntries } from './rollout-program.ts';

export interface RolloutRequest {
  prompts: readonly PreparedPrompt[];
  feeds: BatchFeeds;
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
  /** Per row: token ids, the end token included if it came. */
  tokens: number[][];
  /** Per row: log-prob of each token under the sampling policy. */
  logprobs: number[][];
  /** Per row: true if no end token came within the limit. */
  truncated: boolean[];
  /** [batch, vocabulary]: logits at the last prompt position. */
  promptLogits: Float32Array;
}

/** The batch is made smaller only if more tokens than this may still come: moving the caches costs about as much as a step. */
const WORTH_COMPACTING = 3;

/** On a GPU, so many tokens are drawn before the host looks at them: waiting for each would take about as long as a small model's token. */
const AHEAD = 4;

type DecodeEntry = RolloutEntries['decode'][number];
type StepFeeds = FeedsOf<DecodeEntry['inputs']>;

/** One call after another, each with the tokens that the one before has drawn. There is one alone unless the program can run several. */
async function inRow(
  program: Program,
  decode: DecodeEntry,
  feeds: readonly StepFeeds[],
): Promise<Outputs<'tokens' | 'logprobs'>[]> {
  const [only] = feeds;
  if (program.callInRow !== undefined && feeds.length > 1)
    return await program.callInRow(decode, feeds, { from: 'tokens', to: 'tokens' });
  return only === undefined ? [] : [await program.call(decode, only)];
}

export async function rollOut(
  program: Program,
  entries: RolloutEntries,
  request: RolloutRequest,
  config: ModelConfig,
): Promise<Rollout> {
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

  // The rows that are still computed, by their number in the whole batch.
  let stage = 0;
  let rows = Array.from({ length: total }, (_, row) => row);
  let { promptMask } = request.feeds;
  const uniforms = (position: number): Float32Array =>
    Float32Array.from(rows, (row) => (request.greedy ? 0 : Math.min(request.uniform(row, position), 0.99999994)));

  /** Continues with the next stage if the rows that have not ended fit into it. */
  async function compact(): Promise<boolean> {
    const [from, to, entry] = [stages[stage], stages[stage + 1], entries.compact[stage]];
    if (from === undefined || to === undefined || entry === undefined) return false;
    const alive = rows.map((row) => ended[row] === 0);
    const places = placesToKeep(alive, from, to, lanes);
    if (places === null) return false;
    stage++;
    const sources = cacheSources(places, from, to, config.numKeyValueHeads, lanes);
    const prompts = promptSources(places, from, to, lanes);
    await program.call(entry, to.batch === from.batch ? { sources } : { sources, prompts });
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

  // Programs without a repetition penalty have no such input. With one, each token depends on what the host knows of those before.
  const { seen: penalised } = entries.prefill.inputs;
  const ahead = program.callInRow === undefined || penalised !== undefined ? 1 : AHEAD;
  const marks = (): { seen?: Float32Array } =>
    penalised === undefined ? {} : { seen: seenTokens(rows, request, tokens, config.vocabSize) };

  /** What draws the token after `position`; the tokens themselves may come from the call before. */
  function stepFeeds(position: number): StepFeeds {
    const rotary = followingRotary(
      rows.map((row) => starts[row] ?? 0),
      [position],
      config,
    );
    return {
      tokens: drawn,
      cos: rotary.cos,
      sin: rotary.sin,
      slots: cacheSlots({ ...shape, ...stages[stage] }, config.numKeyValueHeads, position),
      ownMask: new Float32Array(shape.completionLength).fill(MASKED, position + 1),
      promptMask,
      uniform: uniforms(position + 1),
      greedy,
      ...marks(),
    };
  }

  /** Keeps what was drawn for the rows that have not ended. */
  function take(ids: Int32Array, drawnLogprobs: Float32Array): void {
    rows.forEach((row, place) => {
      if (ended[row] === 1) return;
      const token = ids[place] ?? request.padId;
      tokens[row]?.push(token);
      logprobs[row]?.push(drawnLogprobs[place] ?? 0);
      if (eosIds.includes(token)) ended[row] = 1;
    });
  }

  const first = await program.call(entries.prefill, { ...request.feeds, uniform: uniforms(0), greedy, ...marks() });
  let drawn = tokensIn(first.tokens);
  take(drawn, floats(first, 'logprobs'));
  for (let position = 0; ended.includes(0) && position + 1 < limit;) {
    if (limit - position > WORTH_COMPACTING) while (await compact());
    const decode = entries.decode[stage];
    if (decode === undefined) throw new Error(`There is no decode entry point for stage ${String(stage)}.`);
    const count = Math.min(ahead, limit - 1 - position);
    const feeds = Array.from({ length: count }, (_, at) => stepFeeds(position + at));
    for (const next of await inRow(program, decode, feeds)) {
      position += 1;
      drawn = tokensIn(next.tokens);
      take(drawn, floats(next, 'logprobs'));
    }
  }
  return {
    tokens,
    logprobs,
    truncated: tokens.map((row) => !eosIds.includes(row.at(-1) ?? -1)),
    promptLogits: floats(first, 'promptLogits'),
  };
}

/** [rows, vocabulary]: 1 for the tokens of each row's prompt, images included, and of its answer so far. */
function seenTokens(
  rows: readonly number[],
  { prompts, shape }: RolloutRequest,
  tokens: readonly (readonly number[])[],
  vocabSize: number,
): Float32Array {
  const seen = new Float32Array(rows.length * vocabSize);
  rows.forEach((row, place) => {
    const prompt = prompts[Math.floor(row / shape.groupSize)]?.inputIds ?? [];
    for (const id of prompt) seen[place * vocabSize + id] = 1;
    for (const id of tokens[row] ?? []) seen[place * vocabSize + id] = 1;
  });
  return seen;
}

function tokensIn(output: FeedData | undefined): Int32Array {
  if (!(output instanceof Int32Array)) throw new Error('The entry point gave no tokens.');
  return output;
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
