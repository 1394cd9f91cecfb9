/** @file Sending a job folder to a Ray cluster and following it there: what you filled in, and what has happened so far. */
import type { ClusterEvent, ClusterRequest, Handback } from '../../../../electron/contract/api/index.ts';
import { troubleOf, type Trouble } from '../../api/errors.ts';

export type ClusterCall = (request: ClusterRequest, signal: AbortSignal) => Promise<AsyncIterable<ClusterEvent>>;

type EventOf<Type extends ClusterEvent['type']> = Extract<ClusterEvent, { type: Type }>;

/** Of a long log, the end is kept. */
const MOST_LOG_CHARACTERS = 100_000;
const REMEMBERED = 'atelier.cluster';

export class ClusterFlow {
  address = $state('');
  storage = $state('');
  workersText = $state('1');
  gpus = $state(false);
  busy = $state(false);
  /** How the job came to be on the cluster; undefined until the cluster has answered. */
  start = $state.raw<EventOf<'submitted' | 'found'>>();
  warning = $state<string>();
  log = $state('');
  handback = $state.raw<Handback>();
  done = $state.raw<EventOf<'done'>>();
  /** You stopped following before the job had ended. */
  left = $state(false);
  trouble = $state.raw<Trouble>();
  readonly workers = $derived(wholeNumber(this.workersText));
  readonly ready = $derived(this.address.trim() !== '' && this.storage.trim() !== '' && this.workers !== undefined);
  #leave = new AbortController();
  readonly #submit: ClusterCall;
  readonly #kept: Pick<Storage, 'getItem' | 'setItem'>;

  /** @param kept where the last address and storage are remembered */
  constructor(submit: ClusterCall, kept: Pick<Storage, 'getItem' | 'setItem'> = localStorage) {
    this.#submit = submit;
    this.#kept = kept;
    const [address = '', storage = ''] = (kept.getItem(REMEMBERED) ?? '').split('\n');
    this.address = address;
    this.storage = storage;
  }

  /** Follows the job in the folder `path` until it has ended, or until you leave. */
  async run(path: string): Promise<void> {
    const { workers, gpus } = this;
    if (!this.ready || workers === undefined || this.busy) return;
    const [address, storage] = [this.address.trim(), this.storage.trim()];
    this.#kept.setItem(REMEMBERED, `${address}\n${storage}`);
    this.#forget();
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    this.busy = true;
    try {
      for await (const event of await this.#submit({ path, address, storage, workers, gpus }, signal))
        this.#take(event);
    } catch (error) {
      if (!signal.aborted) this.trouble = troubleOf(error);
    } finally {
      this.busy = false;
      this.left = signal.aborted && this.done === undefined;
    }
  }

  /** Ends the following; the job continues. */
  leave(): void {
    this.#leave.abort();
  }

  #forget(): void {
    this.start = undefined;
    this.warning = undefined;
    this.handback = undefined;
    this.done = undefined;
    this.trouble = undefined;
    this.log = '';
    this.left = false;
  }

  #take(event: ClusterEvent): void {
    switch (event.type) {
      case 'warning':
        this.warning = event.message;
        break;
      case 'submitted':
      case 'found':
        this.start = event;
        break;
      case 'log':
        this.log = `${this.log}${event.text}`.slice(-MOST_LOG_CHARACTERS);
        break;
      case 'returned':
        this.handback = event.handback;
        break;
      case 'done':
        this.done = event;
    }
  }
}

function wholeNumber(text: string): number | undefined {
  const number = Number(text.trim() === '' ? NaN : text);
  return Number.isSafeInteger(number) && number >= 1 ? number : undefined;
}
