/** @file Time left from the last steps. */
import { describe, expect, it } from 'vitest';
import { paceOf } from './pace.ts';
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
