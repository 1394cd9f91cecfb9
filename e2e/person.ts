/**
 * @file A person at the keyboard: every key is counted, nothing is clicked, and the time is estimated by the keystroke-level
 * model (Card, Moran and Newell 1980). The machine's own time is not part of it: nobody has to sit there.
 */
import type { Locator, Page } from 'playwright-core';

/** Seconds for each act. A key: an average typist; a decision: the model's mental act. */
export const ACTS = {
  key: 0.28,
  decision: 1.35,
  /** To look at a picture and find its answer. The model has no such act; birds are counted in less. */
  look: 5,
} as const;

/** More keys in a row than anybody would press to get somewhere. */
const MOST_TABS = 90;

export class Person {
  keys = 0;
  decisions = 0;
  looks = 0;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** What all of it takes a person. */
  get seconds(): number {
    return this.keys * ACTS.key + this.decisions * ACTS.decision + this.looks * ACTS.look;
  }

  /** Presses a key, or several at once, such as `Control+Enter`. */
  async press(key: string): Promise<void> {
    this.keys += key.split('+').length;
    await this.#page.keyboard.press(key);
  }

  async type(text: string): Promise<void> {
    this.keys += text.length;
    await this.#page.keyboard.type(text);
  }

  /** Decides where to go, and presses Tab until it has the focus. */
  async tabTo(wanted: Locator): Promise<void> {
    this.decisions += 1;
    await wanted.waitFor();
    for (let presses = 0; presses < MOST_TABS; presses += 1) {
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
      await this.press('Tab');
    }
    throw new Error(`The Tab key does not reach ${String(wanted)}.`);
  }

  /** Looks at a picture and decides what its answer is. */
  look(): void {
    this.looks += 1;
    this.decisions += 1;
  }
}
