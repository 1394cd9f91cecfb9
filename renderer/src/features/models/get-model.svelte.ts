/** @file Getting a model: what is offered, what one on the hub would take, its download, and what became of it. */
import type {
  CachedModel,
  HubOffer,
  ModelSummary,
  Progress,
  ResultEvent,
  SuggestedModel,
} from '../../../../electron/contract/api/index.ts';
import { troubleOf, type Trouble } from '../../api/errors.ts';

export interface GetModelCalls {
  suggest: (signal: AbortSignal) => Promise<AsyncIterable<SuggestedModel>>;
  cached: (signal: AbortSignal) => Promise<CachedModel[]>;
  offer: (request: { name: string; revision?: string }, signal: AbortSignal) => Promise<HubOffer>;
  download: (
    request: { name: string; revision: string },
    signal: AbortSignal,
  ) => Promise<AsyncIterable<ResultEvent<ModelSummary>>>;
  register: (path: string) => Promise<ModelSummary>;
}

export class GetModelFlow {
  suggested = $state.raw<SuggestedModel[]>([]);
  /** Whether more suggestions are on their way. */
  sizing = $state(false);
  cached = $state.raw<CachedModel[]>([]);
  name = $state('');
  revision = $state('');
  offer = $state.raw<HubOffer>();
  /** What is going on: asking the hub, downloading, or adding a folder. */
  busy = $state<'asking' | 'downloading' | 'adding'>();
  progress = $state.raw<Progress>();
  trouble = $state.raw<Trouble>();
  readonly #calls: GetModelCalls;
  readonly #onAdded: (model: ModelSummary) => Promise<void> | void;
  #cancel = new AbortController();
  readonly #left = new AbortController();

  constructor(calls: GetModelCalls, onAdded: (model: ModelSummary) => Promise<void> | void) {
    this.#calls = calls;
    this.#onAdded = onAdded;
  }

  /** Finds what can be offered. Neither list is needed to go on, so a failure of one shows beside the other. */
  async look(): Promise<void> {
    const { signal } = this.#left;
    this.sizing = true;
    const cached = this.#calls.cached(signal).then((found) => (this.cached = found));
    try {
      for await (const model of await this.#calls.suggest(signal)) this.suggested = [...this.suggested, model];
      await cached;
    } catch (error) {
      if (!signal.aborted) this.trouble = troubleOf(error);
    } finally {
      this.sizing = false;
    }
  }

  /** Asks the hub what the named model is and needs. */
  async ask(name = this.name): Promise<void> {
    this.name = name.trim();
    const revision = this.revision.trim();
    if (this.name === '') return;
    this.offer = undefined;
    await this.#work('asking', async (signal) => {
      this.offer = await this.#calls.offer({ name: this.name, ...(revision === '' ? {} : { revision }) }, signal);
    });
  }

  /** Fetches what was offered. */
  async download(): Promise<void> {
    const { offer } = this;
    if (offer === undefined) return;
    await this.#work('downloading', async (signal) => {
      let model: ModelSummary | undefined;
      for await (const event of await this.#calls.download({ name: offer.name, revision: offer.revision }, signal)) {
        if (event.type === 'progress') this.progress = event.progress;
        else model = event.result;
      }
      if (model !== undefined) await this.#onAdded(model);
    });
  }

  /** Adds a model that lies in the hub's cache. */
  async add(path: string): Promise<void> {
    await this.#work('adding', async () => {
      await this.#onAdded(await this.#calls.register(path));
    });
  }

  /** Back to the choice of a model. */
  back(): void {
    this.offer = undefined;
    this.trouble = undefined;
  }

  /** Stops what is going on. What has arrived of a model is kept. */
  cancel(): void {
    this.#cancel.abort();
  }

  /** Ends everything that this flow still waits for. */
  leave(): void {
    this.#left.abort();
    this.cancel();
  }

  async #work(what: NonNullable<GetModelFlow['busy']>, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (this.busy !== undefined) return;
    this.busy = what;
    this.trouble = undefined;
    this.progress = undefined;
    this.#cancel = new AbortController();
    const { signal } = this.#cancel;
    try {
      await work(signal);
    } catch (error) {
      if (!signal.aborted) this.trouble = troubleOf(error);
    } finally {
      this.busy = undefined;
      this.progress = undefined;
    }
  }
}
