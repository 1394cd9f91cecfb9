/** @file The cells of an experiment, arranged as tables. */
import type { Arm, ExperimentDetail, ResultCell, RunId } from '../../../../electron/contract/api/index.ts';

export type MatrixRow = {
  key: string;
  arm: Arm;
  /** Undefined for the model before training. */
  trainedOn: string | undefined;
  /** In the order of `MatrixTable.testedOn`; undefined = no result yet. */
  cells: (ResultCell | undefined)[];
};
export type MatrixTable = { testedOn: string[]; rows: MatrixRow[] };

const armOrder: readonly Arm[] = [
  'base',
  'sft',
  'grpo',
  'grpo-other',
  'grpo-clip-higher',
  'grpo-matched',
  'grpo-target-kl',
  'grpo-linear',
  'grpo-reversed',
  'grpo-d',
];

/** A share with its interval: over the seeds if there are several, otherwise of the single run. */
export type Shown = { value: number; low: number | null; high: number | null; seeds: number };

export function shownOf(cell: ResultCell): Shown {
  const [only] = cell.seeds;
  if (cell.seeds.length === 1 && only !== undefined) {
    return { value: cell.mean, low: only.accuracy.low, high: only.accuracy.high, seeds: 1 };
  }
  const bounded = (value: number | null): number | null => (value === null ? null : Math.min(1, Math.max(0, value)));
  return { value: cell.mean, low: bounded(cell.low), high: bounded(cell.high), seeds: cell.seeds.length };
}

/** Trained on × tested on, one row per arm and training task; rows appear before they have results. */
export function examMatrix(detail: ExperimentDetail): MatrixTable {
  const children = detail.children.filter(({ parts }) => parts.includes('exam'));
  const testedOn = [
    ...new Set(
      children.flatMap(({ tests }) =>
        tests.filter(({ mode }) => mode === 'reasoning').map(({ datasetId }) => datasetId),
      ),
    ),
  ];
  const rows = new Map<string, MatrixRow>();
  for (const { arm, trainedOn } of children) {
    const key = `${arm} ${trainedOn ?? ''}`;
    if (rows.has(key)) continue;
    const cells = testedOn.map((tested) =>
      detail.cells.find(
        (cell) =>
          cell.arm === arm &&
          cell.parts.includes('exam') &&
          cell.trainedOn === trainedOn &&
          cell.testedOn === tested &&
          cell.mode === 'reasoning',
      ),
    );
    rows.set(key, { key, arm, trainedOn: trainedOn ?? undefined, cells });
  }
  const order = ({ arm }: MatrixRow): number => armOrder.indexOf(arm);
  return { testedOn, rows: [...rows.values()].toSorted((a, b) => order(a) - order(b)) };
}

/** On the task it was trained on. In a study, the runs of contests and sweeps are tested on the other task, too. */
function isOwnTask({ mode, trainedOn, testedOn }: ResultCell): boolean {
  return mode === 'reasoning' && (trainedOn ?? testedOn) === testedOn;
}

/** The arms of a contest, the model before training first. */
export function contestCells(detail: ExperimentDetail): ResultCell[] {
  return detail.cells
    .filter((cell) => cell.parts.includes('contest') && isOwnTask(cell))
    .toSorted((a, b) => armOrder.indexOf(a.arm) - armOrder.indexOf(b.arm));
}

/** The runs of a contest by method, if all were trained on one dataset; those without a run are left out. */
export function contestRuns({ summary, children }: ExperimentDetail): { arm: Arm; runIds: RunId[] }[] {
  if (summary.kind !== 'contest') return [];
  return armOrder
    .map((arm) => ({
      arm,
      runIds: children.flatMap((child) =>
        child.arm === arm && child.runId !== null && child.trainedOn !== null ? [child.runId] : [],
      ),
    }))
    .filter(({ runIds }) => runIds.length > 0);
}

export type SweepPoint = { value: number; cell: ResultCell };

/** The cells of a sweep, in ascending order of the swept value. */
export function sweepPoints(detail: ExperimentDetail, part: 'reward-weight' | 'kl-weight'): SweepPoint[] {
  return detail.cells
    .filter((cell) => cell.parts.includes(part) && isOwnTask(cell))
    .flatMap((cell): SweepPoint[] => {
      const value = part === 'reward-weight' ? cell.rewardWeight : cell.klWeight;
      return value === null ? [] : [{ value, cell }];
    })
    .toSorted((a, b) => a.value - b.value);
}

/** The evaluation of the untrained model on the same questions, the baseline for a cell's gains and losses. */
export function baseFor(detail: ExperimentDetail, cell: ResultCell): string | undefined {
  const base = detail.cells.find(
    (other) => other.arm === 'base' && other.testedOn === cell.testedOn && other.mode === cell.mode,
  );
  return base?.seeds[0]?.evaluationId;
}
