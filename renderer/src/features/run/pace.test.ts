/** @file The remaining time is estimated from the last steps. */
import { describe, expect, it } from 'vitest';
import { activeSeconds, paceOf } from './pace.ts';
import { StepColumns } from './step-columns.ts';
import { stepOf, summaryOf } from './testing.ts';

describe('paceOf', () => {
  it('follows the last twenty steps and forgets a slow start', () => {
    const columns = new StepColumns();
    columns.append(stepOf(1, { secondsTotal: 500 }));
    for (let step = 2; step <= 21; step += 1) columns.append(stepOf(step, { secondsTotal: 3 }));
    expect(paceOf(summaryOf({ steps: 100 }), columns)).toEqual({ step: 21, secondsPerStep: 3, secondsLeft: 237 });
  });

  it('repeats the summary before the first step', () => {
    const pace = paceOf(summaryOf({ step: 4, secondsPerStep: 2, secondsLeft: 192 }), new StepColumns());
    expect(pace).toEqual({ step: 4, secondsPerStep: 2, secondsLeft: 192 });
  });
});

describe('activeSeconds', () => {
  const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
  const now = Date.UTC(2026, 0, 1, 5);

  it('leaves out the night between stop and resume', () => {
    const times = [
      { status: 'queued' as const, at: at(0) },
      { status: 'running' as const, at: at(1) },
      { status: 'running' as const, at: at(2) },
      { status: 'interrupted' as const, at: at(3) },
      { status: 'running' as const, at: at(200) },
      { status: 'completed' as const, at: at(204) },
      { status: 'completed' as const, at: at(205) },
    ];
    expect(activeSeconds(times, now)).toBe(6 * 60);
  });

  it('goes on to now while the run is at work, and is nothing before it began', () => {
    expect(activeSeconds([{ status: 'running', at: at(290) }], now)).toBe(10 * 60);
    expect(activeSeconds([{ status: 'queued', at: at(0) }], now)).toBeNull();
  });
});
