/** @file Rows appear before they have results, and each cell has its own interval. */
import { describe, expect, it } from 'vitest';
import type { Arm, ExperimentDetail, ResultCell } from '../../../../electron/contract/api/index.ts';
import { baseFor, contestCells, examMatrix, shownOf, sweepPoints } from './experiment-tables.ts';

function cellOf(arm: Arm, trainedOn: string | null, testedOn: string, change: object = {}): ResultCell {
  return {
    parts: ['exam'],
    arm,
    label: arm,
    trainedOn,
    testedOn,
    mode: 'reasoning',
    rewardWeight: null,
    klWeight: null,
    seeds: [
      { seed: 7, runId: null, evaluationId: `${arm} ${testedOn}`, accuracy: { value: 0.5, low: 0.4, high: 0.6 } },
    ],
    mean: 0.5,
    low: null,
    high: null,
    ...change,
  } as unknown as ResultCell;
}

function childOf(arm: Arm, trainedOn: string | null): object {
  const tests = ['a', 'b'].map((datasetId) => ({ datasetId, mode: 'reasoning' }));
  return { arm, trainedOn, parts: ['exam'], tests };
}

const detail = {
  children: [childOf('grpo-d', 'a'), childOf('grpo-d', 'b'), childOf('base', null)],
  cells: [cellOf('base', null, 'a'), cellOf('grpo-d', 'a', 'b')],
} as unknown as ExperimentDetail;

describe('examMatrix', () => {
  it('has a row for everything that will be trained, the untouched model first', () => {
    const { testedOn, rows } = examMatrix(detail);
    expect(testedOn).toEqual(['a', 'b']);
    expect(rows.map(({ arm, trainedOn, cells }) => [arm, trainedOn, cells.map((cell) => cell !== undefined)])).toEqual([
      ['base', undefined, [true, false]],
      ['grpo-d', 'a', [false, true]],
      ['grpo-d', 'b', [false, false]],
    ]);
  });
});

describe('cells', () => {
  it('show the interval over the seeds, or of the one run', () => {
    expect(shownOf(cellOf('sft', 'a', 'a'))).toEqual({ value: 0.5, low: 0.4, high: 0.6, seeds: 1 });
    const seeds = [{}, {}] as ResultCell['seeds'];
    expect(shownOf(cellOf('sft', 'a', 'a', { seeds, low: -0.1, high: 0.8 }))).toMatchObject({
      low: 0,
      high: 0.8,
      seeds: 2,
    });
  });

  it('find the untouched model on the same questions', () => {
    expect(baseFor(detail, cellOf('grpo-d', 'b', 'a'))).toBe('base a');
    expect(baseFor(detail, cellOf('grpo-d', 'a', 'b'))).toBeUndefined();
  });

  it('stand in the order of the swept value', () => {
    const part = { parts: ['kl-weight'] };
    const cells = [0.04, 0, 0.01].map((klWeight) => cellOf('grpo', 'a', 'a', { ...part, klWeight }));
    expect(sweepPoints({ ...detail, cells }, 'kl-weight').map(({ value }) => value)).toEqual([0, 0.01, 0.04]);
    expect(sweepPoints({ ...detail, cells }, 'reward-weight')).toEqual([]);
    expect(contestCells({ ...detail, cells })).toEqual([]);
  });

  it('shows the runs of a study, which are tested on both tasks, on their own task only', () => {
    const parts = { parts: ['exam', 'contest', 'kl-weight'], klWeight: 0.04 };
    const cells = [cellOf('grpo', 'a', 'a', parts), cellOf('grpo', 'a', 'b', parts)];
    expect(contestCells({ ...detail, cells })).toEqual(cells.slice(0, 1));
    expect(sweepPoints({ ...detail, cells }, 'kl-weight').map(({ cell }) => cell)).toEqual(cells.slice(0, 1));
  });
});
