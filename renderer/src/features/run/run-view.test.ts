/** @file A view of a run: replays change nothing, bursts cost one redraw. */
import { describe, expect, it, vi } from 'vitest';
import { RunView } from './run-view.svelte.ts';
import { stepOf, summaryOf } from './testing.ts';

function withFrames() {
  const waiting: (() => void)[] = [];
  const view = new RunView((bump) => waiting.push(bump));
  return { view, waiting, frame: () => waiting.splice(0).forEach((bump) => bump()) };
}

const at = '2026-01-01T00:00:00.000Z';

describe('RunView', () => {
  it('shows a burst of steps with one redraw in the next frame', () => {
    const { view, waiting, frame } = withFrames();
    for (let step = 1; step <= 500; step += 1) view.apply({ seq: step, type: 'steps', steps: [stepOf(step)] });
    expect(waiting).toHaveLength(1);
    expect(view.version).toBe(0);
    frame();
    expect(view.version).toBe(1);
    expect(view.columns.length).toBe(500);
  });

  it('ignores what it has seen already', () => {
    const { view } = withFrames();
    view.apply({ seq: 1, type: 'steps', steps: [stepOf(1)] });
    view.apply({ seq: 2, type: 'steps', steps: [stepOf(2)] });
    view.apply({ seq: 1, type: 'steps', steps: [stepOf(1)] });
    expect(view.columns.length).toBe(2);
    expect(view.lastSeq).toBe(2);
  });

  it('shows the end of a replay, not every state on the way', () => {
    const { view, frame } = withFrames();
    view.apply({ seq: 1, type: 'status', at, summary: summaryOf({ status: 'queued' }) });
    view.apply({ seq: 2, type: 'status', at, summary: summaryOf({ status: 'running' }) });
    view.apply({ seq: 3, type: 'status', at, summary: summaryOf({ status: 'completed' }) });
    expect(view.summary).toBeUndefined();
    frame();
    expect(view.summary?.status).toBe('completed');
    expect(view.isActive).toBe(false);
  });

  it('takes a phase although it carries the number of the event before it, and drops it at the end', () => {
    const { view, frame } = withFrames();
    view.apply({ seq: 4, type: 'status', at, summary: summaryOf() });
    view.apply({ seq: 4, type: 'phase', progress: { phase: 'Loading model', done: 1 } });
    frame();
    expect(view.phase?.phase).toBe('Loading model');
    view.apply({ seq: 5, type: 'status', at, summary: summaryOf({ status: 'interrupted' }) });
    frame();
    expect(view.phase).toBeUndefined();
  });

  it('shows a stream of steps at most twice a second', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    vi.stubGlobal('requestAnimationFrame', (run: () => void) => setTimeout(run, 16));
    const view = new RunView();
    for (let seq = 1; seq <= 30; seq += 1) {
      view.apply({ seq, type: 'steps', steps: [stepOf(seq)] });
      vi.advanceTimersByTime(100);
    }
    expect(view.version).toBeGreaterThanOrEqual(5);
    expect(view.version).toBeLessThanOrEqual(7);
    vi.advanceTimersByTime(1000);
    expect(view.columns.lastStep).toBe(30);
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
});
