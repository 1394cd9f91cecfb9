import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../contract/runs.ts';
import type { RunsClient } from './running-runs.ts';
import { hasRunAtWork, stopAllRuns } from './running-runs.ts';

/** Runs that go from running to interrupted some looks after they were asked to stop. */
function studio(statuses: Record<string, RunSummary['status']>, looksUntilStopped = 2) {
  const asked = new Map<string, number>();
  const client: RunsClient = {
    runs: {
      list: async () =>
        Object.entries(statuses).map(([id, status]) => {
          const looks = asked.get(id);
          if (looks !== undefined) asked.set(id, looks - 1);
          return { id, status: looks !== undefined && looks <= 0 ? 'interrupted' : status } as RunSummary;
        }),
      stop: async ({ runId }) => {
        if (statuses[runId] === 'queued') throw new Error('it has not begun');
        asked.set(runId, looksUntilStopped);
      },
    },
  };
  return { client, asked };
}

describe('runs at work', () => {
  it('are those that run or wait', async () => {
    expect(await hasRunAtWork(studio({ a: 'completed', b: 'running' }).client)).toBe(true);
    expect(await hasRunAtWork(studio({ a: 'completed', b: 'interrupted', c: 'failed' }).client)).toBe(false);
  });

  it('are asked to stop, and waited for', async () => {
    const { client, asked } = studio({ a: 'running', b: 'completed', c: 'running' });
    await stopAllRuns(client, 1);
    expect([...asked.keys()]).toEqual(['a', 'c']);
    expect(await hasRunAtWork(client)).toBe(false);
  });
});
