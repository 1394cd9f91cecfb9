/**
 * @file Quitting with a run at work: the run ends after the step in work with a checkpoint, the store is
 * closed, and then the app goes. It goes without them when they take too long.
 */

export interface QuitParts {
  /** Asks the run to stop with a checkpoint and closes the studio. */
  finish: () => Promise<void>;
  /** Leaves for good. */
  leave: () => void;
  timeoutMs: number;
}

/** Gives the listener for `before-quit`. */
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
