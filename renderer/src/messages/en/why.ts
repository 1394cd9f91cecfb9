/** @file Text about where a model looked. */
import { plural } from './words.ts';

export const why = {
  title: 'Where it looked',
  open: 'See where it looked',
  again: 'Look again',
  asking: 'Looking…',
  close: 'Hide',
  whole: 'The whole answer',
  token: (text: string) => (text === '' ? 'This token' : `The token “${text}”`),
  showWhole: 'Show the whole answer',
  shares: 'What its attention was on',
  onPicture: (count: number) => (count === 1 ? 'Picture' : 'Pictures'),
  onPrompt: 'Words of the prompt',
  onAnswer: 'Its own answer so far',
  layers: 'Layers',
  allLayers: (layers: number) => `All ${layers}`,
  band: (first: number, last: number) => (first === last ? `${first}` : `${first}–${last}`),
  mostAt: (row: number, rows: number, column: number, columns: number) =>
    `Most at row ${row} of ${rows}, column ${column} of ${columns}`,
  meaning: 'Attention, not an explanation: what was read, averaged over all heads.',
  omitted: (shown: number, omitted: number) =>
    `The first ${plural(shown, 'token', 'tokens')}; ${plural(omitted, 'later one is', 'later ones are')} left out.`,
  noPicture: 'Ask about a picture to see where it looked.',
  left: 'First',
  right: 'Second',
  beforeTraining: 'Before training',
  step: (step: string) => `Step ${step}`,
  overSteps: 'Over the training steps',
  lead: 'The same question at two checkpoints. Choose a token to follow it.',
  answering: 'Answering…',
  given: 'The answer from the record',
  fresh: 'Answered anew, greedily',
  nearest: (step: string) => `Read by the checkpoint of step ${step}, the nearest one.`,
  byBase: 'Read by the base model: no checkpoint is that early.',
} as const;
