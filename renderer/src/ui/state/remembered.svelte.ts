/** @file Small choices of a person that outlive the page: kept in this browser or window. */

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>;

/** One word out of a few, under a name of its own. What is stored and is none of them counts as nothing. */
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
