/** @file "Ask the model first" in the background: it goes on while other screens are open, until it is done or stopped. */
import type { LabelItem, ProposeEvent, ProposeRequest, SheetId } from '../../../../electron/contract/api/index.ts';
import { troubleOf, type Trouble } from '../../api/errors.ts';

export type ProposeCall = (
  request: ProposeRequest,
  options: { signal: AbortSignal },
) => Promise<AsyncIterable<ProposeEvent>>;

export class Proposer {
  running = $state(false);
  done = $state(0);
  /** Undefined while the model is being loaded. */
  total = $state<number>();
  result = $state.raw<{ proposed: number; unreadable: number }>();
  trouble = $state.raw<Trouble>();
  /** Receives each picture with its proposal, while a table is open. */
  onItem: ((item: LabelItem) => void) | undefined;
  /** Called at the end, also after a stop. */
  onEnd: (() => void) | undefined;
  readonly #call: ProposeCall;
  #abort = new AbortController();

  constructor(call: ProposeCall) {
    this.#call = call;
  }

  async ask(request: ProposeRequest): Promise<void> {
    if (this.running) return;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.running = true;
    this.done = 0;
    this.total = undefined;
    this.result = undefined;
    this.trouble = undefined;
    try {
      for await (const event of await this.#call(request, { signal })) {
        if (event.type === 'item') {
          this.done += 1;
          this.onItem?.(event.item);
        } else if (event.type === 'done') this.result = { proposed: event.proposed, unreadable: event.unreadable };
        else if (event.progress.unit !== 'bytes') this.total = event.progress.total;
      }
    } catch (error) {
      // What came before a stop is kept, and is no trouble.
      if (!signal.aborted) this.trouble = troubleOf(error);
    } finally {
      this.running = false;
      this.onEnd?.();
    }
  }

  stop(): void {
    this.#abort.abort();
  }
}

// Never shown itself: only what it holds is.
// eslint-disable-next-line svelte/prefer-svelte-reactivity -- see above
const proposers = new Map<SheetId, Proposer>();

/** The one proposer of a sheet. */
export function proposerFor(sheetId: SheetId, call: ProposeCall): Proposer {
  const known = proposers.get(sheetId) ?? new Proposer(call);
  proposers.set(sheetId, known);
  return known;
}
