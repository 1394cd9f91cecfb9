/** @file Plain text for people: tables, durations, shares with their interval. */
import { bytesOf } from '../method/byte-size.ts';
import { duration, percent } from '../reporting/figures.ts';
import { shownOnOneLine } from '../reporting/shown-text.ts';
import type { Progress, Proportion } from '../contract/model/primitives.ts';

export { counted } from '../method/counted.ts';
export { duration } from '../reporting/figures.ts';

/** Columns aligned by spaces; the first row is the heading. */
export function table(cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map(shownOnOneLine));
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function proportion(share: Proportion | null): string {
  if (share === null) return '–';
  return `${percent(share.value)} (${share.correct}/${share.n}, ${percent(share.low)}–${percent(share.high)})`;
}

/** Phases of the engine in words; any other is worded already. */
const PHASES: Readonly<Record<string, string>> = {
  answer: 'Answering',
  compile: 'Compiling',
  'compile programs': 'Compiling programs',
  'copy the base model': 'Copying the base model',
  evaluate: 'Evaluating',
  'evaluate held-out samples': 'Evaluating held-out samples',
  load: 'Loading the model',
  'load again': 'Loading the model again',
  'merge, in MiB': 'Merging, in MiB',
  'read images': 'Reading the images',
  score: 'Scoring',
  start: 'Starting',
  train: 'Training',
  'try the GPU': 'Trying the GPU',
  'wait in the queue': 'Waiting in the queue',
  'write samples': 'Writing samples',
  'write, in MiB': 'Writing, in MiB',
};

export function progressLine(progress: Progress): string {
  const { done, total, secondsLeft, unit } = progress;
  const phase = PHASES[progress.phase] ?? progress.phase;
  const left = behind(timeLeft(secondsLeft));
  if (unit === 'bytes' && total !== undefined) return `${phase}: ${bytesOf(done, total)}${left}`;
  const count = total === undefined ? (done > 0 ? ` ${done}` : '') : ` ${done}/${total}`;
  return `${phase}${count}${left}`;
}

/** What is left of a wait; nothing where that is not known, or nothing is left. */
export function timeLeft(seconds: number | null | undefined): string[] {
  if (seconds === null || seconds === undefined || seconds <= 0) return [];
  return [seconds < 1 ? 'less than a second left' : `${duration(seconds)} left`];
}

/** The parts of a line, each behind what stands before it. */
export function behind(parts: readonly string[]): string {
  return parts.map((part) => ` · ${part}`).join('');
}

export function number(value: number | null, digits = 3): string {
  return value === null ? '–' : value.toFixed(digits);
}
