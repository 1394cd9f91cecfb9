/** @file How much of the program's code has run so far, as V8 counts its blocks (a function, a branch, a loop's body). */
import { Session, type Profiler } from 'node:inspector';

export interface BlockCoverage {
  /** Characters of code that ran for the first time since the last call. */
  newlyReached(): number;
  /** All characters of code that have run. */
  reached(): number;
  stop(): void;
}

/** @param isCounted by a script's address; the code that makes the inputs, for one, would only disturb */
export function countBlocks(isCounted: (url: string) => boolean): BlockCoverage {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  /**
   * By function, a 1 for each of its characters that has run. Not by block: V8 joins blocks that ran equally often, so
   * the same code comes in other blocks each time.
   */
  const seen = new Map<string, Uint8Array>();
  let reached = 0;
  const note = (script: string, { ranges }: Profiler.FunctionCoverage): void => {
    const [whole] = ranges;
    if (whole === undefined || whole.count === 0) return;
    const { startOffset: from, endOffset: to } = whole;
    const key = `${script} ${from} ${to}`;
    const before = seen.get(key) ?? new Uint8Array(to - from);
    seen.set(key, before);
    const now = new Uint8Array(to - from);
    // Inner blocks come after the ones around them.
    for (const { startOffset, endOffset, count } of ranges)
      now.fill(count > 0 ? 1 : 0, startOffset - from, endOffset - from);
    for (const [at, ran] of now.entries()) {
      if (ran === 0 || before[at] === 1) continue;
      before[at] = 1;
      reached += 1;
    }
  };
  return {
    newlyReached: () => {
      const before = reached;
      for (const { scriptId, url, functions } of taken(session))
        if (isCounted(url)) for (const each of functions) note(scriptId, each);
      return reached - before;
    },
    reached: () => reached,
    stop: () => session.disconnect(),
  };
}

/** A session of the own thread answers at once. */
function taken(session: Session): Profiler.ScriptCoverage[] {
  let found: Profiler.ScriptCoverage[] = [];
  session.post('Profiler.takePreciseCoverage', (error, { result }) => {
    if (error !== null) throw error;
    found = result;
  });
  return found;
}
