/** @file A run is not called better if the difference lies within the interval. */
import { describe, expect, it } from 'vitest';
import type { EvaluationComparison, EvaluationSummary } from '../../../../electron/contract/api/index.ts';
import { keyOfDatasets, newestFor, outcomeOf, pairKey, standing, type Entrant } from './standing.ts';

function entrant(name: string, value: number): Entrant {
  return { key: name, name, evaluation: { id: name, accuracy: { value } } as unknown as EvaluationSummary };
}

function pair(first: Entrant, second: Entrant, verdict: EvaluationComparison['verdict'], value: number) {
  const [a, b] = [first.evaluation?.id, second.evaluation?.id];
  if (a === undefined || b === undefined) throw new Error('not asked');
  return [pairKey(a, b), { verdict, difference: { value, low: value, high: value } } as EvaluationComparison] as const;
}

const [base, sft, grpo] = [entrant('base', 0.4), entrant('sft', 0.5), entrant('grpo', 0.6)];

describe('outcomeOf', () => {
  it('reads a pair from either side', () => {
    const pairs = new Map([pair(base, grpo, 'better', 0.2)]);
    expect(outcomeOf(pairs, grpo, base)).toEqual({ outcome: 'better', points: 0.2 });
    expect(outcomeOf(pairs, base, grpo)).toEqual({ outcome: 'worse', points: -0.2 });
    expect(outcomeOf(pairs, base, sft)).toBeUndefined();
  });
});

describe('standing', () => {
  it('calls one best only where it beats every other', () => {
    const pairs = new Map([pair(base, grpo, 'better', 0.2), pair(sft, grpo, 'better', 0.1)]);
    expect(standing([base, sft, grpo], pairs)).toMatchObject({ kind: 'best', best: { name: 'grpo' } });
  });

  it('refuses to rank where the leader cannot be told from one of them', () => {
    const pairs = new Map([pair(base, grpo, 'better', 0.2), pair(sft, grpo, 'undecided', 0.1)]);
    expect(standing([base, sft, grpo], pairs)).toMatchObject({ kind: 'noRanking', rival: { name: 'sft' } });
  });

  it('waits for all pairs, and for two that were asked', () => {
    expect(standing([base, grpo], new Map())).toEqual({ kind: 'unknown' });
    expect(standing([base, { ...grpo, evaluation: undefined }], new Map())).toEqual({ kind: 'tooFew' });
  });
});

describe('newestFor', () => {
  it('takes the newest of the same questions', () => {
    const common = { runId: null, datasetId: 'ds', mode: 'reasoning', split: 'test' };
    const list = [
      { ...common, id: 'old', createdAt: '2026-01-01' },
      { ...common, id: 'new', createdAt: '2026-01-02' },
      { ...common, id: 'train', createdAt: '2026-01-03', split: 'train' },
    ] as unknown as EvaluationSummary[];
    expect(newestFor(list, null, 'ds', 'reasoning')?.id).toBe('new');
    expect(newestFor(list, 'run-1', 'ds', 'reasoning')).toBeUndefined();
  });

  it('never takes the questions of a mixture for those of one of its datasets', () => {
    const common = { runId: null, datasetId: 'ds', mode: 'reasoning', split: 'test' };
    const byDataset = [{ datasetId: 'ds' }, { datasetId: 'other' }];
    const list = [
      { ...common, id: 'one', createdAt: '2026-01-01' },
      { ...common, id: 'both', createdAt: '2026-01-02', byDataset },
    ] as unknown as EvaluationSummary[];
    expect(newestFor(list, null, 'ds', 'reasoning')?.id).toBe('one');
    expect(newestFor(list, null, keyOfDatasets(['ds', 'other']), 'reasoning')?.id).toBe('both');
    expect(newestFor(list, null, keyOfDatasets(['other', 'ds']), 'reasoning')).toBeUndefined();
  });
});
