/** @file Text for what a run moved and forgot. */
import { plural } from './words.ts';

export const forgotten = {
  title: 'What was forgotten',
  lead: 'How far training moved the model from its base, on this task and on your other datasets, and how its answers there changed.',
  caption: 'Right answers and distance from the base model, by dataset and step',
  dataset: 'Dataset',
  trained: (name: string) => `${name} (trained on)`,
  step: 'Step',
  right: 'Right at temperature 1',
  change: (base: string, tuned: string, points: string) => `${base} → ${tuned} (${points})`,
  forward: 'KL(base ‖ tuned)',
  reverse: 'KL(tuned ‖ base)',
  interval: (mean: string, low: string, high: string) => `${mean} (${low} to ${high})`,
  note: 'Read leniently. KL in nats per answer, with 95% intervals over questions. The first says how surprising the base’s answers are for the tuned model, the second the reverse. Near 0, nothing has moved.',
  measure: 'Measure',
  about: (datasets: number) =>
    `Both models answer up to 100 questions of ${plural(datasets, 'dataset', 'datasets')} four times. It waits its turn in the queue.`,
} as const;
