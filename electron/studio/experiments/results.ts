/** @file The tables of an experiment, computed from stored evaluations: cells across seeds and paired comparisons. */
import type { ArmComparison, ExperimentTable, ResultCell } from '../../contract/model/experiments.ts';
import type { EvaluationItem } from '../../contract/model/evaluations.ts';
import type { MetricFigure } from '../../contract/model/metrics.ts';
import type { DatasetId } from '../../contract/model/primitives.ts';
import type { StoredChild } from '../../store/experiments/experiments.ts';
import type { StudioCore } from '../context.ts';
import { crossedMean, decide, equivalenceP, holm, seedsNeeded, type CrossedMean } from '../../method/decide.ts';
import { pairItems, questionKey } from '../../method/paired-comparison.ts';
import { interquartileMean, probabilityOfImprovement, stratifiedInterval } from '../../method/robust-statistics.ts';
import { SEEDS_TO_DECIDE } from '../../method/seeds-to-decide.ts';
import { mcnemar, meanInterval } from '../../method/statistics.ts';
import { decimal, points } from '../../reporting/figures.ts';
import { ARM_NAMES, type ChildSpec } from './plan.ts';
import { settingsThatDiffer } from './settings-that-differ.ts';

export interface ChildWithSpec {
  stored: StoredChild;
  plan: ChildSpec;
}

/** Every arm on every test, across the finished seeds. */
export async function resultCells(studio: StudioCore, children: readonly ChildWithSpec[]): Promise<ResultCell[]> {
  const cells = new Map<string, OpenCell>();
  for (const { stored, plan } of children) {
    const figures =
      stored.runId === null || stored.status !== 'completed' ? null : await runFigures(studio, stored.runId);
    for (const [index, test] of plan.tests.entries()) {
      const evaluationId = stored.evaluations.get(index);
      if (evaluationId === undefined) continue;
      const { accuracy, metrics = [] } = await studio.store.evaluations.get(evaluationId);
      const key = JSON.stringify([plan.group, test.datasetId, test.mode]);
      const cell = cells.get(key) ?? emptyCell(plan, test);
      cell.seeds.push({ seed: plan.seed, runId: stored.runId, evaluationId, accuracy });
      cell.measured.push(metrics);
      if (figures !== null) cell.runs.push(figures);
      cells.set(key, cell);
    }
  }
  return [...cells.values()].map(({ runs, measured, ...cell }) => {
    const metrics = metricsOverSeeds(measured);
    const { mean, std, low, high } = meanInterval(cell.seeds.map(({ accuracy }) => accuracy.value));
    const scores = cell.seeds.map(({ accuracy }) => accuracy.value);
    const interquartile =
      scores.length < SEEDS_TO_DECIDE
        ? {}
        : { interquartile: { mean: interquartileMean([scores]), ...stratifiedInterval([scores]) } };
    const average = (of: (run: RunFigures) => number): number | null =>
      runs.length === 0 ? null : runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
    return {
      ...cell,
      ...(metrics.length === 0 ? {} : { metrics }),
      mean,
      sd: std,
      low,
      high,
      updates: average((run) => run.updates),
      tokensGenerated: average((run) => run.tokensGenerated),
      tokensLearned: average((run) => run.tokensLearned),
      seconds: average((run) => run.seconds),
      klEffect: klEffectOf(runs),
      ...interquartile,
    };
  });
}

type OpenCell = ResultCell & { runs: RunFigures[]; measured: MetricFigure[][] };

/** The metrics that every seed measured, as means over seeds. */
function metricsOverSeeds(measured: readonly MetricFigure[][]): NonNullable<ResultCell['metrics']> {
  const [first = []] = measured;
  return first.flatMap(({ name }) => {
    const values = measured.flatMap((figures) => figures.find((figure) => figure.name === name)?.mean ?? []);
    if (values.length !== measured.length) return [];
    const { mean, low, high } = meanInterval(values);
    return [{ name, mean, low, high }];
  });
}

function emptyCell(plan: ChildSpec, test: ChildSpec['tests'][number]): OpenCell {
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
    measured: [],
  };
}

interface RunFigures {
  updates: number;
  tokensGenerated: number;
  tokensLearned: number;
  seconds: number;
  klEffect: { share: number; kl: number } | null;
}

/** The last measurements of the KL term's share, and the last steps whose KL counts. */
const LAST_SHARES = 3;
const LAST_STEPS = 5;

function klEffectOf(runs: readonly RunFigures[]): ResultCell['klEffect'] {
  const measured = runs.flatMap(({ klEffect }) => klEffect ?? []);
  if (measured.length === 0) return null;
  return { share: meanOf(measured.map(({ share }) => share)), kl: meanOf(measured.map(({ kl }) => kl)) };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What a run cost. SFT generates nothing and learns from reference answers; GRPO learns from what it generates. */
async function runFigures({ store }: StudioCore, runId: NonNullable<StoredChild['runId']>): Promise<RunFigures> {
  const { recipe } = await store.runs.recipeOf(runId);
  const steps = await store.runs.steps(runId, 1_000_000);
  const measured = steps.flatMap(({ klGradientShare }) => klGradientShare ?? []);
  // In a step whose rewards made no gradient, the share is 1 whatever the KL weight.
  const telling = measured.filter((share) => share < 1);
  const shares = (telling.length === 0 ? measured : telling).slice(-LAST_SHARES);
  const kls = steps.slice(-LAST_STEPS).flatMap(({ kl }) => kl ?? []);
  const perUpdate = recipe.method === 'sft' ? 1 : recipe.grpo.numIterations;
  const generated = steps.reduce((sum, step) => sum + step.tokensGenerated, 0);
  const answers = recipe.grpo.promptsPerStep * steps.reduce((sum, step) => sum + (step.completionLengthMean ?? 0), 0);
  return {
    updates: steps.length * perUpdate,
    tokensGenerated: generated,
    tokensLearned: recipe.method === 'sft' ? answers : generated * perUpdate,
    seconds: steps.reduce((sum, step) => sum + step.secondsTotal, 0),
    klEffect: shares.length === 0 || kls.length === 0 ? null : { share: meanOf(shares), kl: meanOf(kls) },
  };
}

type Sides = readonly [first: ResultCell, second: ResultCell];

/**
 * The comparisons that the experiment's parts call for, wherever both sides are available. Their verdicts are corrected
 * for their number.
 *
 * @param margin the smallest difference that matters
 */
export async function compareArms(
  studio: StudioCore,
  cells: readonly ResultCell[],
  margin: number,
): Promise<ArmComparison[]> {
  const measured: Measured[] = [];
  for (const { part, trainedOn, testedOn, sides } of pairsToCompare(cells)) {
    measured.push(await compareCells(studio, part, trainedOn, testedOn, sides));
  }
  const decidable = measured.filter(({ perSeed, crossed }) => perSeed.length >= SEEDS_TO_DECIDE && crossed !== null);
  const adjusted = holm(decidable.map(({ crossed }) => crossed?.p ?? 1));
  return measured.map(({ secondsPerSeed, questions, settings, ...one }) => {
    const at = decidable.findIndex(({ perSeed }) => perSeed === one.perSeed);
    const adjustedP = adjusted[at] ?? null;
    const judged = judge({ ...one, adjustedP, margin, secondsPerSeed, questions });
    return { ...one, adjustedP, ...(settings.length > 1 ? withoutVerdict(judged, one, settings) : judged) };
  });
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

/** A comparison before its verdict. */
type Measured = Omit<ArmComparison, 'verdict' | 'sentence' | 'crossed'> & {
  crossed: CrossedMean | null;
  /** Seconds of training that one more seed of both arms takes; null if unknown. */
  secondsPerSeed: number | null;
  /** Questions that both arms answered with every seed. */
  questions: number;
  /** Settings in which the arms differ; empty if one of them is the base model. */
  settings: string[];
};

async function compareCells(
  { store }: StudioCore,
  part: ExperimentTable,
  trainedOn: DatasetId,
  testedOn: DatasetId,
  [first, second]: Sides,
): Promise<Measured> {
  const perSeed: ArmComparison['perSeed'] = [];
  const changes: Map<string, number>[] = [];
  const scores: { first: number[]; second: number[] } = { first: [], second: [] };
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
    scores.first.push(other.accuracy.value);
    scores.second.push(accuracy.value);
    const [before, after] = [
      await store.evaluations.items(other.evaluationId),
      await store.evaluations.items(evaluationId),
    ];
    const { counts } = pairItems(before, after);
    gained += counts.onlySecond;
    lost += counts.onlyFirst;
    changes.push(changesOf(before, after));
  }
  const { mean, low, high } =
    perSeed.length === 0
      ? { mean: 0, low: null, high: null }
      : meanInterval(perSeed.map(({ difference }) => difference));
  const p = mcnemar({ onlyFirst: lost, onlySecond: gained }).exactP;
  const names = { first: nameOf(part, first), second: nameOf(part, second) };
  const shared = [...(changes[0]?.keys() ?? [])].filter((key) => changes.every((seed) => seed.has(key)));
  const crossed = crossedMean(changes.map((seed) => shared.map((key) => seed.get(key) ?? 0)));
  const secondsPerSeed = second.seconds === null ? null : second.seconds + (first.seconds ?? 0);
  return {
    part,
    ...names,
    trainedOn,
    testedOn,
    perSeed,
    mean,
    low,
    high,
    gained,
    lost,
    p,
    crossed,
    probabilityOfImprovement:
      perSeed.length < SEEDS_TO_DECIDE ? null : probabilityOfImprovement([scores.first], [scores.second]),
    secondsPerSeed,
    questions: shared.length,
    settings: await settingsOf(store, first, second),
  };
}

async function settingsOf(store: StudioCore['store'], first: ResultCell, second: ResultCell): Promise<string[]> {
  const [one, other] = [first.seeds[0]?.runId, second.seeds[0]?.runId];
  if (!one || !other) return [];
  const [before, after] = [await store.runs.recipeOf(one), await store.runs.recipeOf(other)];
  return settingsThatDiffer(before.recipe, after.recipe);
}

/** By question: 1 if it was gained, −1 if it was lost, else 0. */
function changesOf(first: readonly EvaluationItem[], second: readonly EvaluationItem[]): Map<string, number> {
  const before = new Map(first.map((item) => [questionKey(item), item.verdict === 'correct']));
  const changes = new Map<string, number>();
  for (const item of second) {
    const was = before.get(questionKey(item));
    if (was !== undefined) changes.set(questionKey(item), Number(item.verdict === 'correct') - Number(was));
  }
  return changes;
}

function nameOf(part: ExperimentTable, cell: ResultCell): string {
  if (part === 'kl-weight') return `β ${cell.klWeight ?? ''}`;
  if (part === 'reward-weight') return `weight ${cell.rewardWeight ?? ''}`;
  return ARM_NAMES[cell.arm];
}

/**
 * The verdict with its sentence. With at least three seeds, one arm is better if the mean with seeds and questions as
 * random differs from 0 (t test, corrected for the number of comparisons), and they are equivalent if two one-sided
 * tests exclude a difference of `margin` either way. Otherwise the sentence says what would probably decide it.
 */
export function judge({
  first,
  second,
  mean,
  low,
  high,
  perSeed,
  crossed,
  adjustedP,
  margin,
  secondsPerSeed,
  questions,
}: Pick<
  Measured,
  'first' | 'second' | 'mean' | 'low' | 'high' | 'perSeed' | 'crossed' | 'secondsPerSeed' | 'questions'
> & {
  adjustedP: number | null;
  margin: number;
}): Pick<ArmComparison, 'verdict' | 'sentence' | 'equivalenceP' | 'needs' | 'smallestDifference'> {
  const seeds = perSeed.length;
  const difference = `${points(mean)} points`;
  if (seeds < SEEDS_TO_DECIDE || low === null || high === null || crossed === null) {
    return {
      verdict: 'undecided',
      equivalenceP: null,
      smallestDifference: margin,
      needs: null,
      sentence: `${second} against ${first}: ${difference} with ${seeds} seed${seeds === 1 ? '' : 's'}.`,
    };
  }
  const interval = `${difference} (95% interval over ${seeds} seeds and ${questions} questions: ${points(crossed.low)} to ${points(crossed.high)})`;
  const against = `${second} against ${first}: ${interval}.`;
  const decision = decide(crossed, seeds, adjustedP ?? 1, margin);
  const figures = { equivalenceP: equivalenceP(crossed, margin), smallestDifference: margin, needs: null };
  switch (decision) {
    case 'better':
      return { ...figures, verdict: 'second', sentence: `${second} is better than ${first}: ${interval}.` };
    case 'worse':
      return { ...figures, verdict: 'first', sentence: `${first} is better than ${second}: ${interval}.` };
    case 'equivalent': {
      const sentence = `${second} and ${first} are equivalent: ${interval}, less than ${pointsOf(margin)} either way.`;
      return { ...figures, verdict: 'equivalent', sentence };
    }
    case 'undecided': {
      const needed = seedsNeeded(crossed.variance, questions, margin);
      const more = needed === null ? null : Math.max(1, needed - seeds);
      const seconds = more === null || secondsPerSeed === null ? null : more * secondsPerSeed;
      const needs = { seeds: more, seconds };
      return { ...figures, needs, verdict: 'undecided', sentence: `${against} ${needsText(needs, margin)}` };
    }
  }
}

/** Two arms that differ in more than one setting are not ranked: nobody could say which setting made the difference. */
function withoutVerdict<J extends { needs?: ArmComparison['needs'] }>(
  judged: J,
  { first, second, mean }: Pick<Measured, 'first' | 'second' | 'mean'>,
  settings: readonly string[],
): J & Pick<ArmComparison, 'verdict' | 'sentence' | 'needs'> {
  const sentence = `${second} against ${first}: ${points(mean)} points. No verdict: they differ in ${settings.length} settings (${settings.join(', ')}), so the difference cannot be put down to one of them.`;
  return { ...judged, verdict: 'undecided', needs: null, sentence };
}

/** What would probably decide a comparison, in words. */
function needsText({ seeds, seconds }: { seeds: number | null; seconds: number | null }, margin: number): string {
  if (seeds === null) {
    return `Undecided: the difference may be chance, and no number of seeds tells ${pointsOf(margin)} apart on these questions. More questions are needed.`;
  }
  const hours = seconds === null ? '' : `, about ${decimal(seconds / 3600, seconds < 36_000 ? 1 : 0)} hours,`;
  return `Undecided: the difference may be chance. ${seeds} more seed${seeds === 1 ? '' : 's'}${hours} would probably decide it.`;
}

/** 0.02 → `2 points` */
function pointsOf(margin: number): string {
  const text = decimal(100 * margin, 1);
  return `${text} point${text === '1' ? '' : 's'}`;
}
