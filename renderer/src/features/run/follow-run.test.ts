/** @file Reconnecting: from the last event, with growing pauses, but not if the studio rejects the request. */
import { ORPCError } from '@orpc/client';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../../electron/contract/api/index.ts';
import { followRun, type WatchRun } from './follow-run.ts';
import { RunView } from './run-view.svelte.ts';
import { runId, stepOf, summaryOf } from './testing.ts';

type Script = (RunEvent | Error)[];

/** Plays one script per connection and records the event from which each was asked to resume. */
function scripted(scripts: Script[]): { watch: WatchRun; asked: number[] } {
  const asked: number[] = [];
  const watch: WatchRun = async ({ after }) => {
    asked.push(after);
    const script = scripts.shift() ?? [];
    async function* play(): AsyncGenerator<RunEvent> {
      for (const entry of script) {
        if (entry instanceof Error) throw entry;
        yield entry;
      }
    }
    return play();
  };
  return { watch, asked };
}

const steps = (seq: number): RunEvent => ({ seq, type: 'steps', steps: [stepOf(seq)] });
const status = (seq: number, value: 'running' | 'completed'): RunEvent => ({
  seq,
  type: 'status',
  summary: summaryOf({ status: value }),
  at: '2026-01-01T00:00:00.000Z',
});
const dropped = new Error('AbortError: the socket is gone');
const atOnce = (bump: () => void): void => bump();

describe('followRun', () => {
  it('goes on from the last event after the connection dropped, and ends with the run', async () => {
    const { watch, asked } = scripted([
      [status(1, 'running'), steps(2), dropped],
      [steps(3), status(4, 'completed')],
    ]);
    const view = new RunView(atOnce);
    await followRun(watch, runId, view, new AbortController().signal, async () => undefined);
    expect(asked).toEqual([0, 2]);
    expect(view.columns.length).toBe(2);
    expect(view.watch).toBe('ended');
    expect(view.trouble).toBeUndefined();
  });

  it('waits longer with every failed try, and short again after a success', async () => {
    const { watch } = scripted([[dropped], [dropped], [status(1, 'running'), dropped], [status(2, 'completed')]]);
    const pauses: number[] = [];
    const view = new RunView(atOnce);
    await followRun(watch, runId, view, new AbortController().signal, async (ms) => void pauses.push(ms));
    expect(pauses).toEqual([500, 1000, 500]);
  });

  it('does not try again what the studio refuses', async () => {
    const refused = new ORPCError('NOT_FOUND', { message: 'There is no run with the id "x".' });
    const { watch, asked } = scripted([[refused]]);
    const view = new RunView(atOnce);
    await followRun(watch, runId, view, new AbortController().signal, async () => undefined);
    expect(asked).toEqual([0]);
    expect(view.trouble?.message).toBe('There is no run with the id "x".');
  });

  it('stops when the screen closes', async () => {
    const { watch, asked } = scripted([[dropped], [dropped]]);
    const abort = new AbortController();
    await followRun(watch, runId, new RunView(atOnce), abort.signal, async () => abort.abort());
    expect(asked).toEqual([0]);
  });
});
