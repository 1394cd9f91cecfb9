/**
 * @file Lets the camera through once, for a moment after the page says that a person pressed its button. At any other time
 * nobody gets it, and the microphone never.
 */

/** A person may be asked by the system first. */
const OPEN_MS = 30_000;

export class CameraGate {
  #until = -Infinity;
  #granted = true;
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  open(): void {
    this.#until = this.#now() + OPEN_MS;
    this.#granted = false;
  }

  /** Whether the page may know that it can have the camera. */
  get isOpen(): boolean {
    return this.#now() <= this.#until;
  }

  /** True once for each opening. */
  take(): boolean {
    const free = this.isOpen && !this.#granted;
    this.#granted = true;
    return free;
  }
}
