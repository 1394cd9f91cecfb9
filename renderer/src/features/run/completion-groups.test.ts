/** @file The answers of a step: best first, cached, and never blank in between. */
import { describe, expect, it } from 'vitest';
import type { CompletionGroup, DatasetId, SampleId } from '../../../../electron/contract/api/index.ts';
import { CompletionGroups, isZeroVariance } from './completion-groups.svelte.ts';
import { completionOf } from './testing.ts';

const group = (step: number): CompletionGroup => ({
  step,
  sampleId: 'sample-1' as SampleId,
  datasetId: 'dataset-1' as DatasetId,
  prompt: 'How many?',
  answer: '3',
  completions: [completionOf(0, 0, -1), completionOf(1, 1, 1), completionOf(2, 0, -1)],
});

describe('CompletionGroups', () => {
  it('sorts a group by advantage and keeps the order of equals', async () => {
    const answers = new CompletionGroups(async (step) => [group(step)]);
    await answers.show(4);
    expect(answers.groups?.[0]?.completions.map((completion) => completion.index)).toEqual([1, 0, 2]);
  });

  it('asks once for a step with answers, again for one without', async () => {
    const asked: number[] = [];
    const answers = new CompletionGroups(async (step) => {
      asked.push(step);
      return step === 1 ? [group(1)] : [];
    });
    for (const step of [1, 2, 1, 2]) await answers.show(step);
    expect(asked).toEqual([1, 2, 2]);
  });

  it('fetches one step at a time, and of those asked for meanwhile only the last', async () => {
    const asked: number[] = [];
    const waiting: (() => void)[] = [];
    const answers = new CompletionGroups((step) => {
      asked.push(step);
      return new Promise((resolve) => waiting.push(() => resolve([group(step)])));
    });
    const all = [1, 2, 3, 4].map((step) => answers.show(step));
    expect(asked).toEqual([1]);
    waiting[0]?.();
    await Promise.resolve().then(() => new Promise((resolve) => setTimeout(resolve)));
    expect([answers.shownStep, asked]).toEqual([1, [1, 4]]);
    waiting[1]?.();
    await Promise.all(all);
    expect(answers.shownStep).toBe(4);
  });

  it('leaves a step that is at hand in view, whatever was on its way', async () => {
    const waiting: (() => void)[] = [];
    const answers = new CompletionGroups(
      (step) => new Promise((resolve) => waiting.push(() => resolve([group(step)]))),
    );
    const first = answers.show(1);
    waiting[0]?.();
    await first;
    const late = answers.show(2);
    await answers.show(1);
    waiting[1]?.();
    await late;
    expect(answers.shownStep).toBe(1);
  });
});

describe('isZeroVariance', () => {
  it('is true only where every answer got the same', () => {
    expect(isZeroVariance([completionOf(0, 1, 0), completionOf(1, 1, 0)])).toBe(true);
    expect(isZeroVariance([completionOf(0, 1, 1), completionOf(1, 0, -1)])).toBe(false);
    expect(isZeroVariance([])).toBe(false);
  });

  it('leaves answers out that no reward has an opinion on', () => {
    const silent = completionOf(2, null, 0);
    expect(isZeroVariance([completionOf(0, 1, 1), completionOf(1, 0, -1), silent])).toBe(false);
    expect(isZeroVariance([completionOf(0, 0, 0), completionOf(1, 0, 0), silent])).toBe(true);
    expect(isZeroVariance([completionOf(0, 1, 0), silent])).toBe(true);
  });
});
