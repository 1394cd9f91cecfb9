/**
 * @file The plan of a study: claims, rules, arms, seeds and the smallest difference that matters, written and hashed
 * before the first run. A study whose plan was changed afterwards gives no verdict.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ExperimentRequest, type Claim } from '../../contract/model/experiments.ts';
import { Sha256 } from '../../contract/model/primitives.ts';
import { decideClaims } from '../../studio/experiments/claims.ts';

export const PLAN_FILE = 'study-plan.json';

const PlannedClaim = z.strictObject({ id: z.string(), claim: z.string(), rule: z.string() });

/** `sha256`: of the rest, as compact JSON with its fields in this order. */
export const StudyPlan = z.strictObject({
  format: z.literal('atelier-study-plan/1'),
  claims: z.array(PlannedClaim),
  /** Arms, seeds, steps and the smallest difference that matters; without the hash of the plan itself. */
  request: ExperimentRequest,
  sha256: Sha256,
});
export type StudyPlan = z.output<typeof StudyPlan>;

/** The plan of a study that has not begun. */
export function planOf(request: ExperimentRequest): StudyPlan {
  const claims = decideClaims({ tasks: [], sweepTask: NO_TASK, cells: [], comparisons: [] }).map(plannedClaim);
  const parsed = withoutPlan(ExperimentRequest.parse(request));
  return { format: 'atelier-study-plan/1', claims, request: parsed, sha256: hashOf(claims, parsed) };
}

const NO_TASK = { datasetId: '' as never, name: '' };

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
  if (plan.sha256 === planSha256 && hashOf(plan.claims, plan.request) === planSha256) return null;
  return 'The plan was changed after the first run: its hash is not the one that the study began with.';
}

/** The same claims without a verdict, each with the reason. */
export function withoutVerdicts(claims: readonly Claim[], fault: string): Claim[] {
  return claims.map((claim) => ({
    ...claim,
    verdict: 'undecided',
    explanation: `No verdict is given. ${fault} ${claim.explanation}`,
  }));
}

function readPlan(text: string): StudyPlan | null {
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

function hashOf(claims: StudyPlan['claims'], request: StudyPlan['request']): string {
  return createHash('sha256')
    .update(JSON.stringify([claims, request]))
    .digest('hex');
}
