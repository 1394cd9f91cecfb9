/** @file Where a model looked while it wrote an answer, as a screen asks for it and shows it. */
import {
  resultOf,
  type Attention,
  type AttentionRequest,
  type Progress,
  type ResultEvent,
  type TokenAttention,
} from '../../../../electron/contract/api/index.ts';
import { wholeAnswer } from '../../../../electron/reporting/attention-shown.ts';
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
    return token === undefined ? wholeAnswer(tokens, attention) : tokens[token];
  });
}
