/** @file What was done last and can be taken back: one toast for the whole page. */
import { troubleOf } from '../../api/errors.ts';
import { messages } from '../../messages/en.ts';

/** How long it can be taken back by the toast. */
const shownMs = 12_000;

export class UndoOffer {
  text = $state<string>();
  busy = $state(false);
  canUndo = $state(false);
  #revert: (() => unknown) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Says what was done and how to take it back; the offer before is given up. `revert` may be a promise. */
  offer(text: string, revert: () => unknown): void {
    this.text = text;
    this.#revert = revert;
    this.canUndo = true;
    this.resume();
  }

  /** Says something without a way back. */
  tell(text: string): void {
    this.text = text;
    this.#revert = undefined;
    this.canUndo = false;
    this.resume();
  }

  /** Takes back what was done; a failure is said in the same place. */
  async undo(): Promise<void> {
    const revert = this.#revert;
    if (revert === undefined || this.busy) return;
    this.pause();
    this.busy = true;
    try {
      await revert();
      this.tell(messages.common.undone);
    } catch (error) {
      this.tell(troubleOf(error).message);
    } finally {
      this.busy = false;
    }
  }

  /** Holds the toast while somebody reads or points at it. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  resume(): void {
    this.pause();
    this.#timer = setTimeout(() => this.dismiss(), shownMs);
  }

  dismiss(): void {
    this.pause();
    this.text = undefined;
    this.#revert = undefined;
    this.canUndo = false;
  }
}

/** The page's one offer. */
export const undo = new UndoOffer();
