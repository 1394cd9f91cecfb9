/** @file The first half page of a study: what holds, what does not, what is open and what to set, for anyone. */
import type { ArmComparison, Claim, ResultCell } from '../../contract/model/experiments.ts';
import { SEEDS_TO_DECIDE } from '../../method/seeds-to-decide.ts';
import { percent, points } from '../../reporting/figures.ts';
import type { StudyDocument } from './document.ts';

/** What the words below mean, and what was done, in a paragraph. */
export function inShort(study: StudyDocument): string {
  const { request, summary, claims } = study.experiment;
  const measured = claims.filter(({ estimates }) => estimates.length > 0);
  const unmeasured = claims.length - measured.length;
  const of = (...verdicts: Claim['verdict'][]): string[] =>
    measured.filter(({ verdict }) => verdicts.includes(verdict)).map((claim) => `- ${capital(plainly(study, claim))}`);
  const open = of('undecided');
  if (unmeasured > 0) open.push(`- ${unmeasured} of the ${claims.length} claims below are not measured yet.`);
  return [
    `A vision-language model can be trained in three ways. **SFT** shows it right answers to imitate. **GRPO** lets it try several answers and rewards the right ones; a weight, β, holds it back to what it was before (0: not at all). **GRPO-D** lets that weight move during training. The paper OThink-MR1 says that GRPO-D is best. Here, ${study.ran.model.name}, a small starter model, was trained again and again in each way, with ${seedsWords((request.seeds ?? []).length)} (throws of the dice), and asked questions that it had never seen.`,
    group('What holds', of('reproduced'), 'Nothing has been shown yet.'),
    group('What does not hold', of('not reproduced', 'equivalent'), 'Nothing has been refuted yet.'),
    group('What is open', open, 'Nothing.'),
    open.length > 0 && allLooksTaken(study)
      ? `Further seeds do not count in this plan: its last look, after ${request.looks?.seeds.at(-1) ?? 0} seeds, has been taken. To decide what is open, a study with a new plan is needed.`
      : '',
    ...alsoSeen(study),
    group('What to set', whatToSet(study), 'Nothing is decided that speaks against the defaults.'),
    `**What differs from the paper.** This model has 4 million weights and the paper's 2 billion, its pictures are drawn, and it trains an adapter (LoRA) and not all weights.${weightsText(study)} What is found here need not hold there.`,
    study.complete
      ? ''
      : `**This study is not finished.** ${summary.completed} of ${summary.children} parts are done. ${looksSoFar(study)} The same command goes on with it.`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** How far the KL weights reach, where it is further than in the paper. */
function weightsText({ experiment: { request } }: StudyDocument): string {
  if (request.kind !== 'study') return '';
  const largest = Math.max(...(request.klWeights ?? []));
  const moving = Math.max(...request.tasks.map(({ betaMax }) => betaMax));
  return [
    largest > 0.05
      ? ` The KL weights reach from 0 to ${largest}, because those of the paper (0 to 0.1) hardly touch this model.`
      : '',
    moving > 0.1 ? ` The weight of GRPO-D rises to ${moving}; in the paper it rises to 0.1 at most.` : '',
  ].join('');
}

function seedsWords(seeds: number): string {
  return seeds === 1 ? 'one seed' : `up to ${seeds} seeds`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function group(title: string, lines: readonly string[], none: string): string {
  return `**${title}.**${lines.length === 0 ? ` ${none}` : `\n\n${lines.join('\n')}`}`;
}

/** Whether the plan has looks and none of them is left: then no further seed can change a verdict. */
export function allLooksTaken({ complete, experiment: { request, comparisons } }: StudyDocument): boolean {
  const judged = comparisons.filter(({ looks }) => looks !== undefined);
  const isOver = judged.length > 0 && judged.every(({ looks }) => looks?.next === null);
  return complete && request.looks !== undefined && isOver;
}

/** Which planned looks were taken. */
function looksSoFar({ experiment: { request, comparisons } }: StudyDocument): string {
  const { looks } = request;
  if (looks === undefined) return '';
  const reached = comparisons.map(({ looks: seen }) => seen?.taken.length ?? 0);
  const most = Math.max(0, ...reached);
  if (most === 0) return `The first look comes after ${looks.seeds[0] ?? 0} seeds.`;
  const parts = looks.seeds.slice(0, most).map((seeds, at) => {
    const count = reached.filter((taken) => taken > at).length;
    return `the look at ${seeds} seeds for ${count} of ${comparisons.length} comparisons`;
  });
  return `Of the planned looks at ${looks.seeds.join(', ')} seeds, it has taken ${parts.join(' and ')}.`;
}

/** One claim as a sentence with its figures, in the direction that was found. */
function plainly(study: StudyDocument, claim: Claim): string {
  const { comparisons, datasets, request } = study.experiment;
  if (request.kind !== 'study') return claim.claim;
  if (claim.id === 'across-tasks') return acrossText(claim);
  if (claim.id === 'reward-weight') {
    const found = comparisons.find(
      ({ part, first, second }) => part === 'reward-weight' && first === 'weight 0' && second === 'weight 1',
    );
    return compared(study, claim, found, ['none', 'a reward for the form'], '');
  }
  if (claim.id === 'kl-weight') return peakText(study, claim);
  const task = datasets[Number(claim.id.split('-').at(-1)) - 1];
  // Claims of earlier versions are about both tasks at once.
  if (task === undefined) return claim.claim;
  const arm = Object.entries(AGAINST).find(([id]) => claim.id.startsWith(id))?.[1];
  const found = comparisons.find(
    (one) =>
      one.part === 'contest' &&
      one.testedOn === task.id &&
      one.second === 'GRPO-D' &&
      cellOf(study, one, 'first')?.arm === arm,
  );
  return compared(study, claim, found, [armName(study, found), 'GRPO-D'], `${task.name}: `, claim.claim);
}

const AGAINST: Record<string, ResultCell['arm']> = {
  'same-task-sft': 'sft',
  'same-task-grpo': 'grpo',
  'control-mean': 'grpo-matched',
  'control-other': 'grpo-other',
};

/** An arm with its KL weight. */
function armName(study: StudyDocument, found: ArmComparison | undefined): string {
  const cell = found && cellOf(study, found, 'first');
  if (cell?.arm === 'grpo-matched') return 'GRPO with a fixed β of the same mean';
  return cell?.klWeight === null || cell === undefined ? (found?.first ?? '') : `GRPO with β = ${cell.klWeight}`;
}

/** The cell that one side of a comparison is about. */
function cellOf(study: StudyDocument, one: ArmComparison, side: 'first' | 'second'): ResultCell | undefined {
  const id = one.perSeed[0]?.[side];
  return study.experiment.cells.find(({ seeds }) => seeds.some(({ evaluationId }) => evaluationId === id));
}

/** The mean accuracy of one side, over the seeds that the comparison counts. */
function meanOf(study: StudyDocument, one: ArmComparison, side: 'first' | 'second'): number {
  const ids = one.perSeed.map((seed) => seed[side]);
  const all = study.experiment.cells.flatMap(({ seeds }) => seeds);
  const found = ids.map((id) => all.find(({ evaluationId }) => evaluationId === id)?.accuracy.value ?? NaN);
  return found.reduce((sum, value) => sum + value, 0) / found.length;
}

function compared(
  study: StudyDocument,
  claim: Claim,
  found: ArmComparison | undefined,
  [first, second]: readonly [string, string],
  where: string,
  otherwise = claim.claim,
): string {
  if (found === undefined || found.perSeed.length === 0) return `${otherwise} Not measured yet.`;
  const [before, after] = [meanOf(study, found, 'first'), meanOf(study, found, 'second')];
  const seeds = `${found.perSeed.length} seed${found.perSeed.length === 1 ? '' : 's'}`;
  const figures = (a: number, b: number): string =>
    `${percent(a)} of the answers are right against ${percent(b)} (${seeds})`;
  const margin = percent(found.smallestDifference ?? 0.02).replace('%', ' points');
  switch (claim.verdict) {
    case 'reproduced':
      return `${where}${second} is better than ${first}: ${figures(after, before)}.`;
    case 'not reproduced':
      return `${where}${second} is worse than ${first}: ${figures(after, before)}.`;
    case 'equivalent':
      return `${where}${second} and ${first} are the same, to within ${margin}: ${figures(after, before)}.`;
    case 'undecided':
      return `${where}${second} against ${first}: ${figures(after, before)}. ${stillOpen(found)}`;
  }
}

/** What is decided about other tasks without being a claim: only methods that were trained, each against another. */
function alsoSeen(study: StudyDocument): string[] {
  const { comparisons, datasets } = study.experiment;
  const nameOf = (id: string): string => datasets.find((dataset) => dataset.id === id)?.name ?? id;
  const lines = comparisons
    .filter(
      ({ part, trainedOn, testedOn, first }) => part === 'exam' && trainedOn !== testedOn && first !== 'base model',
    )
    .filter(({ verdict }) => verdict === 'first' || verdict === 'second')
    .map((one) => {
      const sides = (['first', 'second'] as const).map((side) => ({ name: one[side], mean: meanOf(study, one, side) }));
      const [worse, better] = one.verdict === 'second' ? sides : sides.toReversed();
      const seeds = `${one.perSeed.length} seeds`;
      return `- Trained on ${nameOf(one.trainedOn)} and tested on ${nameOf(one.testedOn)}: ${better?.name ?? ''} is better than ${worse?.name ?? ''}, ${percent(better?.mean)} against ${percent(worse?.mean)} (${seeds}).`;
    });
  return lines.length === 0 ? [] : [group('Also seen, on a task that was not trained', lines, '')];
}

/** What would decide it. */
function stillOpen({ needs = null, looks }: ArmComparison): string {
  if (looks?.taken.length === 0) return `The first look comes after ${looks.next ?? 0} seeds.`;
  if (needs === null) return 'Undecided.';
  if (needs.seeds === null) return 'Undecided; only more questions could decide it.';
  const more = `about ${needs.seeds} more seed${needs.seeds === 1 ? '' : 's'}`;
  return looks?.next === null
    ? `Undecided; in a new plan, ${more} would probably decide it.`
    : `Undecided; ${more} would probably decide it.`;
}

function acrossText({ verdict, estimates }: Claim): string {
  const [gain] = estimates;
  const what = 'On a task that it was not trained on, a model trained with GRPO-D';
  if (gain === undefined) return `${what} against one trained with SFT: not measured yet.`;
  const found = `${gain.value < 0 ? '−' : '+'}${Math.abs(gain.value).toFixed(0)}%`;
  if (verdict === 'reproduced')
    return `${what} gets at least 60% more answers right than one trained with SFT (${found}).`;
  if (verdict === 'not reproduced')
    return `${what} does not get 60% more answers right than one trained with SFT (${found}).`;
  const amount = `${Math.abs(gain.value).toFixed(0)}%`;
  const size = gain.value < 0 ? `${amount} fewer` : `${amount} more`;
  return `${what} gets ${size} answers right than one trained with SFT, where the paper has 60% more. Undecided.`;
}

function peakText(study: StudyDocument, claim: Claim): string {
  const points = study.experiment.cells
    .filter(
      ({ parts, trainedOn, testedOn, seeds }) =>
        parts.includes('kl-weight') && trainedOn === testedOn && seeds.length > 0,
    )
    .map(({ klWeight, mean }) => ({ beta: klWeight ?? 0, mean }))
    .sort((a, b) => a.beta - b.beta);
  const curve = points.map(({ beta, mean }) => `${percent(mean)} at ${beta}`).join(', ');
  const figures = curve === '' ? 'Not measured yet.' : `So far: ${curve}.`;
  switch (claim.verdict) {
    case 'reproduced':
      return `A fixed weight has a best value in the middle: too small and too large are both worse. ${figures}`;
    case 'not reproduced':
      return `A fixed weight does not have its best value in the middle as the paper says. ${figures}`;
    case 'equivalent':
      return `It does not matter which fixed weight you choose. ${figures}`;
    case 'undecided':
      return `Whether a fixed weight has its best value in the middle. ${figures}`;
  }
}

/** What GRPO-D does on the task that was not trained, against the fixed weight: advice if it is worse anywhere. */
function elsewhere(study: StudyDocument): string | null {
  const { comparisons, datasets } = study.experiment;
  const nameOf = (id: string): string => datasets.find((dataset) => dataset.id === id)?.name ?? id;
  const found = comparisons.filter(
    ({ part, first, second, trainedOn, testedOn }) =>
      part === 'exam' && trainedOn !== testedOn && first === 'GRPO' && second === 'GRPO-D',
  );
  const worse = found.filter(({ verdict }) => verdict === 'first');
  if (worse.length === 0 || found.some(({ verdict }) => verdict === 'second')) return null;
  const sentences = [...worse, ...found.filter((one) => !worse.includes(one))].map((one) => {
    const where = `Trained on ${nameOf(one.trainedOn)} and tested on ${nameOf(one.testedOn)}`;
    const difference = `${points(one.mean)} points`;
    if (one.verdict === 'equivalent') return `${where}, the two are the same (${difference}).`;
    if (one.verdict === 'undecided') return `${where}, the difference (${difference}) may be chance.`;
    return `${where}, GRPO-D is worse (${percent(meanOf(study, one, 'second'))} against ${percent(meanOf(study, one, 'first'))}).`;
  });
  const weight = worse.map((one) => cellOf(study, one, 'first')?.klWeight ?? null)[0] ?? null;
  const fixed = weight === null ? 'a small fixed weight' : `a fixed weight of ${weight}`;
  return `- If the model must do other tasks, too, consider ${fixed} instead of GRPO-D. ${sentences.join(' ')} On the trained task, GRPO-D has not been shown to be better.`;
}

function isJudged({ perSeed, looks }: ArmComparison): boolean {
  return perSeed.length >= SEEDS_TO_DECIDE && looks?.taken.length !== 0;
}

/** Advice that the verdicts support, and no other. */
function whatToSet(study: StudyDocument): string[] {
  const { comparisons, datasets } = study.experiment;
  const [task] = datasets;
  const found = (
    first: (cell: ResultCell) => boolean,
    second: (cell: ResultCell) => boolean,
  ): ArmComparison | undefined =>
    comparisons.find((one) => {
      const [a, b] = [cellOf(study, one, 'first'), cellOf(study, one, 'second')];
      return (
        one.part === 'contest' &&
        one.testedOn === task?.id &&
        a !== undefined &&
        b !== undefined &&
        first(a) &&
        second(b)
      );
    });
  const isArm = (arm: ResultCell['arm']) => (cell: ResultCell) => cell.arm === arm;
  const lines: string[] = [];
  if (found(isArm('sft'), isArm('grpo-d'))?.verdict === 'second') {
    lines.push('- Where answers can be checked, train with rewards (GRPO or GRPO-D), not with SFT.');
  }
  const weights = found(isArm('grpo'), isArm('grpo-other'));
  const [small, large] = (['first', 'second'] as const).map(
    (side) => (weights && cellOf(study, weights, side)?.klWeight) ?? null,
  );
  if (weights !== undefined && isJudged(weights) && small !== null && large !== null) {
    const advice: Record<ArmComparison['verdict'], string> = {
      second: `- On the trained task, GRPO got more right with β = ${large} than with ${small}: ${percent(meanOf(study, weights, 'second'))} against ${percent(meanOf(study, weights, 'first'))}. That was not among the planned claims, and the other task was not tested with it, so the default stays. Try both on your data.`,
      first: `- For GRPO with this model, leave β at ${small}; ${large} is worse.`,
      equivalent: `- For GRPO with this model, β may be ${small} or ${large}: the difference is too small to matter.`,
      undecided: `- Leave β at its default of ${small}: ${large} has not been shown to be better.`,
    };
    lines.push(advice[weights.verdict]);
  }
  const moving = (['grpo', 'grpo-matched', 'grpo-other'] as const).flatMap((arm) => {
    const one = found(isArm(arm), isArm('grpo-d'));
    return one === undefined || !isJudged(one) ? [] : [one.verdict];
  });
  if (moving.length === 0) return lines;
  if (moving.every((verdict) => verdict === 'second')) {
    lines.push('- Prefer GRPO-D: it is better than every fixed weight that was tried.');
  } else if (moving.every((verdict) => verdict === 'first')) {
    lines.push('- Prefer a fixed weight to GRPO-D: each that was tried is better.');
  } else if (!moving.includes('second')) {
    lines.push(
      elsewhere(study) ??
        '- Choose GRPO-D or a fixed weight as you like: no moving weight has been shown to be better than a fixed one.',
    );
  }
  return lines;
}
