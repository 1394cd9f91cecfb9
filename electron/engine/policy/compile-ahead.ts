/**
 * @file Compiles what a job will call before its first step, and says how far that is. On a GPU it takes seconds, in which a person would see
 * nothing happen.
 */
import type { Progress } from '../../contract/model/primitives.ts';
import type { Entry, Program } from '../runtime/program.ts';

const INTERVAL_MS = 250;

export async function compileAhead(
  program: Pick<Program, 'compile'>,
  entries: readonly Entry[],
  tell: (progress: Progress) => void,
): Promise<void> {
  if (program.compile === undefined) return;
  let told = -Infinity;
  await program.compile(entries, (done, total) => {
    const now = performance.now();
    if (done < total && now - told < INTERVAL_MS) return;
    told = now;
    tell({ phase: 'compile programs', done, total });
  });
}
