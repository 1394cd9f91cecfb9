/** @file What can be guessed from the question: everything if the words give it away, only the prior if they do not. */
import { describe, expect, it } from 'vitest';
import { blindBaseline, wordsOf } from './blind-baseline.ts';

const colours = ['red', 'green', 'blue', 'grey', 'black'];

describe('the question-only baseline', () => {
  it('answers what the words give away', () => {
    const questions = Array.from({ length: 100 }, (_, i) => {
      const colour = colours[i % 5] ?? '';
      return { prompt: `How many ${colour} cars are there?`, answer: String(i % 5) };
    });
    expect(blindBaseline(questions)).toEqual({ n: 100, correct: 100, priorCorrect: 20 });
  });

  it('reaches no more than the most frequent answer where every question is the same', () => {
    const questions = Array.from({ length: 100 }, (_, i) => ({ prompt: 'How many?', answer: i < 70 ? '1' : '2' }));
    const { n, correct, priorCorrect } = blindBaseline(questions);
    expect({ n, correct }).toEqual({ n: 100, correct: priorCorrect });
    expect(priorCorrect).toBe(70);
  });

  it('gives the same figure in any order of equal questions, and judges no handful', () => {
    const questions = Array.from({ length: 60 }, (_, i) => ({ prompt: `word${i % 7} cars`, answer: String(i % 3) }));
    expect(blindBaseline([...questions])).toEqual(blindBaseline(questions));
    expect(blindBaseline(questions.slice(0, 4)).n).toBe(0);
  });

  it('reads words of any script, and pairs of neighbours', () => {
    expect(wordsOf('Wie viele Äpfel? 3 番')).toEqual([
      'wie', 'viele', 'äpfel', '3', '番', 'wie viele', 'viele äpfel', 'äpfel 3', '3 番',
    ]); // prettier-ignore
  });
});
