import { expect, it } from 'vitest';
import type { QueueEntry, RunId } from '../../../electron/contract/api/index.ts';
import { WorkSignals } from './work-signals.svelte.ts';

function entry(id: string, change: Partial<QueueEntry> = {}): QueueEntry {
  return {
    id,
    kind: 'run',
    status: 'working',
    position: 0,
    held: false,
    runId: id as RunId,
    progress: null,
    ...change,
  } as QueueEntry;
}

function progress(done: number, total: number): Pick<QueueEntry, 'progress'> {
  return { progress: { done, total } as QueueEntry['progress'] };
}

it('shows how far the entry in progress is, and nothing without one', () => {
  const signals = new WorkSignals(() => undefined);
  const seen = [
    [],
    [entry('a', { status: 'waiting', ...progress(3, 4) })],
    [entry('a')],
    [entry('a', progress(1, 3))],
    [entry('a', progress(0, 0))],
    [entry('a', progress(3, 3)), entry('b', { status: 'waiting' })],
    [],
  ].map((entries) => {
    signals.observe(entries);
    return signals.percent;
  });
  expect(seen).toEqual([null, null, null, 33, null, 100, null]);
});

it('tells of each run once that it has ended, and of nothing else', () => {
  const ended: string[] = [];
  const signals = new WorkSignals((runId) => ended.push(runId));
  signals.observe([entry('a'), entry('waits', { status: 'waiting' })]);
  signals.observe([entry('b'), entry('e', { kind: 'evaluation' })]);
  signals.observe([]);
  signals.observe([]);
  expect(ended).toEqual(['a', 'b']);
});

it('does not take a lost connection for the end of a run', () => {
  const ended: string[] = [];
  const signals = new WorkSignals((runId) => ended.push(runId));
  signals.observe([entry('a', progress(1, 2))]);
  signals.forget();
  expect([signals.percent, ended]).toEqual([null, []]);
  signals.observe([entry('a', progress(1, 2))]);
  expect([signals.percent, ended]).toEqual([50, []]);
});
