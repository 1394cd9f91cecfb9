/** @file What every part of the campaign consists of: numbered trials that can each be repeated from its seed. */
import type { Random } from '../../starter/random.ts';
import type { Workplace } from './workplace.ts';

export const PART_NAMES = ['kills', 'power', 'fuzz', 'guided', 'faults', 'offline', 'soak'] as const;
export type PartName = (typeof PART_NAMES)[number];

/** `held`: everything promised held. `skipped`: this machine cannot try it; the detail says why. */
export type Outcome = 'held' | 'failed' | 'skipped';

export interface Trial {
  /** What was tried: `train, engine`, `parquet`, `full disk`. */
  name: string;
  outcome: Outcome;
  /** Kills, inputs, faults or runs in this trial. */
  units: number;
  /** What did not hold, or why it was skipped; null if all held. */
  detail: string | null;
  /** Measurements for the report. */
  facts?: Record<string, number | string>;
}

export interface Part {
  name: PartName;
  /** What its units are, in the plural. */
  unit: string;
  /** Whether trial number `index` exists; a part with a fixed list ends. */
  has(index: number): boolean;
  /** Runs one trial. A thrown error counts as a failure of the product. */
  run(place: Workplace, random: Random, index: number): Promise<Trial>;
}
