/** @file The samples you have marked in a long grid. */
import { SvelteSet } from 'svelte/reactivity';
import type { SampleId } from '../../../../electron/contract/api/index.ts';

export class Marks {
  readonly ids = new SvelteSet<SampleId>();
  #anchor: number | undefined;

  has(id: SampleId): boolean {
    return this.ids.has(id);
  }

  /** Marks one, or unmarks it; later rows of marks begin here. */
  toggle(id: SampleId, index: number): void {
    if (!this.ids.delete(id)) this.ids.add(id);
    this.#anchor = index;
  }

  /** Marks everything between the last touched one and this. Those that are not loaded yet (`at` gives none) stay. */
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
