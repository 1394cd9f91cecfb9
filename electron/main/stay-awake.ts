/** @file Keeps the computer from sleeping while a run is in progress, and only then. */
import type { PowerSaveBlocker } from 'electron';

export class StayAwake {
  readonly #blocker: PowerSaveBlocker;
  #id: number | null = null;

  constructor(blocker: PowerSaveBlocker) {
    this.#blocker = blocker;
  }

  /** The screen may turn off; this prevents only the computer from sleeping. */
  set(running: boolean): void {
    if (running && this.#id === null) this.#id = this.#blocker.start('prevent-app-suspension');
    if (!running && this.#id !== null) {
      this.#blocker.stop(this.#id);
      this.#id = null;
    }
  }
}
