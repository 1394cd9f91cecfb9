/** @file How a person gives the answer of each learning task: by numbers, one key, words, tags, or on the picture itself. */
import type { AnswerKind } from '../contract/model/rewards.ts';
import { LEARNING_TASKS, type LearningTask } from './learning-tasks.ts';

/** `lines` is a field of several lines, which can hold any answer. */
export type AnswerForm = 'number' | 'words' | 'yes-no' | 'choice' | 'tags' | 'lines' | 'boxes' | 'points';

const FORM_OF_KIND: Partial<Record<AnswerKind, AnswerForm>> = {
  count: 'number',
  number: 'words',
  fraction: 'words',
  radical: 'words',
  pi: 'words',
  degrees: 'words',
  choice: 'choice',
  'yes-no': 'yes-no',
  text: 'words',
  tags: 'tags',
  transcript: 'lines',
  box: 'boxes',
  point: 'points',
};

/** The learning task of that id; undefined for one that this version does not know. */
export function learningTaskOf(id: string): LearningTask | undefined {
  return Object.hasOwn(LEARNING_TASKS, id) ? LEARNING_TASKS[id as keyof typeof LEARNING_TASKS] : undefined;
}

/** How answers of a learning task are read. */
export function answerKindOf(task: string): AnswerKind {
  for (const reward of learningTaskOf(task)?.rewards ?? [])
    if (reward.name === 'accuracy' && reward.params?.kind !== undefined) return reward.params.kind;
  return 'auto';
}

/** How answers of a learning task are given. A kind without a form of its own takes any lines. */
export function answerFormOf(task: string): AnswerForm {
  return FORM_OF_KIND[answerKindOf(task)] ?? 'lines';
}

export type Choice = { letter: string; text: string };

/** The choices that a question names: `Which style is it? A) woodcut B) etching`. */
export function choicesIn(question: string): Choice[] {
  const marks = [...question.matchAll(/(?<![\p{L}\p{N}])\(?([A-Z])[).:]\s+/gu)];
  const choices = marks.map((mark, index) => ({
    letter: mark[1] ?? '',
    text: question
      .slice(mark.index + mark[0].length, marks[index + 1]?.index)
      .trim()
      .replace(/[,;]$/, ''),
  }));
  // Choices begin at A and go on without a gap; anything else is a sentence with a letter in it.
  return choices.every(({ letter }, index) => letter === String.fromCharCode(65 + index)) ? choices : [];
}
