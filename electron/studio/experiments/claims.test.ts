import { describe, expect, it } from 'vitest';
import type {
  Arm,
  ArmComparison,
  ClaimVerdict,
  ExperimentTable,
  ResultCell,
} from '../../contract/model/experiments.ts';
import { DatasetId, EvaluationId } from '../../contract/model/primitives.ts';
import { wilson } from '../../method/statistics.ts';
import { type ClaimEvidence, decideAll, decideClaims, decideEffect, isClaimed, plannedEffects } from './claims.ts';
import { ARM_NAMES } from './plan.ts';

const counting = { datasetId: DatasetId.parse('counting'), name: 'Counting' };
const geometry = { datasetId: DatasetId.parse('geometry'), name: 'Geometry' };
const evaluationId = EvaluationId.parse('eval');

function comparison(task: typeof counting, arm: Arm, differences: readonly number[], p: number): ArmComparison {
  return {
    part: 'contest',
    first: ARM_NAMES[arm],
    second: 'GRPO-D',
    trainedOn: task.datasetId,
    testedOn: task.datasetId,
    perSeed: differences.map((difference, seed) => ({ seed, first: evaluationId, second: evaluationId, difference })),
    mean: 0,
    low: null,
    high: null,
    gained: 0,
    lost: 0,
    p,
    verdict: 'undecided',
    sentence: '',
  };
}

interface CellSpec {
  part: ExperimentTable;
  arm: Arm;
  from: typeof counting;
  to: typeof counting;
  /** Correct answers out of 100, per seed. */
  right: readonly number[];
  value?: number;
}

function cell({ part, arm, from, to, right, value = 1 }: CellSpec): ResultCell {
  return {
    parts: [part],
    arm,
    label: '',
    rewardWeight: value,
    klWeight: value,
    trainedOn: from.datasetId,
    testedOn: to.datasetId,
    mode: 'reasoning',
    seeds: right.map((correct, seed) => ({ seed, runId: null, evaluationId, accuracy: wilson(correct, 100) })),
    mean: 0,
    sd: null,
    low: null,
    high: null,
    updates: null,
    tokensGenerated: null,
    tokensLearned: null,
    seconds: null,
  };
}

function verdictOf(id: string, evidence: Partial<ClaimEvidence>): ClaimVerdict | undefined {
  const all = decideClaims({
    tasks: [counting, geometry],
    sweepTask: geometry,
    cells: [],
    comparisons: [],
    ...evidence,
  });
  return all.find((claim) => claim.id === id)?.verdict;
}

describe('the rule for one effect', () => {
  // Student's t with 2 degrees of freedom: 4.3027. Values 0.10, 0.12, 0.14: mean 0.12, sd 0.02,
  // half width 4.3027 × 0.02 / √3 = 0.0497, so the interval is 0.0703 to 0.1697.
  const values = [0.1, 0.12, 0.14];

  it('is reproduced where the whole interval over seeds lies above the claimed size', () => {
    expect(decideEffect({ label: '', values, above: 0.07 })).toBe('reproduced');
    expect(decideEffect({ label: '', values, above: 0.071 })).toBe('undecided');
  });

  it('is not reproduced where the whole interval lies at or below it', () => {
    expect(decideEffect({ label: '', values, above: 0.17 })).toBe('not reproduced');
    expect(decideEffect({ label: '', values, above: 0.169 })).toBe('undecided');
  });

  it('is undecided with fewer than three seeds, or where the questions themselves do not agree', () => {
    expect(decideEffect({ label: '', values: values.slice(0, 2), above: 0 })).toBe('undecided');
    expect(decideEffect({ label: '', values: [], above: 0 })).toBe('undecided');
    expect(decideEffect({ label: '', values, above: 0, p: 0.06 })).toBe('undecided');
    expect(decideEffect({ label: '', values, above: 0, p: 0.04 })).toBe('reproduced');
    const against = values.map((value) => -value);
    expect(decideEffect({ label: '', values: against, above: 0, p: 0.06 })).toBe('undecided');
    expect(decideEffect({ label: '', values: against, above: 0, p: 0.04 })).toBe('not reproduced');
  });

  it('is undecided where the seeds do not differ at all: an interval without width says nothing', () => {
    for (const value of [0, 0.1, -0.1]) {
      expect(decideEffect({ label: '', values: [value, value, value], above: 0, p: 0.001 })).toBe('undecided');
    }
  });

  it('asks for all of several effects, and lets one that fails decide', () => {
    expect(decideAll(['reproduced', 'reproduced'])).toBe('reproduced');
    expect(decideAll(['reproduced', 'undecided'])).toBe('undecided');
    expect(decideAll(['undecided', 'not reproduced'])).toBe('not reproduced');
    expect(decideAll([])).toBe('undecided');
  });
});

describe('the interval that a claim is told with', () => {
  const told = (low: number, high: number, adjustedP: number, values: readonly number[]): string | undefined => {
    const variance = { seeds: 0, questions: 0, rest: 0 };
    const crossed = { mean: 0, se: 0.02, df: 9, low, high, p: 0.02, variance };
    const one = { ...comparison(counting, 'grpo', values, 0.02), crossed, adjustedP };
    const evidence = { tasks: [counting], sweepTask: geometry, cells: [], comparisons: [one] };
    return decideClaims(evidence).find(({ id }) => id === 'same-task-grpo-1')?.explanation;
  };
  const values = [0.02, 0.03, 0.04];

  it('is over seeds and questions where those decide', () => {
    expect(told(-0.01, 0.07, 0.2, values)).toBe(
      'GRPO-D − GRPO, points: +3.0 over 3 seeds, 95% interval over seeds and questions −1.0 to +7.0; it may be chance (p = 0.20, corrected).',
    );
    expect(told(0.01, 0.05, 0.01, values)).toContain('over seeds and questions +1.0 to +5.0; all of it above +0.0');
  });

  it('is over seeds where it is those that leave it open, or where an earlier look decided', () => {
    expect(told(0.001, 0.06, 0.01, [-0.05, 0.03, 0.11])).toMatch(/over seeds −16\.9 to \+22\.9; which does not settle/);
    expect(told(-0.001, 0.06, 0.01, values)).toContain('over seeds +0.5 to +5.5; all of it above +0.0');
  });
});

describe('claims about the same task', () => {
  const cases: [ClaimVerdict, number[], number[]][] = [
    ['reproduced', [0.1, 0.11, 0.12], [0.05, 0.06, 0.07]],
    ['not reproduced', [-0.1, -0.11, -0.12], [0.05, 0.06, 0.07]],
    ['undecided', [0.1, -0.05, 0.02], [0.05, 0.06, 0.07]],
  ];
  it.each(cases)('%s', (verdict, onCounting, onGeometry) => {
    for (const [id, arm] of [
      ['same-task-sft', 'sft'],
      ['same-task-grpo', 'grpo'],
      ['control-mean', 'grpo-matched'],
    ] as const) {
      const comparisons = [comparison(counting, arm, onCounting, 0.001), comparison(geometry, arm, onGeometry, 0.001)];
      expect(verdictOf(`${id}-1`, { comparisons })).toBe(verdict);
      expect(verdictOf(`${id}-2`, { comparisons })).toBe('reproduced');
      // One task says nothing about the other.
      expect(verdictOf(`${id}-1`, { comparisons: comparisons.slice(1) })).toBe('undecided');
    }
  });
});

describe('what gets no verdict, whatever its figures are', () => {
  const values = [0.1, 0.11, 0.12];
  const claimOf = (changes: Partial<ArmComparison>) =>
    decideClaims({
      tasks: [counting],
      sweepTask: counting,
      cells: [],
      comparisons: [{ ...comparison(counting, 'sft', values, 0.001), ...changes }],
    }).find(({ id }) => id === 'same-task-sft-1');

  it('a difference between arms that differ in more than one setting: both are named', () => {
    expect(claimOf({ settings: ['klSchedule'] })?.verdict).toBe('reproduced');
    const two = claimOf({ settings: ['klSchedule', 'steps'] });
    expect(two?.verdict).toBe('undecided');
    expect(two?.explanation).toContain('the arms differ in 2 settings (klSchedule, steps)');
  });

  it('fewer than three seeds', () => {
    const two = claimOf({ perSeed: comparison(counting, 'sft', values.slice(1), 0.001).perSeed });
    expect(two?.verdict).toBe('undecided');
    expect(two?.explanation).toContain('at least 3 seeds are needed');
  });

  it('seeds that have not reached the first planned look', () => {
    const early = claimOf({ looks: { taken: [], next: 4 } });
    expect(early?.verdict).toBe('undecided');
    expect(early?.explanation).toContain('the first look comes after 4 seeds, and 3 are done');
    expect(claimOf({ looks: { taken: [{ seeds: 3, p: 0.001, level: 0.02 }], next: 6 } })?.verdict).toBe('reproduced');
  });
});

describe('the comparisons that claims rest on', () => {
  const about = {
    tasks: [counting, geometry],
    sweepTask: counting,
    otherBeta: 0.3,
    klWeights: { none: 0, peak: 0.3, large: 10 },
  };
  const pair = (part: ExperimentTable, first: string, second: string, to = counting) =>
    isClaimed(about, { part, first, second, trainedOn: counting.datasetId, testedOn: to.datasetId });

  it('are those that the plan counts', () => {
    for (const first of ['SFT', 'GRPO', 'GRPO, same mean β', 'GRPO, β 0.3']) {
      expect(pair('contest', first, 'GRPO-D')).toBe(true);
    }
    expect(pair('kl-weight', 'β 0', 'β 0.3') && pair('kl-weight', 'β 10', 'β 0.3')).toBe(true);
    expect(pair('reward-weight', 'weight 0', 'weight 1')).toBe(true);
    for (const other of [
      pair('contest', 'base model', 'GRPO-D'),
      pair('contest', 'base model', 'SFT'),
      pair('kl-weight', 'β 0', 'β 1'),
      pair('exam', 'SFT', 'GRPO-D', geometry),
    ]) {
      expect(other).toBe(false);
    }
    expect(plannedEffects(about)).toBe(2 * 4 + 2 + 1 + 1);
  });
});

describe('the claim across tasks', () => {
  function exam(dynamic: readonly number[], supervised: readonly number[]): ClaimVerdict | undefined {
    const both = [
      { from: counting, to: geometry },
      { from: geometry, to: counting },
    ];
    const cells = both.flatMap((direction) => [
      cell({ part: 'exam', arm: 'grpo-d', ...direction, right: dynamic }),
      cell({ part: 'exam', arm: 'sft', ...direction, right: supervised }),
    ]);
    return verdictOf('across-tasks', { cells });
  }

  it('needs more than 60% in the whole interval, not only a gain', () => {
    expect(exam([80, 82, 84], [40, 41, 42])).toBe('reproduced');
    expect(exam([50, 51, 52], [40, 41, 42])).toBe('not reproduced');
    expect(exam([80, 50, 90], [40, 41, 42])).toBe('undecided');
    expect(exam([80, 82], [40, 41])).toBe('undecided');
  });

  it('counts only the seeds of the last planned look, and none before the first', () => {
    const at = (seeds: number[], right: number[]) => {
      const both = [
        { from: counting, to: geometry },
        { from: geometry, to: counting },
      ];
      const cells = both.flatMap((direction) => [
        cell({ part: 'exam', arm: 'grpo-d', ...direction, right }),
        cell({ part: 'exam', arm: 'sft', ...direction, right: right.map((_, seed) => 20 + seed) }),
      ]);
      return decideClaims({
        tasks: [counting, geometry],
        sweepTask: geometry,
        cells,
        comparisons: [],
        looks: { seeds, spending: 'pocock' },
      }).find(({ id }) => id === 'across-tasks');
    };
    expect(at([4, 8], [80, 82, 84])?.explanation).toContain('the first look comes after 4 seeds, and 3 are done');
    // The fifth seed would spoil the interval, but its look has not come.
    expect(at([4, 8], [80, 82, 84, 85, 1])?.verdict).toBe('reproduced');
    expect(at([4, 5], [80, 82, 84, 85, 1])?.verdict).toBe('undecided');
  });

  it('is still a number where SFT gets nothing right', () => {
    expect(exam([80, 82, 84], [0, 0, 0])).toBe('reproduced');
  });
});

describe('claims about sweeps', () => {
  type Part = 'reward-weight' | 'kl-weight';
  /** The accuracies of three seeds at each value, over 100 questions, with every pair of values compared. */
  function swept(part: Part, points: Record<number, readonly number[]>, p = 0.001): Partial<ClaimEvidence> {
    const values = Object.keys(points).map(Number);
    const name = (value: number): string => `${part === 'kl-weight' ? 'β' : 'weight'} ${value}`;
    const pairs = values.flatMap((first) => values.map((second) => [first, second] as const));
    return {
      cells: values.map((value) =>
        cell({ part, arm: 'grpo', from: geometry, to: geometry, right: points[value] ?? [], value }),
      ),
      comparisons: pairs
        .filter(([first, second]) => first !== second)
        .map(([first, second]): ArmComparison => {
          const differences = (points[second] ?? []).map(
            (right, seed) => (right - (points[first]?.[seed] ?? NaN)) / 100,
          );
          return { ...comparison(geometry, 'grpo', differences, p), part, first: name(first), second: name(second) };
        }),
    };
  }

  it('the format reward: its full weight must beat none, and no weight may be worse than none', () => {
    const sweep = (half: readonly number[], full: readonly number[], p?: number): ClaimVerdict | undefined =>
      verdictOf('reward-weight', swept('reward-weight', { 0: [40, 41, 42], 0.5: half, 1: full }, p));
    expect(sweep([44, 45, 47], [60, 61, 63])).toBe('reproduced');
    expect(sweep([30, 31, 33], [60, 61, 63])).toBe('undecided');
    expect(sweep([44, 45, 47], [30, 31, 33])).toBe('not reproduced');
    expect(sweep([44, 45, 47], [30, 61, 45])).toBe('undecided');
    // The seeds agree, but so few answers changed that this may be chance.
    expect(sweep([44, 45, 47], [60, 61, 63], 0.2)).toBe('undecided');
  });

  it('the KL weight: 0.01 must beat both none and a large one', () => {
    const sweep = (...rights: (readonly number[])[]): ClaimVerdict | undefined =>
      verdictOf('kl-weight', swept('kl-weight', { 0: rights[0] ?? [], 0.01: rights[1] ?? [], 0.05: rights[2] ?? [] }));
    expect(sweep([40, 41, 43], [60, 61, 62], [30, 31, 33])).toBe('reproduced');
    expect(sweep([40, 41, 43], [60, 61, 62], [70, 71, 73])).toBe('not reproduced');
    expect(sweep([40, 61, 55], [60, 61, 62], [30, 31, 33])).toBe('undecided');
  });

  it('half of a sweep decides nothing: neither one side of the peak, nor a weight short of the full one', () => {
    const [low, high] = [
      [40, 41, 43],
      [60, 61, 62],
    ] as const;
    expect(verdictOf('kl-weight', swept('kl-weight', { 0: low }))).toBe('undecided');
    expect(verdictOf('kl-weight', swept('kl-weight', { 0: low, 0.01: high }))).toBe('undecided');
    expect(verdictOf('kl-weight', swept('kl-weight', { 0.01: high, 0.05: low }))).toBe('undecided');
    expect(verdictOf('kl-weight', swept('kl-weight', { 0: low, 0.01: high, 0.03: low }))).toBe('undecided');
    expect(verdictOf('reward-weight', swept('reward-weight', { 0: low, 0.25: high }))).toBe('undecided');
  });

  it('says why it is undecided', () => {
    const told = (evidence: Partial<ClaimEvidence>, id: string): string | undefined =>
      decideClaims({ tasks: [counting, geometry], sweepTask: geometry, cells: [], comparisons: [], ...evidence }).find(
        (claim) => claim.id === id,
      )?.explanation;
    const points = { 0: [40, 41, 42], 1: [60, 61, 63] };
    expect(told(swept('reward-weight', points, 0.2), 'reward-weight')).toMatch(/p = 0\.20/);
    expect(told(swept('reward-weight', { 0: [40, 41, 42], 1: [60, 61, 62] }), 'reward-weight')).toMatch(
      /do not differ/,
    );
    expect(told(swept('kl-weight', { 0: [40], 0.01: [50] }), 'kl-weight')).toMatch(
      /at least 3 seeds.*β 0\.01 − β 0\.05, points: not measured yet/,
    );
  });
});
