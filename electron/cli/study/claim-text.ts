/** @file A claim of a study in full: its verdict, its figures, what the paper says and the rule. */
import type { ArmComparison, Claim } from '../../contract/model/experiments.ts';
import type { StudyDocument } from './document.ts';

export function claimText(study: StudyDocument, claim: Claim): string {
  const { verdict, paper, rule } = claim;
  return [
    `### ${claim.claim}`,
    `**${verdict[0]?.toUpperCase() ?? ''}${verdict.slice(1)}.** ${explanation(study, claim)} The paper: ${paper} The rule: ${rule}`,
    ...(claim.estimates.length < 2 && !isUnnamed(study, claim) ? [] : [estimates(study, claim)]),
  ].join('\n\n');
}

/** True if an explanation does not say what its intervals are over, as those of earlier versions; theirs are over seeds. */
function isUnnamed({ experiment: { comparisons } }: StudyDocument, { explanation }: Claim): boolean {
  return UNNAMED.test(explanation) && comparisons.some(({ crossed }) => crossed);
}

const UNNAMED = /, 95% interval (?!over )/;

function explanation(study: StudyDocument, claim: Claim): string {
  return isUnnamed(study, claim)
    ? claim.explanation.replaceAll(new RegExp(UNNAMED, 'g'), ', 95% interval over seeds alone ')
    : claim.explanation;
}

function estimates(study: StudyDocument, claim: Claim): string {
  return claim.estimates
    .map(({ label, value, low, high }) => {
      const crossed = comparisonOf(study, claim, label)?.crossed ?? null;
      const both = crossed && `over seeds and questions: ${figure(100 * crossed.low)} to ${figure(100 * crossed.high)}`;
      const seeds = low !== null && high !== null && `over seeds: ${figure(low)} to ${figure(high)}`;
      const intervals = [both, seeds].filter((text) => typeof text === 'string');
      return `- ${label}: ${figure(value)}${intervals.length === 0 ? '' : ` (95% ${intervals.join('; ')})`}`;
    })
    .join('\n');
}

/** The comparison that an estimate is of; undefined if it is of a ratio. */
function comparisonOf({ experiment }: StudyDocument, { id }: Claim, label: string): ArmComparison | undefined {
  const { request, datasets, comparisons } = experiment;
  if (request.kind !== 'study') return undefined;
  const isSwept = id === 'reward-weight' || id === 'kl-weight';
  const task = datasets[isSwept ? (request.sweepTask ?? 1) : Number(id.split('-').at(-1)) - 1];
  return comparisons.find(
    ({ part, first, second, trainedOn, testedOn }) =>
      part === (isSwept ? id : 'contest') &&
      trainedOn === task?.id &&
      testedOn === task.id &&
      label.replace(/^format /, '') === `${second} − ${first}, points`,
  );
}

function figure(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;
}
