/**
 * @file The plan of a study: claims, rules, arms, seeds and the smallest difference that matters, written and hashed
 * before the first run. A study whose plan was changed afterwards gives no verdict.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  ExperimentRequest,
  PlannedLooks,
  type ArmComparison,
  type Claim,
  type ExperimentDetail,
} from '../../contract/model/experiments.ts';
import { Sha256 } from '../../contract/model/primitives.ts';
import { seedsNeeded } from '../../method/decide.ts';
import { meanInterval } from '../../method/statistics.ts';
import { levelsOfLooks } from '../../method/sequential.ts';
import { decideClaims, plannedEffects } from '../../studio/experiments/claims.ts';
import { evidenceOf } from '../../studio/experiments/evidence.ts';

export const PLAN_FILE = 'study-plan.json';

const PlannedClaim = z.strictObject({ id: z.string(), claim: z.string(), rule: z.string() });

/** What the seeds were chosen by: how far the differences of an earlier study spread. */
const Power = z.strictObject({
  /** When the pilot was written, and the commit that ran it. */
  pilot: z.strictObject({ writtenAt: z.string(), commit: z.string().nullable(), seeds: z.int() }),
  /** Standard deviation over seeds of the differences between the arms on the first task, all pairs together. */
  sd: z.number(),
  smallestDifference: z.number(),
  /** Seeds that give one comparison a verdict with 80% probability; null if the pilot shows that none do. */
  seeds: z.int().nullable(),
});

const Statistics = z.strictObject({
  /** With the two-sided level of each look, for a single comparison. */
  looks: PlannedLooks.extend({ levels: z.array(z.number()) }).nullable(),
  /** p is corrected for so many comparisons (Holm). */
  comparisons: z.int(),
  power: Power.nullable(),
});
type Statistics = z.output<typeof Statistics>;

/** What a plan needs to know of an earlier study: its study.json has this and more. */
export interface Pilot {
  writtenAt: string;
  ran: { commit: string | null };
  experiment: Pick<ExperimentDetail, 'datasets' | 'comparisons' | 'summary'>;
}

/** `sha256`: of the rest, as compact JSON with its fields in this order. */
export const StudyPlan = z.strictObject({
  format: z.literal('atelier-study-plan/1'),
  claims: z.array(PlannedClaim),
  /** Arms, seeds, steps and the smallest difference that matters; without the hash of the plan itself. */
  request: ExperimentRequest,
  /** Absent in plans of earlier versions. */
  statistics: Statistics.optional(),
  sha256: Sha256,
});
export type StudyPlan = z.output<typeof StudyPlan>;

/**
 * The plan of a study that has not begun.
 * @param tasks the names of its two tasks
 * @param pilot an earlier study, whose spread the number of seeds was chosen by
 */
export function planOf(request: ExperimentRequest, tasks: readonly string[], pilot: Pilot | null = null): StudyPlan {
  const parsed = withoutPlan(ExperimentRequest.parse(request));
  const evidence = evidenceOf(parsed, tasks);
  const claims = evidence === null ? [] : decideClaims({ ...evidence, cells: [], comparisons: [] }).map(plannedClaim);
  const { looks, smallestDifference } = parsed;
  const statistics: Statistics = {
    looks: looks === undefined ? null : { ...looks, levels: levelsOfLooks(looks, 0.025).map((level) => 2 * level) },
    comparisons: evidence === null ? 0 : plannedEffects(evidence),
    power: pilot === null ? null : powerOf(pilot, smallestDifference),
  };
  const sha256 = hashOf({ claims, request: parsed, statistics });
  return { format: 'atelier-study-plan/1', claims, request: parsed, statistics, sha256 };
}

/** The seeds that the spread of an earlier study asks for; null if it has no arm with several seeds. */
function powerOf({ writtenAt, ran, experiment }: Pilot, smallestDifference: number): Statistics['power'] {
  const first = experiment.datasets[0]?.id;
  const differences = experiment.comparisons
    .filter(({ part, testedOn, second }) => part === 'contest' && testedOn === first && second === 'GRPO-D')
    .filter(({ first: against }) => against !== 'base model')
    .map(({ perSeed }) => perSeed.map(({ difference }) => difference));
  const variances = differences.flatMap((values) => {
    const { std } = values.length === 0 ? { std: null } : meanInterval(values);
    return std === null ? [] : [std ** 2];
  });
  if (variances.length === 0) return null;
  const variance = variances.reduce((sum, value) => sum + value, 0) / variances.length;
  return {
    pilot: { writtenAt, commit: ran.commit, seeds: experiment.summary.seeds.length },
    sd: Math.sqrt(variance),
    smallestDifference,
    // The spread over seeds of a mean over questions holds what is left of both.
    seeds: seedsNeeded({ seeds: variance, questions: 0, rest: 0 }, 1, smallestDifference),
  };
}

/** The request as the plan holds it. */
export function withoutPlan(request: z.output<typeof ExperimentRequest>): z.output<typeof ExperimentRequest> {
  const { planSha256: _, ...rest } = request;
  return rest;
}

/**
 * Null if the plan in the file is the one that the study began with, or if the study began without a plan, as those of
 * earlier versions did; otherwise what was changed.
 *
 * @param text the content of the plan file; null if there is none
 * @param request the stored request of the study, with the hash of its plan
 * @param claims what is judged now
 */
export function faultOfPlan(
  text: string | null,
  request: z.output<typeof ExperimentRequest>,
  claims: readonly Pick<Claim, 'id' | 'claim' | 'rule'>[],
): string | null {
  const { planSha256 } = request;
  if (planSha256 === undefined) return null;
  if (text === null) return `The plan of this study, ${PLAN_FILE}, is missing.`;
  const plan = readPlan(text);
  if (plan === null) return `The plan of this study, ${PLAN_FILE}, cannot be read.`;
  const changed = [
    ...changedFields(plan.request, withoutPlan(request)),
    ...plan.claims.filter((one) => !isJudged(one, claims)).map(({ id }) => `the claim "${id}"`),
    ...(plan.claims.length === claims.length ? [] : ['the number of claims']),
  ];
  if (changed.length > 0) return `The plan was changed after the first run: ${changed.join(', ')}.`;
  if (plan.sha256 === planSha256 && hashOf(plan) === planSha256) return null;
  return 'The plan was changed after the first run: its hash is not the one that the study began with.';
}

/** The same results without any verdict, each with the reason. */
export function withoutVerdicts<D extends { claims: Claim[]; comparisons: ArmComparison[] }>(
  detail: D,
  fault: string,
): D {
  return {
    ...detail,
    claims: detail.claims.map((claim) => ({
      ...claim,
      verdict: 'undecided' as const,
      explanation: `No verdict is given. ${fault} ${claim.explanation}`,
    })),
    comparisons: detail.comparisons.map((one) => ({
      ...one,
      verdict: 'undecided' as const,
      needs: null,
      sentence: `${one.second} against ${one.first}: no verdict is given. ${fault}`,
    })),
  };
}

/** The statistics of the plan in a file; absent if it has none. */
export function statisticsOf(text: string | null): Pick<StudyPlan, 'statistics'> {
  const statistics = text === null ? undefined : readPlan(text)?.statistics;
  return statistics === undefined ? {} : { statistics };
}

/** The plan in a text; null if it holds none. */
export function readPlan(text: string): StudyPlan | null {
  try {
    return StudyPlan.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function isJudged(
  planned: z.output<typeof PlannedClaim>,
  claims: readonly Pick<Claim, 'id' | 'claim' | 'rule'>[],
): boolean {
  return claims.some((one) => JSON.stringify(plannedClaim(one)) === JSON.stringify(planned));
}

function plannedClaim({ id, claim, rule }: Pick<Claim, 'id' | 'claim' | 'rule'>): z.output<typeof PlannedClaim> {
  return { id, claim, rule };
}

function changedFields(planned: object, stored: object): string[] {
  const fields = new Set([...Object.keys(planned), ...Object.keys(stored)]);
  const valueOf = (of: object, field: string): string => JSON.stringify((of as Record<string, unknown>)[field] ?? null);
  return [...fields].filter((field) => valueOf(planned, field) !== valueOf(stored, field));
}

function hashOf({ claims, request, statistics }: Omit<StudyPlan, 'format' | 'sha256'>): string {
  return createHash('sha256')
    .update(JSON.stringify([claims, request, ...(statistics === undefined ? [] : [statistics])]))
    .digest('hex');
}
