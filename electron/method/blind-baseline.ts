/**
 * @file Which answers could be guessed without looking: multinomial naive Bayes over the words of the question,
 * cross-validated. No random numbers: the order of the samples determines the folds, and the order of the answers
 * breaks ties.
 */

export interface Question {
  prompt: string;
  answer: string;
}

export interface BlindResult {
  n: number;
  /** Right answers predicted from the words of the question. */
  correct: number;
  /** Right answers from always giving the fold's most frequent answer. */
  priorCorrect: number;
}

export const FOLDS = 5;
/** Laplace smoothing. */
const SMOOTHING = 1;
/** More words than this in one question cost time and no longer change the result. */
const MAX_WORDS = 200;
/**
 * Beyond these limits, questions are thinned evenly and answers left to the prior, which bounds the time without
 * changing the figure.
 */
const MAX_QUESTIONS = 4000;
const MAX_ANSWERS = 200;

/** Cross-validated right answers. Fewer questions than folds cannot be judged: n is 0. */
export function blindBaseline(questions: readonly Question[]): BlindResult {
  if (questions.length < FOLDS) return { n: 0, correct: 0, priorCorrect: 0 };
  const items = interleave(thinned(questions)).map(({ prompt, answer }) => ({
    words: wordsOf(prompt),
    answer: answer.trim(),
  }));
  let correct = 0;
  let priorCorrect = 0;
  for (let fold = 0; fold < FOLDS; fold++) {
    const model = fit(items.filter((_, at) => at % FOLDS !== fold));
    for (const [at, { words, answer }] of items.entries()) {
      if (at % FOLDS !== fold) continue;
      if (predict(model, words) === answer) correct++;
      if (model.prior === answer) priorCorrect++;
    }
  }
  return { n: items.length, correct, priorCorrect };
}

/**
 * The answer to each question that its words alone suggest, learned from the training questions. Without training
 * questions there is nothing to learn, and the result is null.
 */
export function blindAnswers(training: readonly Question[], prompts: readonly string[]): string[] | null {
  if (training.length === 0) return null;
  const model = fit(thinned(training).map(({ prompt, answer }) => ({ words: wordsOf(prompt), answer: answer.trim() })));
  const known = new Map<string, string>();
  return prompts.map((prompt) => {
    const answer = known.get(prompt) ?? predict(model, wordsOf(prompt));
    known.set(prompt, answer);
    return answer;
  });
}

function thinned(questions: readonly Question[]): readonly Question[] {
  if (questions.length <= MAX_QUESTIONS) return questions;
  const stride = questions.length / MAX_QUESTIONS;
  return Array.from({ length: MAX_QUESTIONS }, (_, at) => questions[Math.floor(at * stride)]).filter(
    (question) => question !== undefined,
  );
}

/** Sorts by answer, so that every fold gets its share of each. */
function interleave(questions: readonly Question[]): Question[] {
  return questions
    .map((question, at) => ({ question, at }))
    .sort((a, b) =>
      a.question.answer < b.question.answer ? -1 : a.question.answer > b.question.answer ? 1 : a.at - b.at,
    )
    .map(({ question }) => question);
}

/** Lower-case words, numbers and pairs of neighbours; the order of two words can reveal what is asked. */
export function wordsOf(prompt: string): string[] {
  const words = (
    prompt
      .toLowerCase()
      .normalize('NFKC')
      .match(/[\p{L}\p{M}]+|\p{N}+/gu) ?? []
  ).slice(0, MAX_WORDS);
  return [...words, ...words.slice(1).map((word, at) => `${words[at] ?? ''} ${word}`)];
}

interface Model {
  prior: string;
  answers: { answer: string; logPrior: number; counts: ReadonlyMap<string, number>; total: number }[];
  vocabulary: number;
}

function fit(items: readonly { words: readonly string[]; answer: string }[]): Model {
  const byAnswer = new Map<string, { n: number; counts: Map<string, number>; total: number }>();
  const vocabulary = new Set<string>();
  for (const { words, answer } of items) {
    const own = byAnswer.get(answer) ?? { n: 0, counts: new Map<string, number>(), total: 0 };
    own.n++;
    for (const word of words) {
      own.counts.set(word, (own.counts.get(word) ?? 0) + 1);
      own.total++;
      vocabulary.add(word);
    }
    byAnswer.set(answer, own);
  }
  const answers = [...byAnswer]
    .sort(([a, one], [b, other]) => other.n - one.n || (a < b ? -1 : 1))
    .slice(0, MAX_ANSWERS)
    .map(([answer, { n, counts, total }]) => ({ answer, logPrior: Math.log(n / items.length), counts, total }));
  return { prior: answers[0]?.answer ?? '', answers, vocabulary: vocabulary.size };
}

function predict({ answers, vocabulary }: Model, words: readonly string[]): string {
  let best = '';
  let highest = -Infinity;
  for (const { answer, logPrior, counts, total } of answers) {
    let score = logPrior;
    for (const word of words)
      score += Math.log(((counts.get(word) ?? 0) + SMOOTHING) / (total + SMOOTHING * (vocabulary + 1)));
    // Answers come most frequent first, so that a tie goes to the more frequent one.
    if (score > highest) [best, highest] = [answer, score];
  }
  return best;
}
