/** @file The tour: its current step, and whether it has been seen. */
import { Remembered } from '../../ui/state/remembered.svelte.ts';

export const tourSteps = ['home', 'datasets', 'rewards', 'train', 'runs', 'verify'] as const;
export type TourStep = (typeof tourSteps)[number];

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>;

export class Tour {
  #at = $state<number>();
  readonly #seen: Remembered<'no' | 'yes'>;

  constructor(storage: Storage = localStorage) {
    this.#seen = new Remembered('tour', ['no', 'yes'], 'no', storage);
  }

  /** The displayed step; undefined while the tour is hidden. */
  get step(): TourStep | undefined {
    return this.#at === undefined ? undefined : tourSteps[this.#at];
  }

  /** Counts from 1. */
  get place(): number {
    return (this.#at ?? 0) + 1;
  }

  get isFirst(): boolean {
    return this.#at === 0;
  }

  get isLast(): boolean {
    return this.#at === tourSteps.length - 1;
  }

  start(): void {
    this.#at = 0;
  }

  /** Starts automatically once per browser or window. */
  offerTo(newcomer: boolean): void {
    if (newcomer && this.#seen.value === 'no' && this.#at === undefined) this.start();
  }

  next(): void {
    if (this.#at === undefined) return;
    if (this.isLast) this.end();
    else this.#at += 1;
  }

  back(): void {
    if (this.#at !== undefined && this.#at > 0) this.#at -= 1;
  }

  /** Ends the tour, which then does not start automatically again. */
  end(): void {
    this.#at = undefined;
    this.#seen.choose('yes');
  }
}
