/** @file What can be answered without looking, and whether a model does better than that. */
import { expect, it } from 'vitest';
import type { EvaluationItem } from '../../contract/model/evaluations.ts';
import type { Task } from '../../contract/model/primitives.ts';
import { guessingSentence, noLookText } from '../../reporting/no-look-text.ts';
import { noLookOf } from './no-look.ts';

const question = (answer: string, prompt = 'How many birds are there?') => ({
  asked: { prompt, answer, task: 'counting' as Task },
});
const verdicts = (right: readonly boolean[]): Pick<EvaluationItem, 'verdict'>[] =>
  right.map((is) => ({ verdict: is ? 'correct' : 'wrong' }));

/** 22 questions, 9 of which are answered by 0, as in the report of a new user. */
const BIRDS = Array.from({ length: 22 }, (_, at) => question(at < 9 ? '0' : String(1 + (at % 6))));

it('says that a model that always answers 0 is not better than guessing, however much it gained', () => {
  const noLook = noLookOf(verdicts(BIRDS.map((_, at) => at < 9)), BIRDS, [])!;
  expect(noLook).toMatchObject({
    constant: { answer: '0', accuracy: { correct: 9, n: 22 } },
    questionOnly: null,
    best: 'constant',
    comparison: { both: 9, gained: 0, lost: 0, neither: 13, verdict: 'undecided' },
  });
  expect(noLookText(noLook)).toBe('Without looking, always answering “0” gets 9 of 22 right (40.9%).');
  expect(guessingSentence(noLook, 'The trained model')).toContain('not better than guessing');
});

it('says that a model that looks is better than guessing', () => {
  const noLook = noLookOf(verdicts(BIRDS.map(() => true)), BIRDS, [])!;
  expect(noLook.comparison).toMatchObject({ both: 9, gained: 13, verdict: 'better' });
  expect(guessingSentence(noLook, 'The trained model')).toMatch(/^The trained model is better than guessing/);
});

it('counts what the words of a question give away, and grades guesses as it grades answers', () => {
  const colours = ['red', 'green', 'blue', 'grey'];
  const asked = colours.flatMap((colour, at) =>
    Array.from({ length: 10 }, () => question(at === 0 ? '1.0' : String(at + 1), `How many ${colour} cars?`)),
  );
  const training = colours.flatMap((colour, at) =>
    Array.from({ length: 10 }, () => ({ prompt: `How many ${colour} cars?`, answer: String(at + 1) })),
  );
  const noLook = noLookOf(verdicts(asked.map(() => true)), asked, training)!;
  expect(noLook).toMatchObject({ questionOnly: { correct: 40, n: 40 }, best: 'question-only' });
  expect(noLook.comparison.verdict).toBe('undecided');
});

it('is nothing where nothing was asked', () => {
  expect(noLookOf([], [], [])).toBeNull();
});
