/** @file Keeps the computer from sleeping while a run is at work, and only then. */
import type { PowerSaveBlocker } from 'electron';

export class StayAwake {
  readonly #blocker: PowerSaveBlocker;
  #id: number | null = null;

  constructor(blocker: PowerSaveBlocker) {
    this.#blocker = blocker;
  }

  /** The screen may go dark; only the sleep of the computer is put off. */
  set(running: boolean): void {
    if (running && this.#id === null) this.#id = this.#blocker.start('prevent-app-suspension');
    if (!running && this.#id !== null) {
      this.#blocker.stop(this.#id);
      this.#id = null;
    }
  }
}
