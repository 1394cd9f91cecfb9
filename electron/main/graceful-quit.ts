/**
 * @file Quitting during a run: the run finishes its current step and writes a checkpoint, the store is closed, and then
 * the app quits. If that takes too long, the app quits without waiting.
 */

export interface QuitParts {
  /** Asks the run to stop with a checkpoint and closes the studio. */
  finish: () => Promise<void>;
  /** Quits for good. */
  leave: () => void;
  timeoutMs: number;
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
      parts.leave();
    };
    const timer = setTimeout(leave, parts.timeoutMs);
    parts.finish().then(leave, leave);
  };
}
