/** @file The engine's share of the processor while something else wants it too. */
import { readdirSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';

/**
 * Puts this process behind the studio and its page, which need little but need it at once: frames would be late while weights are merged
 * or a step is computed. On an idle machine nothing changes.
 */
export function yieldToTheStudio(): void {
  const behind = constants.priority.PRIORITY_BELOW_NORMAL;
  for (const id of threads()) {
    try {
      // Whoever started the studio with a lower priority still has it.
      if (getPriority(id) < behind) setPriority(id, behind);
    } catch {
      // A thread that has ended, or a system that does not allow it.
    }
  }
}

/** On Linux each thread has a priority of its own, which threads that it starts later inherit. 0 is this process. */
function threads(): number[] {
  if (process.platform !== 'linux') return [0];
  return readdirSync('/proc/self/task').map(Number);
}
