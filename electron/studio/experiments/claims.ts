/**
 * @file What the paper (OThink-MR1, arXiv 2503.16081v2) claims, and whether a study reproduces it. Fixed rules decide,
 * using only the study's cells and comparisons.
 *
 * The rule: each effect is measured once per seed. With at least three seeds and Student's 95% interval over them,
 * an interval entirely above the claimed size = reproduced; entirely at or below it = not reproduced; anything else, or
 * fewer seeds = undecided. A difference in accuracy must also be more than chance with seeds and questions both random
 * (p < 0.05, corrected for the number of comparisons), in either direction: all seeds share the same questions, so the
 * spread between seeds does not capture how results would vary with other questions. A difference that is neither, but
 * smaller than the smallest one that matters, is equivalent. If all seeds give the same value, there is no interval and
 * the effect is undecided. A claim with several effects is reproduced if all of them are, not reproduced if any one is
 * not, and otherwise undecided; a missing effect leaves it undecided.
 */
import type { ArmComparison, Claim, ClaimVerdict, PlannedLooks, ResultCell } from '../../contract/model/experiments.ts';
import type { Arm } from '../../contract/model/experiments.ts';
import type { DatasetId } from '../../contract/model/primitives.ts';
import { SIGNIFICANT } from '../../method/paired-comparison.ts';
import { looksTaken, sequentialP } from '../../method/sequential.ts';
import { meanInterval, meanIsZeroP } from '../../method/statistics.ts';
import { SEEDS_TO_DECIDE } from '../../method/seeds-to-decide.ts';

export interface ClaimEvidence {
  /** The two tasks, in request order; in the paper, visual counting and geometry. */
  tasks: readonly { datasetId: DatasetId; name: string }[];
  sweepTask: { datasetId: DatasetId; name: string };
  cells: readonly ResultCell[];
  comparisons: readonly ArmComparison[];
  /** The KL weights that the claim about a rise and a fall is about. Absent = those of the paper. */
  klWeights?: { none: number; peak: number; large: number };
  /** The second constant weight, if the study tries one. */
  otherBeta?: number;
  looks?: PlannedLooks;
  /** Parts that the study does not have, so that nothing is claimed about them; absent = it has all. */
  without?: readonly StudyPart[];
}

/** The parts of a study that can be left out: the arm with the same mean KL weight, and the two sweeps. */
export type StudyPart = 'grpo-matched' | 'reward-weight' | 'kl-weight';

interface Interval {
  low: number;
  high: number;
}

/** One measured effect: its values (one per seed) and the threshold above which it supports the claim. */
interface Effect {
  label: string;
  values: readonly number[];
  /** The claim holds for values above this. */
  above: number;
  /** Of the difference, over seeds and questions; absent if the effect is not a difference in accuracy. */
  p?: number;
  /** The interval over seeds and questions, of which `p` is; absent as `p`, and in studies of earlier versions. */
  crossed?: Interval;
  /** True if `p` is corrected, for other effects or for looks. */
  isCorrected?: boolean;
  /** True if the difference is smaller than the smallest one that matters. */
  equivalent?: boolean;
  /** Why no verdict is given, whatever the values are. */
  withheld?: string;
  /** Converts values, mean and interval for display, for effects measured on a different scale than the one shown. */
  show?: (value: number) => number;
}

/** Decides one effect: reproduced, not reproduced, equivalent or undecided. */
export function decideEffect({ values, above, p, equivalent = false, withheld }: Effect): ClaimVerdict {
  if (values.length < SEEDS_TO_DECIDE || withheld !== undefined) return 'undecided';
  const { low, high } = meanInterval(values);
  const open = equivalent ? 'equivalent' : 'undecided';
  if (low === null || high === null || isSpreadless(values) || !agreed(p)) return open;
  return low > above ? 'reproduced' : high <= above ? 'not reproduced' : open;
}

/** True if every seed gives the same value, up to rounding. */
function isSpreadless(values: readonly number[]): boolean {
  return (meanInterval(values).std ?? 0) < 1e-9;
}

function agreed(p: number | undefined): boolean {
  return p === undefined || p < SIGNIFICANT;
}

/** All must hold; a single failure fails the claim. */
export function decideAll(verdicts: readonly ClaimVerdict[]): ClaimVerdict {
  if (verdicts.length === 0) return 'undecided';
  if (verdicts.includes('not reproduced')) return 'not reproduced';
  const [first] = verdicts;
  return first !== undefined && verdicts.every((verdict) => verdict === first) ? first : 'undecided';
}

/** Every claim with its verdict. */
export function decideClaims(evidence: ClaimEvidence): Claim[] {
  const { otherBeta } = evidence;
  const has = (part: StudyPart): boolean => evidence.without?.includes(part) !== true;
  return [
    ...sameTask(evidence, 'sft', 'same-task-sft', {
      claim: (task) => `${task}: GRPO-D is more accurate than SFT.`,
      paper: 'Counting 76.5% against 68.5%, geometry 34.35% against 32.49% (2B, Table 1).',
    }),
    ...sameTask(evidence, 'grpo', 'same-task-grpo', {
      claim: (task) => `${task}: GRPO-D is more accurate than GRPO with a fixed KL weight.`,
      paper: 'Counting 76.5% against 64.5% (β = 0.04), geometry 34.35% against 30.24% (β = 0.01) (2B, Table 1).',
    }),
    ...(has('grpo-matched')
      ? sameTask(evidence, 'grpo-matched', 'control-mean', {
          claim: (task) =>
            `${task}: The moving weight is what helps: GRPO-D is more accurate than GRPO with a constant weight of the same mean.`,
          paper:
            'Not tested. On counting, the fixed weight of the paper (0.04) is below the mean of its schedule (0.066).',
        })
      : []),
    ...(otherBeta === undefined
      ? []
      : sameTask(evidence, 'grpo-other', 'control-other', {
          claim: (task) => `${task}: GRPO-D is more accurate than GRPO with a larger constant weight (${otherBeta}).`,
          paper: 'Not tested. The paper tried no constant weight above 0.05.',
        })),
    acrossTasks(evidence),
    ...(has('reward-weight') ? [rewardWeights(evidence)] : []),
    ...(has('kl-weight') ? [klWeights(evidence)] : []),
  ];
}

/** The claim about GRPO-D against another arm, for each task by itself. */
function sameTask(
  { tasks, comparisons, otherBeta }: ClaimEvidence,
  arm: keyof typeof COMPARED,
  id: string,
  { claim, paper }: { claim: (task: string) => string; paper: string },
): Claim[] {
  const against = arm === 'grpo-other' ? otherName(otherBeta) : COMPARED[arm];
  return tasks.map(({ datasetId, name }, at) => {
    const found = comparisons.find(
      (comparison) =>
        comparison.part === 'contest' &&
        comparison.testedOn === datasetId &&
        comparison.trainedOn === datasetId &&
        comparison.first === against &&
        comparison.second === 'GRPO-D',
    );
    const effect = differenceOf(found, `GRPO-D − ${against}, points`);
    const texts = { claim: claim(name), paper };
    return conclude(`${id}-${at + 1}`, texts, 'Difference of accuracy above 0.', [effect]);
  });
}

/** The arms that a claim compares with GRPO-D, by the name that comparisons give them. */
const COMPARED = {
  sft: 'SFT',
  grpo: 'GRPO',
  'grpo-matched': 'GRPO, same mean β',
  'grpo-other': 'GRPO, second β',
} satisfies Partial<Record<Arm, string>>;

function otherName(beta: number | undefined): string {
  return beta === undefined ? COMPARED['grpo-other'] : `GRPO, β ${beta}`;
}

/** A difference of accuracies as an effect. */
function differenceOf(found: ArmComparison | undefined, label: string): Effect {
  const withheld = found === undefined ? null : whyWithheld(found);
  return {
    label,
    values: found?.perSeed.map(({ difference }) => difference) ?? [],
    above: 0,
    p: chanceOf(found),
    isCorrected: typeof found?.adjustedP === 'number',
    ...(found?.crossed ? { crossed: found.crossed } : {}),
    equivalent: found?.verdict === 'equivalent',
    ...(withheld === null ? {} : { withheld }),
    show: percent,
  };
}

/** Why a comparison has no verdict whatever its figures are; null if it may have one. */
function whyWithheld({ looks, perSeed, settings = [] }: ArmComparison): string | null {
  if (settings.length > 1) return `the arms differ in ${settings.length} settings (${settings.join(', ')})`;
  if (looks === undefined || looks.taken.length > 0) return null;
  return `the first look comes after ${looks.next ?? 0} seeds, and ${perSeed.length} ${perSeed.length === 1 ? 'is' : 'are'} done`;
}

/** How many effects the claims of a study are about: so many comparisons their p is corrected for. */
export function plannedEffects({
  tasks,
  otherBeta,
  without = [],
}: Pick<ClaimEvidence, 'tasks' | 'otherBeta' | 'without'>): number {
  const has = (part: StudyPart): number => (without.includes(part) ? 0 : 1);
  const contest = tasks.length * (2 + has('grpo-matched') + (otherBeta === undefined ? 0 : 1));
  // Across tasks, the weight of the format reward, and the two sides of the peak.
  return contest + 1 + has('reward-weight') + 2 * has('kl-weight');
}

/** Whether a claim of the study rests on a comparison. */
export function isClaimed(
  { tasks, sweepTask, klWeights: kl = PAPER_KL, otherBeta }: Omit<ClaimEvidence, 'cells' | 'comparisons'>,
  {
    part,
    first,
    second,
    trainedOn,
    testedOn,
  }: Pick<ArmComparison, 'part' | 'first' | 'second' | 'trainedOn' | 'testedOn'>,
): boolean {
  if (trainedOn !== testedOn) return false;
  if (part === 'contest') {
    const arms = [COMPARED.sft, COMPARED.grpo, COMPARED['grpo-matched'], otherName(otherBeta)];
    return second === 'GRPO-D' && arms.includes(first) && tasks.some(({ datasetId }) => datasetId === testedOn);
  }
  if (testedOn !== sweepTask.datasetId) return false;
  if (part === 'reward-weight')
    return first === weightName(PAPER_FORMAT.none) && second === weightName(PAPER_FORMAT.full);
  return part === 'kl-weight' && second === betaName(kl.peak) && [kl.none, kl.large].map(betaName).includes(first);
}

function weightName(weight: number): string {
  return `weight ${weight}`;
}

function betaName(beta: number): string {
  return `β ${beta}`;
}

function acrossTasks(evidence: ClaimEvidence): Claim {
  const { tasks, cells, looks } = evidence;
  const [first, second] = tasks;
  const texts = {
    claim: 'Tested on the task it was not trained on, GRPO-D is at least 60% more accurate than SFT, relatively.',
    paper:
      '+61.63% on average is what the abstract says; geometry → counting 69.5% against 43.0%, counting → geometry 16.2% against 3.5% (2B, Fig. 7).',
  };
  const rule =
    'Accuracies of both directions are averaged per seed; their ratio GRPO-D / SFT (on the logarithmic scale) above 1.6.';
  if (first === undefined || second === undefined) return conclude('across-tasks', texts, rule, []);
  const directions = [
    [first, second],
    [second, first],
  ] as const;
  const share = (arm: Arm, from: DatasetId, to: DatasetId): Map<number, number> => {
    const cell = cells.find(
      (candidate) =>
        candidate.arm === arm &&
        candidate.parts.includes('exam') &&
        candidate.mode === 'reasoning' &&
        candidate.trainedOn === from &&
        candidate.testedOn === to,
    );
    // Adds half a question to both right and wrong, so the ratio stays finite even if no answer is right.
    return new Map(
      cell?.seeds.flatMap(({ seed, accuracy: { correct, n } }) =>
        seed === null ? [] : [[seed, (correct + 0.5) / (n + 1)] as const],
      ),
    );
  };
  const shares = directions.map(([from, to]) => ({
    label: `${from.name} → ${to.name}`,
    dynamic: share('grpo-d', from.datasetId, to.datasetId),
    supervised: share('sft', from.datasetId, to.datasetId),
  }));
  const done = [...(shares[0]?.dynamic.keys() ?? [])].filter((seed) =>
    shares.every(({ dynamic, supervised }) => dynamic.has(seed) && supervised.has(seed)),
  );
  const taken = looks?.seeds.filter((count) => count <= done.length) ?? [];
  const seeds = done.slice(0, taken.at(-1) ?? done.length);
  const ratio = (seed: number, among: typeof shares): number => {
    const sum = (of: (direction: (typeof shares)[number]) => Map<number, number>): number =>
      among.reduce((total, direction) => total + (of(direction).get(seed) ?? 0), 0);
    return Math.log(sum(({ dynamic }) => dynamic) / sum(({ supervised }) => supervised));
  };
  const relative = (log: number): number => (Math.exp(log) - 1) * 100;
  const values = seeds.map((seed) => ratio(seed, shares));
  const above = Math.log(1.6);
  const average: Effect = {
    label: 'average of both directions, relative gain over SFT, %',
    values,
    above,
    show: relative,
    ...(looks === undefined ? {} : atLooks(looks, values, above, plannedEffects(evidence))),
  };
  const claim = conclude('across-tasks', texts, rule, [average]);
  const each = shares.map((direction) =>
    estimate({
      label: `${direction.label}, relative gain over SFT, %`,
      values: seeds.map((seed) => ratio(seed, [direction])),
      above: 0,
      show: relative,
    }),
  );
  return { ...claim, estimates: [...claim.estimates, ...each.filter((one) => one !== null)] };
}

/** The p of an effect over the looks that were taken, corrected for the number of effects (Bonferroni). */
function atLooks(looks: PlannedLooks, values: readonly number[], above: number, effects: number): Partial<Effect> {
  const taken = looks.seeds.slice(0, looksTaken(looks, values.length));
  if (taken.length === 0) {
    return {
      withheld: `the first look comes after ${looks.seeds[0] ?? 0} seeds, and ${values.length} ${values.length === 1 ? 'is' : 'are'} done`,
    };
  }
  const ps = taken.map((seeds) => (meanIsZeroP(values.slice(0, seeds).map((value) => value - above)) ?? 1) / 2);
  return { p: Math.min(1, effects * 2 * sequentialP(looks, ps)), isCorrected: true };
}

/** The weights that the claims are about, fixed in advance so that nothing is picked after the fact. */
const PAPER_FORMAT = { none: 0, full: 1 };
export const PAPER_KL = { none: 0, peak: 0.01, large: 0.05 };

function rewardWeights(evidence: ClaimEvidence): Claim {
  const { none, full } = PAPER_FORMAT;
  const effectOf = (weight: number): Effect =>
    sweepEffect(evidence, 'reward-weight', [weightName(none), weightName(weight)], 'format ');
  const texts = {
    claim: 'Rewarding the format beside the accuracy makes answers more accurate: any weight is better than none.',
    paper: 'Weight 1 is 20% better than weight 0, relatively, and every weight above 0 beats 0 (geometry, Fig. 4).',
  };
  const rule = `Weight ${full} − weight ${none} above 0, with no other weight whose mean is below that of weight ${none} (else at best undecided).`;
  const claim = conclude('reward-weight', texts, rule, [effectOf(full)]);
  const all = sweptWeights(evidence)
    .filter((weight) => weight !== none)
    .map(effectOf);
  const isBelow = all.some(({ values }) => values.length > 0 && meanInterval(values).mean < 0);
  return {
    ...claim,
    verdict: claim.verdict === 'reproduced' && isBelow ? 'undecided' : claim.verdict,
    estimates: all.map(estimate).filter((one) => one !== null),
  };
}

function klWeights(evidence: ClaimEvidence): Claim {
  const { none, peak, large } = evidence.klWeights ?? PAPER_KL;
  const texts = {
    claim: `Accuracy rises and then falls with a constant KL weight: a middle one (${peak}) beats both none and a large one (${large}).`,
    paper: 'Best at β = 0.01 with 30.24%, less at 0 and at 0.05 (geometry, Fig. 6).',
  };
  const rule = `β = ${peak} − β = ${none}, and β = ${peak} − β = ${large}, both above 0.`;
  const effects = [none, large].map((end) => sweepEffect(evidence, 'kl-weight', [betaName(end), betaName(peak)]));
  return conclude('kl-weight', texts, rule, effects);
}

/** Compares the second value of a sweep with the first, tested on the task that the sweep used. */
function sweepEffect(
  { comparisons, sweepTask }: ClaimEvidence,
  part: 'reward-weight' | 'kl-weight',
  [first, second]: readonly [first: string, second: string],
  what = '',
): Effect {
  const found = comparisons.find(
    (comparison) =>
      comparison.part === part &&
      comparison.trainedOn === sweepTask.datasetId &&
      comparison.testedOn === sweepTask.datasetId &&
      comparison.first === first &&
      comparison.second === second,
  );
  return differenceOf(found, `${what}${second} − ${first}, points`);
}

/** The p of a comparison, corrected for their number; of the questions alone in studies of earlier versions. */
function chanceOf(found: ArmComparison | undefined): number {
  return found?.adjustedP ?? found?.p ?? 1;
}

/** The weights of the format reward that were tried, smallest first. */
function sweptWeights({ cells }: ClaimEvidence): number[] {
  const weights = cells.flatMap(({ parts, rewardWeight }) =>
    parts.includes('reward-weight') && rewardWeight !== null ? [rewardWeight] : [],
  );
  return [...new Set(weights)].sort((a, b) => a - b);
}

function conclude(id: string, texts: Pick<Claim, 'claim' | 'paper'>, rule: string, effects: readonly Effect[]): Claim {
  const verdicts = effects.map(decideEffect);
  return {
    id,
    ...texts,
    rule,
    verdict: decideAll(verdicts),
    explanation:
      effects.length === 0
        ? 'This was not measured.'
        : effects.map((effect, index) => explain(effect, verdicts[index] ?? 'undecided')).join(' '),
    estimates: effects.map(estimate).filter((one) => one !== null),
  };
}

function explain(effect: Effect, verdict: ClaimVerdict): string {
  const one = estimate(effect);
  if (one === null) return `${effect.label}: not measured yet.`;
  const { length } = effect.values;
  const mean = figure(one.value);
  const needed = figure((effect.show ?? same)(effect.above));
  const reasons: Record<ClaimVerdict, string> = {
    reproduced: `all of it above ${needed}`,
    'not reproduced': `none of it above ${needed}`,
    equivalent: 'smaller than the smallest difference that matters, either way',
    undecided: whyUndecided(effect, needed),
  };
  const reason = reasons[verdict];
  if (length === 1) return `${effect.label}: ${mean} over 1 seed; ${reason}.`;
  if (one.low === null || one.high === null) return `${effect.label}: ${mean} over ${length} seeds; ${reason}.`;
  const crossed = decidingInterval(effect, verdict);
  const { low, high } = crossed ?? { low: one.low, high: one.high };
  const range = `${figure(low)} to ${figure(high)}`;
  if (crossed === null)
    return `${effect.label}: ${mean} over ${length} seeds, 95% interval over seeds ${range}; ${reason}.`;
  return `${effect.label}: ${mean} over ${length} seeds, 95% interval over seeds and questions ${range}; ${reason}.`;
}

/** The interval over seeds and questions, for display; null if the verdict rests on the one over seeds. */
function decidingInterval({ crossed, above, p, show = same }: Effect, verdict: ClaimVerdict): Interval | null {
  if (crossed === undefined) return null;
  const { low, high } = crossed;
  const says: Record<ClaimVerdict, boolean> = {
    reproduced: low > above,
    'not reproduced': high <= above,
    equivalent: true,
    undecided: !agreed(p) || (low <= above && high > above),
  };
  return says[verdict] ? { low: show(low), high: show(high) } : null;
}

function whyUndecided({ values, p, isCorrected = false, withheld }: Effect, needed: string): string {
  if (withheld !== undefined) return `no verdict yet: ${withheld}`;
  if (values.length < SEEDS_TO_DECIDE) return `at least ${SEEDS_TO_DECIDE} seeds are needed for a verdict`;
  if (isSpreadless(values)) return 'the seeds do not differ at all, so there is no interval';
  const chance = (p ?? 1).toFixed(2);
  if (!agreed(p))
    return isCorrected ? `it may be chance (p = ${chance}, corrected)` : `it may be chance (p = ${chance})`;
  return `which does not settle whether it is above ${needed}`;
}

function estimate({ label, values, show = same }: Effect): Claim['estimates'][number] | null {
  if (values.length === 0) return null;
  const { mean, low, high } = meanInterval(values);
  return { label, value: show(mean), low: low === null ? null : show(low), high: high === null ? null : show(high) };
}

function figure(value: number): string {
  return (value < 0 ? '−' : '+').concat(Math.abs(value).toFixed(1));
}

function percent(value: number): number {
  return value * 100;
}

function same(value: number): number {
  return value;
}
