/** @file Where a model looked while it wrote an answer, as a screen asks for it and shows it. */
import {
  resultOf,
  type Attention,
  type AttentionRequest,
  type Progress,
  type ResultEvent,
  type TokenAttention,
} from '../../../../electron/contract/api/index.ts';
import { troubleOf, type Trouble } from '../../api/errors.ts';

export type AttentionCall = (
  request: AttentionRequest,
  options: { signal: AbortSignal },
) => Promise<AsyncIterable<ResultEvent<Attention>>>;

/** One answer that is looked into. */
export class Look {
  attention = $state.raw<Attention>();
  trouble = $state.raw<Trouble>();
  busy = $state(false);
  progress = $state.raw<Progress>();
  /** The token that is shown; undefined = the whole answer. */
  token = $state<number>();
  /** Which layers, by their place among the bands. */
  band = $state(0);
  #running: AbortController | undefined;
  readonly #call: AttentionCall;

  constructor(call: AttentionCall) {
    this.#call = call;
  }

  async start(request: AttentionRequest): Promise<void> {
    this.stop();
    const running = new AbortController();
    this.#running = running;
    this.attention = undefined;
    this.trouble = undefined;
    this.progress = undefined;
    this.token = undefined;
    this.busy = true;
    try {
      const found = await resultOf(this.#call(request, { signal: running.signal }), (progress) => {
        if (!running.signal.aborted) this.progress = progress;
      });
      if (!running.signal.aborted) this.attention = found;
    } catch (error) {
      if (!running.signal.aborted) this.trouble = troubleOf(error);
    } finally {
      if (!running.signal.aborted) this.busy = false;
    }
  }

  /** Shows nothing: what was looked into is gone. */
  forget(): void {
    this.stop();
    this.attention = undefined;
    this.trouble = undefined;
    this.token = undefined;
  }

  stop(): void {
    this.#running?.abort();
    this.busy = false;
  }

  /** What is shown: a token's attention, or the mean over the tokens of the answer. */
  readonly shown: TokenAttention | undefined = $derived.by(() => {
    const { attention, token } = this;
    const tokens = (attention?.bands[this.band] ?? attention?.bands[0])?.tokens ?? [];
    return token === undefined ? meanOf(tokens, attention) : tokens[token];
  });
}

/** The mean over the tokens that are part of the text: the end token says nothing about it. */
function meanOf(tokens: readonly TokenAttention[], attention: Attention | undefined): TokenAttention | undefined {
  const written = tokens.filter((_, index) => attention?.tokens[index]?.special !== true);
  const all = written.length > 0 ? written : tokens;
  const [first] = all;
  if (first === undefined) return undefined;
  const mean = (of: (token: TokenAttention) => number): number =>
    all.reduce((sum, token) => sum + of(token), 0) / all.length;
  return {
    pictures: first.pictures.map((cells, picture) =>
      cells.map((_, cell) => mean((t) => t.pictures[picture]?.[cell] ?? 0)),
    ),
    picture: mean(({ picture }) => picture),
    prompt: mean(({ prompt }) => prompt),
    answer: mean(({ answer }) => answer),
  };
}

/** How bright each cell is, from 0 to 1: 1 where the model looked most, over all pictures. */
export function brightness(pictures: readonly (readonly number[])[]): number[][] {
  const most = Math.max(0, ...pictures.map((cells) => Math.max(0, ...cells)));
  // The square root keeps places visible that got a quarter of the most.
  return pictures.map((cells) => cells.map((value) => (most === 0 ? 0 : Math.sqrt(Math.max(0, value) / most))));
}

/** The cell with the most attention, from 1. */
export function brightest(cells: readonly number[], columns: number): { row: number; column: number } {
  let best = 0;
  cells.forEach((value, cell) => {
    if (value > (cells[best] ?? 0)) best = cell;
  });
  return { row: Math.floor(best / columns) + 1, column: (best % columns) + 1 };
}
