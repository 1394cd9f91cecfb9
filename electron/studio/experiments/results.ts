/** @file The tables of an experiment, computed from stored evaluations: cells across seeds and paired comparisons. */
import type { ArmComparison, ExperimentTable, ResultCell } from '../../contract/model/experiments.ts';
import type { EvaluationItem } from '../../contract/model/evaluations.ts';
import type { MetricFigure } from '../../contract/model/metrics.ts';
import type { DatasetId } from '../../contract/model/primitives.ts';
import type { ParsedExperiment, StoredChild } from '../../store/experiments/experiments.ts';
import type { StudioCore } from '../context.ts';
import { ALPHA, decide, equivalenceP, holm, seedsNeeded, type CrossedMean } from '../../method/decide.ts';
import { pairItems, questionKey } from '../../method/paired-comparison.ts';
import { interquartileMean, probabilityOfImprovement, stratifiedInterval } from '../../method/robust-statistics.ts';
import { SEEDS_TO_DECIDE } from '../../method/seeds-to-decide.ts';
import { mcnemar, meanInterval } from '../../method/statistics.ts';
import { decimal, points } from '../../reporting/figures.ts';
import { isClaimed, plannedEffects, type ClaimEvidence } from './claims.ts';
import { seedsOfLook, seenAtLooks, type Ps } from './looks.ts';
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
 * for their number; those that the claims of a study rest on, for the number of effects that its plan names.
 */
export async function compareArms(
  studio: StudioCore,
  cells: readonly ResultCell[],
  request: Pick<ParsedExperiment, 'seeds' | 'looks' | 'smallestDifference'>,
  evidence: Omit<ClaimEvidence, 'cells' | 'comparisons'> | null,
): Promise<ArmComparison[]> {
  const measured: Measured[] = [];
  for (const { part, trainedOn, testedOn, sides } of pairsToCompare(cells)) {
    measured.push(await compareCells(studio, part, trainedOn, testedOn, sides, request));
  }
  const claimed = measured.filter((one) => evidence !== null && isClaimed(evidence, one));
  const adjusted = new Map([
    ...corrected(claimed, evidence === null ? 0 : plannedEffects(evidence)),
    ...corrected(measured.filter((one) => !claimed.includes(one))),
  ]);
  // How many comparisons each one shares its level with.
  const among = (one: Measured): number =>
    claimed.includes(one) && evidence !== null
      ? Math.max(claimed.length, plannedEffects(evidence))
      : measured.length - claimed.length;
  return measured.map((one) => {
    const { secondsPerSeed, questions, rawPs: _, ...shown } = one;
    const ps = adjusted.get(one) ?? null;
    const margin = request.smallestDifference;
    const alpha = (one.looks?.taken.at(-1)?.level ?? ALPHA) / among(one);
    const judged = judge({ ...shown, ps, margin, alpha, secondsPerSeed, questions });
    const whole = { ...shown, adjustedP: ps?.difference ?? null, adjustedEquivalenceP: ps?.equivalence ?? null };
    return { ...whole, ...(one.settings.length > 1 ? withoutVerdict(judged, one, one.settings) : judged) };
  });
}

/** The p values of the comparisons that can be decided, corrected for their number or a larger one that was planned. */
function corrected(measured: readonly Measured[], planned = 0): [Measured, Ps][] {
  const decidable = measured.flatMap((one) => (one.rawPs === null ? [] : [{ one, ps: one.rawPs }]));
  const missing = new Array<number>(Math.max(0, planned - decidable.length)).fill(1);
  const [difference, equivalence] = (['difference', 'equivalence'] as const).map((which) =>
    holm([...decidable.map(({ ps }) => ps[which]), ...missing]),
  );
  return decidable.map(({ one }, at) => [
    one,
    { difference: difference?.[at] ?? 1, equivalence: equivalence?.[at] ?? 1 },
  ]);
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
 * GRPO-D against everything, SFT and GRPO against the base model, and two constant weights against each other. In a sweep, every value against the smallest; in a
 * KL sweep, the values between the ends against the largest too, because the paper claims a peak, which has two sides.
 */
function isAsked(part: ExperimentTable, first: ResultCell, second: ResultCell, all: readonly ResultCell[]): boolean {
  if (first === second) return false;
  if (part === 'contest' || part === 'exam') {
    if (second.arm === 'grpo-d') return first.arm !== 'grpo-d';
    return first.arm === 'base' || (first.arm === 'grpo' && second.arm === 'grpo-other');
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
  /** Before any correction for other comparisons; null where nothing may be decided yet. */
  rawPs: Ps | null;
  /** Settings in which the arms differ; empty if one of them is the base model. */
  settings: string[];
};

/** The answers of one seed of both arms. */
interface SeedPair {
  seed: number;
  first: ResultCell['seeds'][number];
  second: ResultCell['seeds'][number];
}

async function compareCells(
  { store }: StudioCore,
  part: ExperimentTable,
  trainedOn: DatasetId,
  testedOn: DatasetId,
  [first, second]: Sides,
  { seeds, looks, smallestDifference }: Pick<ParsedExperiment, 'seeds' | 'looks' | 'smallestDifference'>,
): Promise<Measured> {
  const done = second.seeds.flatMap((one): SeedPair[] => {
    const other = first.seeds.find((candidate) => candidate.seed === null || candidate.seed === one.seed);
    return other === undefined || one.seed === null ? [] : [{ seed: one.seed, first: other, second: one }];
  });
  const { pairs, taken } = looks === undefined ? { pairs: done, taken: 0 } : seedsOfLook(looks, seeds, done);
  const changes: Map<string, number>[] = [];
  let [gained, lost] = [0, 0];
  for (const pair of pairs) {
    const before = await store.evaluations.items(pair.first.evaluationId);
    const after = await store.evaluations.items(pair.second.evaluationId);
    const { counts } = pairItems(before, after);
    gained += counts.onlySecond;
    lost += counts.onlyFirst;
    changes.push(changesOf(before, after));
  }
  const perSeed = pairs.map((pair) => ({
    seed: pair.seed,
    first: pair.first.evaluationId,
    second: pair.second.evaluationId,
    difference: pair.second.accuracy.value - pair.first.accuracy.value,
  }));
  const { mean, low, high } =
    perSeed.length === 0
      ? { mean: 0, low: null, high: null }
      : meanInterval(perSeed.map(({ difference }) => difference));
  const p = mcnemar({ onlyFirst: lost, onlySecond: gained }).exactP;
  const shared = [...(changes[0]?.keys() ?? [])].filter((key) => changes.every((seed) => seed.has(key)));
  const table = changes.map((seed) => shared.map((key) => seed.get(key) ?? 0));
  const seen = seenAtLooks(table, looks === undefined ? null : { ...looks, taken }, smallestDifference);
  const secondsPerSeed = second.seconds === null ? null : second.seconds + (first.seconds ?? 0);
  const scores = (side: 'first' | 'second'): number[] => pairs.map((pair) => pair[side].accuracy.value);
  return {
    part,
    first: nameOf(part, first),
    second: nameOf(part, second),
    trainedOn,
    testedOn,
    perSeed,
    mean,
    low,
    high,
    gained,
    lost,
    p,
    crossed: seen.crossed,
    ...(seen.taken === null ? {} : { looks: seen.taken }),
    probabilityOfImprovement:
      perSeed.length < SEEDS_TO_DECIDE ? null : probabilityOfImprovement([scores('first')], [scores('second')]),
    secondsPerSeed,
    questions: shared.length,
    rawPs: seen.rawPs,
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
  return cell.arm === 'grpo-other' ? `GRPO, β ${cell.klWeight ?? ''}` : ARM_NAMES[cell.arm];
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
  looks,
  ps,
  margin,
  alpha = ALPHA,
  secondsPerSeed,
  questions,
}: Pick<
  Measured,
  'first' | 'second' | 'mean' | 'low' | 'high' | 'perSeed' | 'crossed' | 'looks' | 'secondsPerSeed' | 'questions'
> & {
  /** Corrected; null if nothing may be decided yet. */
  ps: Ps | null;
  margin: number;
  /** What a single comparison must reach; absent = 0.05. */
  alpha?: number;
}): Pick<ArmComparison, 'verdict' | 'sentence' | 'equivalenceP' | 'needs' | 'smallestDifference'> {
  const seeds = perSeed.length;
  const difference = `${points(mean)} points`;
  if (seeds < SEEDS_TO_DECIDE || low === null || high === null || crossed === null || ps === null) {
    return {
      verdict: 'undecided',
      equivalenceP: null,
      smallestDifference: margin,
      needs: null,
      sentence: `${second} against ${first}: ${difference} with ${seeds} seed${seeds === 1 ? '' : 's'}.${tooEarly(looks)}`,
    };
  }
  const interval = `${difference} (95% interval over ${seeds} seeds and ${questions} questions: ${points(crossed.low)} to ${points(crossed.high)})`;
  const against = `${second} against ${first}: ${interval}.`;
  const decision = decide(crossed, seeds, ps);
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
      const needed = seedsNeeded(crossed.variance, questions, margin, alpha);
      const more = needed === null ? null : Math.max(1, needed - seeds);
      const seconds = more === null || secondsPerSeed === null ? null : more * secondsPerSeed;
      const needs = { seeds: more, seconds };
      return {
        ...figures,
        needs,
        verdict: 'undecided',
        sentence: `${against} ${needsText(needs, margin)}${newPlan(needs, looks)}`,
      };
    }
  }
}

/** Why there is no verdict before the first look. That a ranking needs three seeds is said once, beside the tables. */
function tooEarly(looks: ArmComparison['looks']): string {
  return looks?.taken.length === 0 ? ` No verdict yet: the first look comes after ${looks.next ?? 0} seeds.` : '';
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

/** Where no look is left, further seeds do not count. */
function newPlan({ seeds }: { seeds: number | null }, looks: ArmComparison['looks']): string {
  const isOver = looks !== undefined && looks.next === null;
  return isOver && seeds !== null ? ' That takes a new plan: the last look of this one has been taken.' : '';
}

/** 0.02 → `2 points` */
function pointsOf(margin: number): string {
  const text = decimal(100 * margin, 1);
  return `${text} point${text === '1' ? '' : 's'}`;
}
