/** @file Refuses rewards that cannot work: named twice, self-contradictory, or of the wrong kind for the data. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Task } from '../../contract/model/primitives.ts';
import type { AccuracyParams, AnswerKind, RewardSpec } from '../../contract/model/rewards.ts';
import { rewardKey } from '../../contract/model/rewards.ts';
import { unwrapReference } from '../../rewards/answer.ts';
import { referenceFits } from '../../rewards/references.ts';
import { rewardVersion } from '../../rewards/registry.ts';
import { readTags, readVocabulary } from '../../rewards/tag-sets.ts';
import { LENGTH_DEFAULTS } from '../../rewards/style.ts';

/** The reference answers that the rewards would be applied to, as far as they are known. */
export type RewardedData = {
  datasetName: string;
  answers?: readonly { answer: string; task: Task }[] | undefined;
};

/** What each kind reads, in words, and the tasks whose answers are never of that kind. */
const KINDS: Record<Exclude<AnswerKind, 'auto'>, { reads: string; never: readonly Task[] }> = {
  count: { reads: 'whole numbers', never: ['geometry'] },
  number: { reads: 'numbers', never: [] },
  fraction: { reads: 'fractions', never: ['counting'] },
  radical: { reads: 'values with square roots', never: ['counting'] },
  pi: { reads: 'multiples of π', never: ['counting'] },
  degrees: { reads: 'angles', never: ['counting'] },
  choice: { reads: 'choice letters', never: ['counting'] },
  'yes-no': { reads: 'yes or no', never: ['counting'] },
  text: { reads: 'texts', never: ['counting', 'geometry'] },
  tags: { reads: 'tags separated by commas', never: ['counting', 'geometry'] },
  transcript: { reads: 'texts to copy', never: ['counting', 'geometry'] },
  box: { reads: 'boxes (left, top, right, bottom)', never: ['counting', 'geometry'] },
  point: { reads: 'boxes (left, top, right, bottom) that a point must be in', never: ['counting', 'geometry'] },
};

const WITH_TOLERANCE: readonly AnswerKind[] = ['auto', 'number', 'degrees'];

/** @throws AtelierError BAD_INPUT with the field, such as `rewards.0.params.kind`, and what to do. */
export function checkRewardSpecs(rewards: readonly RewardSpec[], data: RewardedData): void {
  const keys = rewards.map(rewardKey);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined) {
    refuse('rewards', `The reward "${twice}" is named twice.`, 'Name it once, with the weight it should have.');
  }
  if (rewards.every((reward) => reward.weight === 0)) {
    refuse(
      'rewards',
      'Every reward has the weight 0: no completion could be better than another.',
      'Give at least one reward a weight above 0.',
    );
  }
  rewards.forEach((spec, index) => {
    const field = `rewards.${index}.params`;
    if (spec.name === 'accuracy') checkAccuracy(spec.params ?? {}, field, data);
    if (spec.name === 'length') {
      const { min, max } = {
        min: spec.params?.min ?? LENGTH_DEFAULTS.min,
        max: spec.params?.max ?? LENGTH_DEFAULTS.max,
      };
      if (min > max) {
        refuse(
          `${field}.min`,
          `The length reward asks for at least ${min} and at most ${max} characters.`,
          'Exchange the two.',
        );
      }
    }
    if (spec.name === 'format' && spec.params?.form === 'r1v') {
      const option = (['requireThought', 'requireAnswer'] as const).find((name) => spec.params?.[name] !== undefined);
      if (option !== undefined) {
        refuse(
          `${field}.${option}`,
          `The form "r1v" is R1-V's own regular expression, which ${option} does not change.`,
          'Leave the option out, or choose the strict form.',
        );
      }
    }
  });
}

function checkAccuracy(params: AccuracyParams, field: string, { datasetName, answers }: RewardedData): void {
  const kind = params.kind ?? 'auto';
  const option = misplacedOption(params, kind);
  if (option !== null) {
    refuse(
      `${field}.${option}`,
      `The option ${option} means nothing to the accuracy reward of the kind "${kind}".`,
      'Leave it out, or choose a kind that has it.',
    );
  }
  if (params.vocabulary !== undefined) checkVocabulary(params.vocabulary, field, { datasetName, answers });
  if (kind === 'auto' || answers === undefined || answers.length === 0) return;
  const { reads, never } = KINDS[kind];
  const strange = answers.find(({ task }) => never.includes(task));
  if (strange !== undefined) {
    refuse(
      `${field}.kind`,
      `The accuracy reward of the kind "${kind}" reads ${reads}, but "${datasetName}" holds ${strange.task} questions.`,
      'Use the kind "auto", which follows the task, or choose another dataset.',
    );
  }
  const unfit = answers.filter(({ answer }) => !referenceFits(kind, answer));
  const [example] = unfit;
  if (example === undefined) return;
  refuse(
    `${field}.kind`,
    `The accuracy reward of the kind "${kind}" reads ${reads}, but ${unfit.length} of ${answers.length} reference answers in "${datasetName}" are something else, for example "${example.answer.slice(0, 60)}": they could never be right.`,
    'Use the kind "auto", or correct these answers.',
  );
}

function checkVocabulary(text: string, field: string, { datasetName, answers = [] }: RewardedData): void {
  const vocabulary = readVocabulary(text);
  if (vocabulary === null) {
    refuse(
      `${field}.vocabulary`,
      'The vocabulary has an empty tag, or names a tag twice.',
      'Write each tag once, separated by commas, with synonyms after "=": bird, dog = hound = puppy.',
    );
  }
  const unknown = answers.find(({ answer }) => readTags(unwrapReference(answer), vocabulary) === null);
  if (unknown === undefined) return;
  refuse(
    `${field}.vocabulary`,
    `The reference answer "${unknown.answer.slice(0, 60)}" in "${datasetName}" has a tag that is not in the vocabulary, or names one twice: it could never be right.`,
    'Add the tag to the vocabulary, or correct the answer.',
  );
}

function misplacedOption(params: AccuracyParams, kind: AnswerKind): string | null {
  const given = (name: keyof AccuracyParams): boolean =>
    params[name] !== undefined && params[name] !== false && params[name] !== 0;
  if (given('tolerance') && !WITH_TOLERANCE.includes(kind)) return 'tolerance';
  if (given('relativeTolerance') && !WITH_TOLERANCE.includes(kind)) return 'relativeTolerance';
  if (given('requireUnit') && kind !== 'number' && kind !== 'degrees') return 'requireUnit';
  if (given('caseSensitive') && kind !== 'text') return 'caseSensitive';
  if (given('partialCredit') && kind !== 'tags' && kind !== 'transcript') return 'partialCredit';
  if (params.vocabulary !== undefined && kind !== 'tags') return 'vocabulary';
  if (params.errorRate !== undefined && !(kind === 'transcript' && params.partialCredit === true)) return 'errorRate';
  if (params.normalise !== undefined && kind !== 'transcript') return 'normalise';
  if (given('iouThreshold') && kind !== 'box') return 'iouThreshold';
  if (given('overlapAsReward') && kind !== 'box') return 'overlapAsReward';
  return null;
}

function refuse(field: string, message: string, remedy: string): never {
  throw new AtelierError('BAD_INPUT', message, { place: { field }, remedy });
}

/**
 * Refuses to continue with rewards whose code has changed since the run began, because later steps would be measured
 * differently from earlier ones. Recipes from before versions were recorded pass.
 *
 * @throws AtelierError CONFLICT naming the reward
 */
export function checkRewardVersions(rewards: readonly RewardSpec[]): void {
  rewards.forEach((spec, index) => {
    const now = rewardVersion(spec);
    if (spec.version === undefined || spec.version === now) return;
    throw new AtelierError(
      'CONFLICT',
      `The run was begun with version ${spec.version} of the reward "${rewardKey(spec)}"; this Atelier has version ${now}, which scores differently.`,
      {
        place: { field: `rewards.${index}` },
        remedy: 'Resume it with the Atelier that it was begun with, or start a new run.',
      },
    );
  });
}
