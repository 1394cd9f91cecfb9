/** @file Writing a run or an experiment as a job folder: where to, for which launcher, and what became of it. */
import type {
  Handoff,
  HandoffRequest,
  Launcher,
  Progress,
  ResultEvent,
} from '../../../../electron/contract/api/index.ts';
import { troubleOf, type Trouble } from '../../api/errors.ts';

/** What is handed off. */
export type HandoffSubject = Pick<HandoffRequest, 'recipe' | 'experiment' | 'experimentId'>;

export type HandoffCall = (
  request: HandoffRequest,
  signal: AbortSignal,
) => Promise<AsyncIterable<ResultEvent<Handoff>>>;

export class HandoffFlow {
  destination = $state('');
  launcher = $state<Launcher>('shell');
  withModel = $state(true);
  busy = $state(false);
  progress = $state.raw<Progress>();
  handoff = $state.raw<Handoff>();
  trouble = $state.raw<Trouble>();
  #cancel = new AbortController();
  readonly #create: HandoffCall;

  constructor(create: HandoffCall) {
    this.#create = create;
  }

  async run(subject: HandoffSubject): Promise<void> {
    const destination = this.destination.trim();
    if (destination === '' || this.busy) return;
    this.trouble = undefined;
    this.progress = undefined;
    this.#cancel = new AbortController();
    const { signal } = this.#cancel;
    this.busy = true;
    try {
      const model = this.withModel ? 'files' : 'reference';
      const request = { ...subject, destination, launcher: this.launcher, model } as const;
      for await (const event of await this.#create(request, signal)) {
        if (event.type === 'progress') this.progress = event.progress;
        else this.handoff = event.result;
      }
    } catch (error) {
      if (!signal.aborted) this.trouble = troubleOf(error);
    } finally {
      this.busy = false;
    }
  }

  /** Ends what is being written. Nothing of it is left behind. */
  cancel(): void {
    this.#cancel.abort();
  }
}
