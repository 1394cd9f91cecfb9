/** @file Text for what checkpoints gained against what they forgot. */
import { plural } from './words.ts';

export const tradeOff = {
  title: 'Gained here, forgotten elsewhere',
  lead: 'Each point is a checkpoint; each line begins at the base model. Up is better on the task that was trained, right is better on your other datasets.',
  none: 'No checkpoint has been measured yet.',
  mixed: 'Only runs that trained the same dataset from the same model can be drawn together.',
  accuracy: 'Right on its task',
  against: { retention: 'Right on other datasets', forward: 'KL(base ‖ tuned) on its task, nats per answer' },
  chart: { retention: 'Against what was kept elsewhere', forward: 'Against the distance from the base' },
  summary: (name: string, lines: string) => `${name}. ${lines}`,
  line: (name: string, points: string) => `${name}: ${points}`,
  point: (step: number, x: string, y: string) => `step ${step} at ${x}, ${y}`,
  caption: 'Checkpoints with their accuracy, what they kept, and their distance from the base',
  run: 'Line',
  step: 'Step',
  base: 'Before training',
  frontier: 'Frontier',
  onFrontier: 'on the frontier',
  runs: (count: number) => `mean of ${plural(count, 'run', 'runs')}`,
  export: 'Export',
  exportOf: (name: string, step: number) => `Export ${name} at step ${step}`,
  retention: 'Elsewhere',
  forward: 'KL(base ‖ tuned)',
  reverse: 'KL(tuned ‖ base)',
  note: 'Answers at temperature 1, read leniently. Bars are 95% intervals: over the runs, or over the questions of a single run. On the frontier, no other checkpoint is better both on its task and elsewhere: choose one of these.',
  measure: 'Measure',
  about: (count: number) =>
    `${plural(count, 'measurement is', 'measurements are')} missing: both models answer up to 100 questions four times for each. They wait their turn in the queue, and what is done is kept.`,
} as const;
