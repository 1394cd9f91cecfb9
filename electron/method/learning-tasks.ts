/**
 * @file What a model can learn, as one table: for each learning task an example, the rewards that check it, and the
 * prompt template that asks for an answer in a form that they can read. docs/tasks.md describes each row.
 */
import { TaskStarter } from '../contract/model/primitives.ts';
import { accuracyParamsOf, type AccuracyParams, type RewardSpec } from '../contract/model/rewards.ts';

/** Counting and measuring have the starter data as their example; every other task has one that is drawn. */
export const LEARNING_TASK_IDS = ['count', 'measure', ...TaskStarter.options] as const;
export type LearningTaskId = (typeof LEARNING_TASK_IDS)[number];

export type LearningTask = {
  /** A question with its reference answer, and an answer that a model could give. */
  example: { question: string; answer: string; given: string };
  rewards: readonly RewardSpec[];
  /** Undefined = the model's own template, which asks for a number. */
  promptTemplate: string | undefined;
};

export const LEARNING_TASKS: Readonly<Record<LearningTaskId, LearningTask>> = {
  count: {
    example: { question: 'How many birds are there?', answer: '7', given: 'seven' },
    rewards: rewardsOf({ kind: 'count' }),
    promptTemplate: undefined,
  },
  measure: {
    example: { question: 'How long is AB?', answer: '2√3 cm', given: '2√3 cm' },
    rewards: rewardsOf({ kind: 'number' }),
    promptTemplate: undefined,
  },
  'choose-one': {
    example: { question: 'Which style is it? A) woodcut B) etching', answer: 'B', given: 'B) etching' },
    rewards: rewardsOf({ kind: 'choice' }),
    promptTemplate: asking('one letter'),
  },
  'yes-no': {
    example: { question: 'Is the glaze cracked?', answer: 'yes', given: 'Yes' },
    rewards: rewardsOf({ kind: 'yes-no' }),
    promptTemplate: asking('yes or no'),
  },
  'short-answer': {
    example: { question: 'Which plant is it?', answer: 'wood anemone', given: 'Wood anemone.' },
    rewards: rewardsOf({ kind: 'text' }),
    promptTemplate: asking('a few words'),
  },
  tags: {
    example: { question: 'Which tags fit?', answer: 'bird, sea, evening', given: 'evening, bird, sea' },
    rewards: rewardsOf({ kind: 'tags', partialCredit: true }),
    promptTemplate: asking('tags separated by commas'),
  },
  transcribe: {
    example: { question: 'What does the label say?', answer: 'Rosa canina, 1898', given: 'Rosa canina, 1898' },
    rewards: rewardsOf({ kind: 'transcript', partialCredit: true }),
    promptTemplate: asking('the text exactly as written'),
  },
  'extract-fields': {
    example: {
      question: 'Which shop and total are on the receipt?',
      answer: '{"shop": "Hof", "total": 12.5}',
      given: '{"total": 12.50, "shop": "Hof"}',
    },
    rewards: rewardsOf({ kind: 'fields', partialCredit: true }),
    promptTemplate: asking('JSON with one value for each field'),
  },
  order: {
    example: { question: 'Which is larger, A or B?', answer: 'A > B', given: 'B < A' },
    rewards: rewardsOf({ kind: 'order', partialCredit: true }),
    promptTemplate: asking('all of them in order, with > between them'),
  },
  describe: {
    example: {
      question: 'What is in the picture?',
      answer: 'A heron stands in the water. || must: heron, water = sea || not: people',
      given: 'A heron stands in the water.',
    },
    rewards: [
      ...rewardsOf({ kind: 'description', partialCredit: true }),
      { name: 'repetition', weight: 0.5 },
      { name: 'length', weight: 0.25, params: { of: 'completion', min: 20, max: 600 } },
    ],
    promptTemplate: asking('one or two sentences'),
  },
  'find-box': {
    example: { question: 'Where is the crack?', answer: '[10, 20, 110, 80]', given: '[12, 20, 112, 80]' },
    rewards: rewardsOf({ kind: 'box', overlapAsReward: true }),
    promptTemplate: asking('left, top, right, bottom in brackets'),
  },
  'find-point': {
    example: { question: 'Point at the bird.', answer: '[10, 20, 110, 80]', given: '(60, 50)' },
    rewards: rewardsOf({ kind: 'point', partialCredit: true }),
    promptTemplate: asking('x, y in round brackets'),
  },
};

/** What a person may ask a model that learned by these rewards. The data's own questions stay with their maker. */
export function exampleQuestion(rewards: readonly RewardSpec[]): string {
  const { kind = 'count' } = accuracyParamsOf(rewards);
  const task = LEARNING_TASK_IDS.find((id) => accuracyParamsOf(LEARNING_TASKS[id].rewards).kind === kind) ?? 'count';
  return task === 'count' ? 'How many are there?' : LEARNING_TASKS[task].example.question;
}

/** The format weighs less than the answer: it must not outweigh what the task is about. */
function rewardsOf(params: AccuracyParams): readonly RewardSpec[] {
  return [
    { name: 'accuracy', weight: 1, params },
    { name: 'format', weight: 0.5 },
  ];
}

function asking(form: string): string {
  return `{question} Output the thinking process in <think> </think> and final answer (${form}) in <answer> </answer> tags.`;
}
