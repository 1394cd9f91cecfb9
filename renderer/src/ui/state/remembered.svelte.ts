/** @file Small choices that persist after the page closes, kept in this browser or window. */

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>;

/** One of a few allowed words, stored under its own name. Ignores any other stored value. */
export class Remembered<Word extends string> {
  #value = $state() as Word;
  readonly #key: string;
  readonly #storage: Storage;

  constructor(name: string, words: readonly Word[], otherwise: Word, storage: Storage = localStorage) {
    this.#key = `atelier.${name}`;
    this.#storage = storage;
    const stored = storage.getItem(this.#key);
    this.#value = words.find((word) => word === stored) ?? otherwise;
  }

  get value(): Word {
    return this.#value;
  }

  choose(word: Word): void {
    this.#value = word;
    this.#storage.setItem(this.#key, word);
  }
}
