/** @file The samples you have marked in a long grid. */
import { SvelteSet } from 'svelte/reactivity';
import type { SampleId } from '../../../../electron/contract/api/index.ts';

export class Marks {
  readonly ids = new SvelteSet<SampleId>();
  #anchor: number | undefined;

  has(id: SampleId): boolean {
    return this.ids.has(id);
  }

  /** Marks or unmarks one sample; later ranges start here. */
  toggle(id: SampleId, index: number): void {
    if (!this.ids.delete(id)) this.ids.add(id);
    this.#anchor = index;
  }

  /** Marks everything from the last touched sample to this one, skipping those not yet loaded (no id from `at`). */
  extendTo(index: number, at: (index: number) => SampleId | undefined): void {
    const from = this.#anchor ?? index;
    for (let place = Math.min(from, index); place <= Math.max(from, index); place += 1) {
      const id = at(place);
      if (id !== undefined) this.ids.add(id);
    }
    this.#anchor = index;
  }

  clear(): void {
    this.ids.clear();
    this.#anchor = undefined;
  }
}
