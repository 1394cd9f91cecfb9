/** @file The last action you can undo: one toast for the whole page. */
import { troubleOf } from '../../api/errors.ts';
import { messages } from '../../messages/index.ts';

/** How long the toast stays. */
const shownMs = 12_000;

export class UndoOffer {
  text = $state<string>();
  busy = $state(false);
  canUndo = $state(false);
  #revert: (() => unknown) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Shows what you did and offers to undo it, replacing the last offer. `revert` may return a promise. */
  offer(text: string, revert: () => unknown): void {
    this.text = text;
    this.#revert = revert;
    this.canUndo = true;
    this.resume();
  }

  /** Shows a message without an undo button. */
  tell(text: string): void {
    this.text = text;
    this.#revert = undefined;
    this.canUndo = false;
    this.resume();
  }

  /** Undoes the action; a failure is shown in the same place. */
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

  /** Keeps the toast open while it has focus or the pointer is over it. */
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

/** The page's only toast. */
export const undo = new UndoOffer();
