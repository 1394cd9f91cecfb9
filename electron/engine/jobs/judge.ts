/** @file The judge job: scores completions that already exist with a recipe's rewards. */
import type { JudgeJob } from '../../contract/engine/engine.ts';
import { openJudge } from '../rewards/judge.ts';

/** @returns `[completions][rewards]`, null where a reward has no opinion */
export async function judge({ rewards, items }: JudgeJob): Promise<(number | null)[][]> {
  const opened = await openJudge(rewards);
  try {
    return opened.score(items);
  } finally {
    opened.close();
  }
}
