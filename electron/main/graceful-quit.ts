/**
 * @file Quitting during a run: the run finishes its current step and writes a checkpoint, the store is closed, and then
 * the app quits. If that takes too long, the app quits without waiting. If a page then keeps its window open, because it
 * hangs, the app ends without asking it.
 */

export interface QuitParts {
  /** Asks the run to stop with a checkpoint and closes the studio. */
  finish: () => Promise<void>;
  /** Quits for good. The windows close first, which their pages can delay. */
  leave: () => void;
  /** Ends the app with all its windows, asking nobody. */
  force: () => void;
  /** Calls the listener once all windows have closed. */
  onGone: (listener: () => void) => void;
  /** How long `finish` may take. */
  timeoutMs: number;
  /** How long the windows may take to close. */
  leaveMs: number;
}

/** Returns the listener for `before-quit`. */
export function gracefulQuit(parts: QuitParts): (event: { preventDefault: () => void }) => void {
  let state: 'open' | 'finishing' | 'done' = 'open';
  return (event) => {
    if (state === 'done') return;
    event.preventDefault();
    if (state === 'finishing') return;
    state = 'finishing';
    const leave = () => {
      if (state === 'done') return;
      state = 'done';
      clearTimeout(timer);
      const forcing = setTimeout(parts.force, parts.leaveMs);
      parts.onGone(() => clearTimeout(forcing));
      parts.leave();
    };
    const timer = setTimeout(leave, parts.timeoutMs);
    parts.finish().then(leave, leave);
  };
}
