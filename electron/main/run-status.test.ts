import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../contract/model/runs.ts';
import { RunStatusIndicators } from './run-status.ts';

function desktop(watched = false) {
  const told = { progress: [] as (number | null)[], words: [] as string[] };
  const signals = new RunStatusIndicators({
    setProgress: (fraction) => told.progress.push(fraction),
    notify: ({ title }, runId) => told.words.push(`${runId}: ${title}`),
    isWatched: () => watched,
  });
  return { told, signals };
}

function run(status: RunSummary['status'], step = 0, id = 'run-1'): RunSummary {
  return { id, name: 'Counting', status, step, steps: 200, reason: null } as RunSummary;
}

describe('what the desktop is told of runs', () => {
  it('shows progress while a run is at work and takes it away at the end', () => {
    const { told, signals } = desktop();
    for (const step of [0, 50, 50, 100]) signals.observe([run('running', step)]);
    signals.observe([run('completed', 200)]);
    expect(told.progress).toEqual([0, 0.25, 0.5, null]);
  });

  it('says once that a run has ended, and nothing of runs that ended before', () => {
    const { told, signals } = desktop();
    signals.observe([run('failed', 3, 'old'), run('running', 10)]);
    expect(signals.hasActive).toBe(true);
    signals.observe([run('failed', 3, 'old'), run('completed', 200)]);
    signals.observe([run('failed', 3, 'old'), run('completed', 200)]);
    expect(told.words).toEqual(['run-1: Counting is done']);
    expect(signals.hasActive).toBe(false);
  });

  it.each([
    ['failed', 'Counting failed'],
    ['interrupted', 'Counting was interrupted'],
  ] as const)('says so when a run has %s', (status, title) => {
    const { told, signals } = desktop();
    signals.observe([run('running')]);
    signals.observe([run(status)]);
    expect(told.words).toEqual([`run-1: ${title}`]);
  });

  it('reports a run that began and ended between two looks, also a second time', () => {
    const { told, signals } = desktop();
    const ended = (endedAt: string): RunSummary => ({ ...run('completed', 200), endedAt });
    signals.observe([]);
    signals.observe([ended('2026-01-01T10:00:00Z')]);
    signals.observe([ended('2026-01-01T10:00:00Z')]);
    // It was resumed.
    signals.observe([ended('2026-01-01T10:00:05Z')]);
    expect(told.words).toEqual(['run-1: Counting is done', 'run-1: Counting is done']);
  });

  it('is quiet while somebody looks at the window', () => {
    const { told, signals } = desktop(true);
    signals.observe([run('running')]);
    signals.observe([run('completed', 200)]);
    expect(told.words).toEqual([]);
  });
});
