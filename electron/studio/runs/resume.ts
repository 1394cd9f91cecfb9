/** @file Going on with an interrupted run from its last checkpoint, bit for bit as if it had never stopped. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError } from '../../contract/errors.ts';
import type { RunId } from '../../contract/primitives.ts';
import type { RunSummary } from '../../contract/runs.ts';
import type { StudioContext } from '../context.ts';
import { checkRewardVersions } from '../recipes/check-rewards.ts';

/** @throws AtelierError CONFLICT where another run trains or a reward's code has changed, NOT_FOUND where the checkpoint's folder is gone */
export async function resumeRun(studio: StudioContext, { runId }: { runId: RunId }): Promise<RunSummary> {
  const { runs } = studio.store;
  await runs.interruptOrphans();
  const summary = await runs.summary(runId);
  const other = (await runs.list()).find(
    (run) => run.id !== runId && (run.status === 'running' || run.status === 'queued'),
  );
  if (other !== undefined && summary.status !== 'running') {
    throw new AtelierError(
      'CONFLICT',
      `The run "${other.name}" (${other.id}) is ${other.status}; one run trains at a time.`,
      {
        remedy: `Wait until it has ended, or stop it with \`atelier stop ${other.id}\`, and resume then.`,
      },
    );
  }
  const checkpoint = await runs.lastCheckpoint(runId);
  if (checkpoint !== null && !(await isFolder(checkpoint.path))) {
    throw new AtelierError('NOT_FOUND', `The checkpoint of step ${checkpoint.step} is missing: ${checkpoint.path}.`, {
      place: { file: checkpoint.path },
      remedy: 'Put the folder back from a copy, or start a new run.',
    });
  }
  checkRewardVersions((await runs.recipeOf(runId)).recipe.rewards);
  const resumed = await runs.resume(runId);
  await removeLaterCheckpoints(join(studio.store.runFolder(runId), 'checkpoints'), resumed.checkpoint?.step ?? 0);
  studio.runs.goOn(runId);
  return resumed.summary;
}

/** Folders that were written but not recorded any more would stand in the way of the steps that come again. */
async function removeLaterCheckpoints(root: string, step: number): Promise<void> {
  const names = await readdir(root).catch(() => []);
  for (const name of names) {
    const written = /^step-(\d+)$/.exec(name)?.[1];
    if (written !== undefined && Number(written) > step) await rm(join(root, name), { recursive: true, force: true });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
