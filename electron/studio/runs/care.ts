/** @file Renames, tags, removes and restores runs, and tells the pages that watch them. */
import type { RunId } from '../../contract/model/primitives.ts';
import type { RunSummary, RunTag } from '../../contract/model/runs.ts';
import type { RunChange } from '../../store/runs/run-rows.ts';
import type { StudioContext } from '../context.ts';

type Parts = Pick<StudioContext, 'store' | 'bell'>;

export async function renameRun(studio: Parts, { runId, name }: { runId: RunId; name: string }): Promise<RunSummary> {
  return told(studio, await studio.store.runs.rename(runId, name));
}

export async function tagRun(studio: Parts, { runId, tags }: { runId: RunId; tags: RunTag[] }): Promise<RunSummary> {
  return told(studio, await studio.store.runs.setTags(runId, tags));
}

export async function removeRun(studio: Parts, runId: RunId): Promise<RunSummary> {
  return told(studio, await studio.store.runs.remove(runId));
}

export async function restoreRun(studio: Parts, runId: RunId): Promise<RunSummary> {
  return told(studio, await studio.store.runs.restore(runId));
}

function told({ bell }: Parts, { summary }: RunChange): RunSummary {
  bell.ring(summary.id);
  bell.ring('queue');
  return summary;
}
