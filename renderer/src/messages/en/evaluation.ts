/** @file The texts of an evaluation's items. */
import type { EvaluationMode, ItemChange } from '../../../../electron/contract/api/index.ts';
import { plural } from './words.ts';

const mode: Record<EvaluationMode, string> = {
  reasoning: 'With reasoning, as in training',
  direct: 'Direct answers, no reasoning asked for',
  sensitivity: 'The same in several wordings',
  hallucination: 'Things that are not there',
};

const change: Record<ItemChange, string> = {
  gained: 'Gained',
  lost: 'Lost',
  kept: 'Right in both',
  missed: 'Wrong in both',
};

export const evaluation = {
  title: 'Answers to held-out questions',
  of: (name: string) => `What ${name} answered`,
  baseModel: (name: string) => `${name} before training`,
  runAt: (name: string, step: string) => `${name} · step ${step}`,
  notFound: 'There is no such evaluation',
  back: 'Compare',
  mode,
  facts: (dataset: string, split: string) => `${dataset}, ${split} split`,
  all: 'All',
  verdicts: { correct: 'Right', wrong: 'Wrong', unparsed: 'Not readable' },
  change,
  changeAbout: {
    gained: 'Wrong there, right here',
    lost: 'Right there, wrong here',
    kept: 'Right there and here',
    missed: 'Wrong there and here',
  },
  filter: 'Which answers',
  filterCount: (label: string, count: string) => `${label} ${count}`,
  against: 'Compared with',
  nothing: 'Nothing',
  search: 'Find words',
  shown: (count: number) => plural(count, 'answer', 'answers'),
  gridLabel: 'Answers. Arrow keys move.',
  none: 'No answer fits these filters',
  noneText: 'Widen them to see answers again.',
  clear: 'Show all answers',
  pick: 'Choose a picture to see what was asked, what was right and what was answered.',
  question: 'Question',
  right: 'Right answer',
  answered: 'Answered',
  here: 'Here',
  there: 'There',
  format: 'Form',
  formatOk: 'as asked for',
  formatOff: 'not as asked for',
  tokens: (count: number) => plural(count, 'token', 'tokens'),
  previous: 'Previous answer',
  next: 'Next answer',
  tryIt: 'Ask this in the Playground',
  tileAlt: (prompt: string, verdict: string) => `${verdict}: ${prompt}`,
  wording: (number: string) => `Wording ${number}`,
} as const;
