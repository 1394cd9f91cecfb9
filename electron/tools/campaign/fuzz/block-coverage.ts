/** @file Which blocks of the program have run so far, as V8 counts them (a block is a function, a branch or a loop's body). */
import { Session, type Profiler } from 'node:inspector';

export interface BlockCoverage {
  /** How many blocks ran for the first time since the last call. */
  newBlocks(): number;
  /** All blocks that have run. */
  total(): number;
  stop(): void;
}

/** @param isCounted by a script's address; the code that makes the inputs, for one, would only disturb */
export function countBlocks(isCounted: (url: string) => boolean): BlockCoverage {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const seen = new Set<string>();
  return {
    newBlocks: () => {
      const before = seen.size;
      for (const script of taken(session)) {
        if (!isCounted(script.url)) continue;
        for (const { ranges } of script.functions)
          for (const { startOffset, endOffset, count } of ranges)
            if (count > 0) seen.add(`${script.scriptId} ${startOffset} ${endOffset}`);
      }
      return seen.size - before;
    },
    total: () => seen.size,
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
