/** @file The tables of an experiment, computed from stored evaluations: cells across seeds and paired comparisons. */
import type { ArmComparison, ExperimentTable, ResultCell } from '../../contract/model/experiments.ts';
import type { DatasetId, EvaluationId } from '../../contract/model/primitives.ts';
import type { StoredChild } from '../../store/experiments/experiments.ts';
import type { StudioCore } from '../context.ts';
import { pairItems, SIGNIFICANT, type PairedItems } from '../../method/paired-comparison.ts';
import { SEEDS_TO_DECIDE } from '../../method/seeds-to-decide.ts';
import { mcnemar, meanInterval } from '../../method/statistics.ts';
import { points } from '../../reporting/figures.ts';
import { ARM_NAMES, type ChildSpec } from './plan.ts';

export interface ChildWithSpec {
  stored: StoredChild;
  plan: ChildSpec;
}

/** Every arm on every test, across the finished seeds. */
export async function resultCells(studio: StudioCore, children: readonly ChildWithSpec[]): Promise<ResultCell[]> {
  const cells = new Map<string, ResultCell & { runs: RunFigures[] }>();
  for (const { stored, plan } of children) {
    const figures =
      stored.runId === null || stored.status !== 'completed' ? null : await runFigures(studio, stored.runId);
    for (const [index, test] of plan.tests.entries()) {
      const evaluationId = stored.evaluations.get(index);
      if (evaluationId === undefined) continue;
      const { accuracy } = await studio.store.evaluations.get(evaluationId);
      const key = JSON.stringify([plan.group, test.datasetId, test.mode]);
      const cell = cells.get(key) ?? emptyCell(plan, test);
      cell.seeds.push({ seed: plan.seed, runId: stored.runId, evaluationId, accuracy });
      if (figures !== null) cell.runs.push(figures);
      cells.set(key, cell);
    }
  }
  return [...cells.values()].map(({ runs, ...cell }) => {
    const { mean, std, low, high } = meanInterval(cell.seeds.map(({ accuracy }) => accuracy.value));
    const average = (of: (run: RunFigures) => number): number | null =>
      runs.length === 0 ? null : runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
    return {
      ...cell,
      mean,
      sd: std,
      low,
      high,
      updates: average((run) => run.updates),
      tokensGenerated: average((run) => run.tokensGenerated),
      tokensLearned: average((run) => run.tokensLearned),
      seconds: average((run) => run.seconds),
    };
  });
}

function emptyCell(plan: ChildSpec, test: ChildSpec['tests'][number]): ResultCell & { runs: RunFigures[] } {
  return {
    parts: plan.parts,
    arm: plan.arm,
    label: plan.label,
    rewardWeight: plan.rewardWeight,
    klWeight: plan.klWeight,
    trainedOn: plan.trainedOn,
    testedOn: test.datasetId,
    mode: test.mode,
    seeds: [],
    mean: 0,
    sd: null,
    low: null,
    high: null,
    updates: null,
    tokensGenerated: null,
    tokensLearned: null,
    seconds: null,
    runs: [],
  };
}

interface RunFigures {
  updates: number;
  tokensGenerated: number;
  tokensLearned: number;
  seconds: number;
}

/** What a run cost. SFT generates nothing and learns from reference answers; GRPO learns from what it generates. */
async function runFigures({ store }: StudioCore, runId: NonNullable<StoredChild['runId']>): Promise<RunFigures> {
  const { recipe } = await store.runs.recipeOf(runId);
  const steps = await store.runs.steps(runId, 1_000_000);
  const perUpdate = recipe.method === 'sft' ? 1 : recipe.grpo.numIterations;
  const generated = steps.reduce((sum, step) => sum + step.tokensGenerated, 0);
  const answers = recipe.grpo.promptsPerStep * steps.reduce((sum, step) => sum + (step.completionLengthMean ?? 0), 0);
  return {
    updates: steps.length * perUpdate,
    tokensGenerated: generated,
    tokensLearned: recipe.method === 'sft' ? answers : generated * perUpdate,
    seconds: steps.reduce((sum, step) => sum + step.secondsTotal, 0),
  };
}

type Sides = readonly [first: ResultCell, second: ResultCell];

/** The comparisons that the experiment's parts call for, wherever both sides are available. */
export async function compareArms(studio: StudioCore, cells: readonly ResultCell[]): Promise<ArmComparison[]> {
  const comparisons: ArmComparison[] = [];
  for (const { part, trainedOn, testedOn, sides } of pairsToCompare(cells)) {
    comparisons.push(await compareCells(studio, part, trainedOn, testedOn, sides));
  }
  return comparisons;
}

function pairsToCompare(
  cells: readonly ResultCell[],
): { part: ExperimentTable; trainedOn: DatasetId; testedOn: DatasetId; sides: Sides }[] {
  const asked = cells.filter((cell) => cell.mode === 'reasoning');
  const pairs: ReturnType<typeof pairsToCompare> = [];
  for (const second of asked) {
    const { trainedOn, testedOn } = second;
    if (trainedOn === null) continue;
    for (const part of second.parts) {
      if (part === 'contest' && trainedOn !== testedOn) continue;
      const against = asked.filter(
        (cell) =>
          cell.testedOn === testedOn && cell.parts.includes(part) && (cell.trainedOn ?? trainedOn) === trainedOn,
      );
      for (const first of against) {
        if (isAsked(part, first, second, against)) pairs.push({ part, trainedOn, testedOn, sides: [first, second] });
      }
    }
  }
  return pairs;
}

/**
 * GRPO-D against everything, SFT and GRPO against the base model. In a sweep, every value against the smallest; in a
 * KL sweep, the values between the ends against the largest too, because the paper claims a peak, which has two sides.
 */
function isAsked(part: ExperimentTable, first: ResultCell, second: ResultCell, all: readonly ResultCell[]): boolean {
  if (first === second) return false;
  if (part === 'contest' || part === 'exam') {
    return second.arm === 'grpo-d' ? first.arm !== 'grpo-d' : first.arm === 'base';
  }
  const value = part === 'kl-weight' ? 'klWeight' : 'rewardWeight';
  const values = all.flatMap((cell) => cell[value] ?? []);
  const [smallest, largest] = [Math.min(...values), Math.max(...values)];
  if (second[value] === smallest) return false;
  return first[value] === smallest || (part === 'kl-weight' && first[value] === largest && second[value] !== largest);
}

async function compareCells(
  studio: StudioCore,
  part: ExperimentTable,
  trainedOn: DatasetId,
  testedOn: DatasetId,
  [first, second]: Sides,
): Promise<ArmComparison> {
  const perSeed: ArmComparison['perSeed'] = [];
  let [gained, lost] = [0, 0];
  for (const { seed, evaluationId, accuracy } of second.seeds) {
    const other = first.seeds.find((candidate) => candidate.seed === null || candidate.seed === seed);
    if (other === undefined || seed === null) continue;
    perSeed.push({
      seed,
      first: other.evaluationId,
      second: evaluationId,
      difference: accuracy.value - other.accuracy.value,
    });
    const { counts } = await pairOf(studio, other.evaluationId, evaluationId);
    gained += counts.onlySecond;
    lost += counts.onlyFirst;
  }
  const { mean, low, high } =
    perSeed.length === 0
      ? { mean: 0, low: null, high: null }
      : meanInterval(perSeed.map(({ difference }) => difference));
  const p = mcnemar({ onlyFirst: lost, onlySecond: gained }).exactP;
  const names = { first: nameOf(part, first), second: nameOf(part, second) };
  const judged = judge({ mean, low, high, p, seeds: perSeed.length, ...names });
  return { part, ...names, trainedOn, testedOn, perSeed, mean, low, high, gained, lost, p, ...judged };
}

async function pairOf({ store }: StudioCore, a: EvaluationId, b: EvaluationId): Promise<PairedItems> {
  return pairItems(await store.evaluations.items(a), await store.evaluations.items(b));
}

function nameOf(part: ExperimentTable, cell: ResultCell): string {
  if (part === 'kl-weight') return `β ${cell.klWeight ?? ''}`;
  if (part === 'reward-weight') return `weight ${cell.rewardWeight ?? ''}`;
  return ARM_NAMES[cell.arm];
}

/**
 * Calls one arm better only if the interval over at least three seeds excludes 0 and McNemar's test over the questions
 * of all seeds agrees.
 */
export function judge(figures: {
  first: string;
  second: string;
  mean: number;
  low: number | null;
  high: number | null;
  p: number;
  seeds: number;
}): Pick<ArmComparison, 'verdict' | 'sentence'> {
  const { first, second, mean, low, high, p, seeds } = figures;
  const difference = `${points(mean)} points`;
  if (seeds < SEEDS_TO_DECIDE || low === null || high === null) {
    return {
      verdict: 'undecided',
      sentence: `${second} against ${first}: ${difference} with ${seeds} seed${seeds === 1 ? '' : 's'}.`,
    };
  }
  const interval = `${difference} (95% interval over ${seeds} seeds: ${points(low)} to ${points(high)})`;
  if ((low > 0 || high < 0) && p < SIGNIFICANT) {
    const [winner, loser] = mean > 0 ? [second, first] : [first, second];
    return { verdict: mean > 0 ? 'second' : 'first', sentence: `${winner} is better than ${loser}: ${interval}.` };
  }
  return {
    verdict: 'undecided',
    sentence: `${second} against ${first}: ${interval}. The difference may be chance.`,
  };
}
