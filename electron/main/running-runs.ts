/** @file Which runs are at work, and how to end them before the app goes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunSummary } from '../contract/runs.ts';

/** The part of the studio's client that is needed here. */
export interface RunsClient {
  runs: {
    list: () => Promise<RunSummary[]>;
    stop: (input: { runId: RunSummary['id'] }) => Promise<unknown>;
  };
}

function atWork(runs: readonly RunSummary[]): RunSummary[] {
  return runs.filter((run) => run.status === 'running' || run.status === 'queued');
}

/** True while any run is at work. */
export async function hasRunAtWork(client: RunsClient): Promise<boolean> {
  return atWork(await client.runs.list()).length > 0;
}

/**
 * Asks every run to end after the step in work, with a checkpoint, and waits until all have.
 * The caller limits the time; runs that are not done by then count as interrupted at the next start.
 */
export async function stopAllRuns(client: RunsClient, pollMs = 250): Promise<void> {
  const asked = atWork(await client.runs.list());
  await Promise.all(asked.map(({ id }) => client.runs.stop({ runId: id }).catch(() => undefined)));
  while (asked.length > 0 && (await hasRunAtWork(client))) await sleep(pollMs);
}
