/** @file The plan of a study: whatever is changed in it after the first run is named, and no verdict is given. */
import { describe, expect, it } from 'vitest';
import { ExperimentRequest, type Claim } from '../../contract/model/experiments.ts';
import { faultOfPlan, planOf, withoutVerdicts, type StudyPlan } from './plan.ts';
import { studyRequest } from './request.ts';

const request = studyRequest({
  modelId: 'model-1' as never,
  counting: 'ds-1' as never,
  geometry: 'ds-2' as never,
  quick: false,
});
const tasks = ['Counting', 'Geometry'];
const plan = planOf(request, tasks);
const began = ExperimentRequest.parse({ ...request, planSha256: plan.sha256 });
const fault = (changed: StudyPlan | null) =>
  faultOfPlan(changed === null ? null : JSON.stringify(changed), began, plan.claims);

describe('the plan of a study', () => {
  it('holds the claims with their rules, the arms, the seeds and the smallest difference that matters', () => {
    expect(plan.claims.map(({ id }) => id)).toContain('same-task-grpo-1');
    expect(plan.request).toMatchObject({ smallestDifference: 0.05, kind: 'study' });
    expect(fault(plan)).toBeNull();
    expect(planOf(began, tasks).sha256).toBe(plan.sha256);
  });

  it('names what was changed after the first run', () => {
    const later = planOf({ ...request, seeds: [7, 8, 9, 10], smallestDifference: 0.02 }, tasks);
    expect(fault(later)).toContain('seeds, smallestDifference');
    const claims = plan.claims.map((claim, at) => (at === 0 ? { ...claim, rule: 'Anything.' } : claim));
    expect(fault({ ...plan, claims })).toContain('the claim "same-task-sft-1"');
    expect(fault({ ...plan, claims: plan.claims.slice(1) })).toContain('the number of claims');
    expect(fault({ ...plan, sha256: 'a'.repeat(64) })).toContain('its hash');
    expect(fault(null)).toContain('is missing');
    expect(faultOfPlan('{', began, plan.claims)).toContain('cannot be read');
  });

  it('is not asked of a study that began without one', () => {
    expect(faultOfPlan(null, ExperimentRequest.parse(request), [])).toBeNull();
  });

  it('leaves no verdict where it was changed', () => {
    const claim: Claim = { ...plan.claims[0]!, paper: '', verdict: 'reproduced', explanation: 'Up.', estimates: [] };
    expect(withoutVerdicts([claim], 'The plan was changed.')).toMatchObject([
      { verdict: 'undecided', explanation: 'No verdict is given. The plan was changed. Up.' },
    ]);
  });
});
