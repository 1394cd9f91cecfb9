/** @file Refuses rewards that cannot work: named twice, self-contradictory, or of the wrong kind for the data. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Task } from '../../contract/model/primitives.ts';
import type { AccuracyParams, AnswerKind, RewardSpec } from '../../contract/model/rewards.ts';
import { rewardKey } from '../../contract/model/rewards.ts';
import { KIND_READS, referenceFits } from '../../rewards/references.ts';
import { rewardVersion } from '../../rewards/registry.ts';
import { LENGTH_DEFAULTS } from '../../rewards/style.ts';
import { checkReading, misplacedOption, refuse } from './check-reading.ts';

/** The reference answers that the rewards would be applied to, as far as they are known. */
export type RewardedData = {
  datasetName: string;
  answers?: readonly { answer: string; task: Task }[] | undefined;
};

/** Tasks whose answers are never of that kind. */
const NEVER: Partial<Record<AnswerKind, readonly Task[]>> = {
  count: ['geometry'],
  fraction: ['counting'],
  radical: ['counting'],
  pi: ['counting'],
  degrees: ['counting'],
  choice: ['counting'],
  'yes-no': ['counting'],
  text: ['counting', 'geometry'],
  tags: ['counting', 'geometry'],
  transcript: ['counting', 'geometry'],
  fields: ['counting', 'geometry'],
  order: ['counting', 'geometry'],
  description: ['counting', 'geometry'],
  box: ['counting', 'geometry'],
  point: ['counting', 'geometry'],
};

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
  checkCompany(rewards);
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

/** A description can be gamed, so something else must have a say. */
function checkCompany(rewards: readonly RewardSpec[]): void {
  const weighed = rewards.filter(({ weight }) => weight > 0);
  const [only] = weighed;
  if (weighed.length !== 1 || only?.name !== 'accuracy' || only.params?.kind !== 'description') return;
  refuse(
    `rewards.${rewards.indexOf(only)}`,
    'The reward for descriptions is the only one. A list of the right words earns it, so it must not decide alone.',
    'Add another one beside it, such as repetition, length or format, or take `--task describe`.',
  );
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
  checkReading(params, field, { datasetName, answers: [] });
  if (kind === 'auto' || answers === undefined || answers.length === 0) return;
  const reads = KIND_READS[kind];
  const strange = answers.find(({ task }) => NEVER[kind]?.includes(task));
  if (strange !== undefined) {
    refuse(
      `${field}.kind`,
      `The accuracy reward of the kind "${kind}" reads ${reads}, but "${datasetName}" holds ${strange.task} questions.`,
      'Use the kind "auto", which follows the task, or choose another dataset.',
    );
  }
  const unfit = answers.filter(({ answer }) => !referenceFits(kind, answer));
  const [example] = unfit;
  if (example === undefined) {
    checkReading(params, field, { datasetName, answers });
    return;
  }
  refuse(
    `${field}.kind`,
    `The accuracy reward of the kind "${kind}" reads ${reads}, but ${unfit.length} of ${answers.length} reference answers in "${datasetName}" are something else, for example "${example.answer.slice(0, 60)}": they could never be right.`,
    'Use the kind "auto", or correct these answers.',
  );
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
