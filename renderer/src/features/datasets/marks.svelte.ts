/** @file The samples you have marked in a long grid, tile by tile; a tile may stand for several. */
import { SvelteSet } from 'svelte/reactivity';
import type { SampleId } from '../../../../electron/contract/api/index.ts';

export class Marks {
  readonly ids = new SvelteSet<SampleId>();
  #anchor: number | undefined;

  /** Whether all samples of a tile are marked. */
  has(tile: readonly SampleId[]): boolean {
    return tile.length > 0 && tile.every((id) => this.ids.has(id));
  }

  /** Marks or unmarks one tile; later ranges start here. */
  toggle(tile: readonly SampleId[], index: number): void {
    const isMarked = this.has(tile);
    for (const id of tile) {
      if (isMarked) this.ids.delete(id);
      else this.ids.add(id);
    }
    this.#anchor = index;
  }

  /** Marks everything from the last touched tile to this one, skipping those not yet loaded (none from `at`). */
  extendTo(index: number, at: (index: number) => readonly SampleId[] | undefined): void {
    const from = this.#anchor ?? index;
    for (let place = Math.min(from, index); place <= Math.max(from, index); place += 1)
      for (const id of at(place) ?? []) this.ids.add(id);
    this.#anchor = index;
  }

  clear(): void {
    this.ids.clear();
    this.#anchor = undefined;
  }
}
