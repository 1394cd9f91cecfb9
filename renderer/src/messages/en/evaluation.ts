/** @file Text for one evaluation and its answers. */
import type { EvaluationMode, ItemChange } from '../../../../electron/contract/api/index.ts';
import { plural } from './words.ts';

const mode: Record<EvaluationMode, string> = {
  reasoning: 'With reasoning, as in training',
  direct: 'Direct answers, without reasoning',
  sensitivity: 'The same questions in several wordings',
  hallucination: 'Things that are not there',
  samples: 'Several sampled answers to each question',
  drift: 'Sampled answers of the run and of its base',
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
  notFound: 'This evaluation does not exist',
  back: 'Compare',
  mode,
  inQueue: 'It is in the queue. You can leave this page.',
  seeQueue: 'See the queue',
  facts: (dataset: string, split: string) => `${dataset}, ${split} split`,
  all: 'All',
  verdicts: { correct: 'Right', wrong: 'Wrong', unparsed: 'Unreadable' },
  change,
  changeAbout: {
    gained: 'Wrong there, right here',
    lost: 'Right there, wrong here',
    kept: 'Right there and here',
    missed: 'Wrong there and here',
  },
  filter: 'Show answers',
  filterCount: (label: string, count: string) => `${label} ${count}`,
  against: 'Compared with',
  nothing: 'Nothing',
  search: 'Search text',
  shown: (count: number) => plural(count, 'answer', 'answers'),
  gridLabel: 'Answers. Arrow keys move.',
  none: 'No answer matches these filters',
  noneText: 'Relax the filters to see answers again.',
  clear: 'Show all answers',
  pick: 'Choose a picture to see the question, the right answer and what the model answered.',
  question: 'Question',
  right: 'Right answer',
  answered: 'Model’s answer',
  here: 'Here',
  there: 'There',
  format: 'Format',
  formatOk: 'as required',
  formatOff: 'not as required',
  tokens: (count: number) => plural(count, 'token', 'tokens'),
  previous: 'Previous answer',
  next: 'Next answer',
  tryIt: 'Ask this in the Playground',
  tileAlt: (prompt: string, verdict: string) => `${verdict}: ${prompt}`,
  metrics: {
    caption: 'How much of an answer is right, on average, with 95% intervals',
    metric: 'Metric',
    partly: 'Partly right',
  },
  wording: (number: string) => `Wording ${number}`,
} as const;
