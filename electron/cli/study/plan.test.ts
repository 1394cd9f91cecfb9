/** @file The plan of a study: whatever is changed in it after the first run is named, and no verdict is given. */
import { describe, expect, it } from 'vitest';
import { ExperimentRequest, type ArmComparison, type Claim } from '../../contract/model/experiments.ts';
import { faultOfPlan, planOf, withoutVerdicts, type Pilot, type StudyPlan } from './plan.ts';
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

  it('says before the first run when it is judged, at which levels, and for how many comparisons', () => {
    expect(plan.statistics?.looks).toMatchObject({ seeds: [4, 6, 8, 10], spending: 'pocock' });
    expect(plan.statistics?.looks?.levels.map((level) => level.toFixed(4))).toEqual([
      '0.0262',
      '0.0179',
      '0.0175',
      '0.0177',
    ]);
    expect(plan.statistics?.comparisons).toBe(12);
    const otherwise = { ...plan, statistics: { ...plan.statistics!, comparisons: 1 } };
    expect(fault(otherwise)).toContain('its hash');
    expect(fault(planOf({ ...request, looks: { seeds: [10] } }, tasks))).toContain('looks');
  });

  it('chooses its seeds by the spread of an earlier study', () => {
    const differences = (second: string, first: string, values: number[]) => ({
      part: 'contest',
      testedOn: 'ds-1',
      first,
      second,
      perSeed: values.map((difference) => ({ difference })),
    });
    const pilot = {
      writtenAt: '2026-11-28T18:05:21.863Z',
      ran: { commit: null },
      experiment: {
        datasets: [{ id: 'ds-1' }],
        summary: { seeds: [7, 8, 9] },
        comparisons: [
          differences('GRPO-D', 'GRPO', [0.04, 0, -0.04]),
          differences('GRPO-D', 'base model', [0.9, 0.1, 0.5]),
          differences('SFT', 'base model', [0.9, 0.1, 0.5]),
        ],
      },
    } as unknown as Pilot;
    const { power } = planOf(request, tasks, pilot).statistics ?? {};
    expect(power?.sd).toBeCloseTo(0.04, 12);
    expect(power).toMatchObject({ smallestDifference: 0.05, pilot: { seeds: 3 } });
    expect(power?.seeds).toBeGreaterThan(6);
    expect(power?.seeds).toBeLessThan(11);
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
    const comparison = { first: 'SFT', second: 'GRPO-D', verdict: 'second', sentence: 'Better.' } as ArmComparison;
    const { claims, comparisons } = withoutVerdicts({ claims: [claim], comparisons: [comparison] }, 'It was changed.');
    expect(claims).toMatchObject([{ verdict: 'undecided', explanation: 'No verdict is given. It was changed. Up.' }]);
    expect(comparisons).toMatchObject([
      { verdict: 'undecided', sentence: 'GRPO-D against SFT: no verdict is given. It was changed.' },
    ]);
  });
});
