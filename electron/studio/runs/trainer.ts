/** @file The handle on one run while this process works on it: how far it is, and the wish that it stop. */
import type { Progress, RunId } from '../../contract/model/primitives.ts';
import type { EngineClient } from '../engine-client/engine-client.ts';

export class RunControl {
  readonly runId: RunId;
  /** Fires for what can be dropped at once: an evaluation, or waiting for one's turn. */
  readonly abort = new AbortController();
  progress: Progress | null = null;
  stopRequested = false;
  /** True while the engine trains: then only the engine can stop, and writes a checkpoint first. */
  training = false;
  readonly #engine: EngineClient;
  #stopHeard = false;

  constructor(runId: RunId, engine: EngineClient) {
    this.runId = runId;
    this.#engine = engine;
  }

  /** Asks the run to end. In training it does so after the step in work; call again until the engine has heard. */
  async stop(): Promise<void> {
    this.stopRequested = true;
    if (!this.training) this.abort.abort();
    else if (!this.#stopHeard) {
      this.#stopHeard = true;
      // The engine may not have begun the job yet; then the next event of the job repeats the wish.
      this.#stopHeard = await this.#engine.stop().then(
        ({ stopping }) => stopping,
        () => false,
      );
    }
  }
}
