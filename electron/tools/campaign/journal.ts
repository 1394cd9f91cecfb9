/** @file What a campaign has done so far: one line of JSON for each trial, appended as it ends. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { PartName, Trial } from './part.ts';

export interface Entry extends Trial {
  part: PartName;
  index: number;
  seed: number;
  at: string;
  seconds: number;
  /** The commit that was built and attacked; absent where git did not say, and in old journals. */
  commit?: string;
}

/** Every complete line; a line that was cut off by a kill is left out, and its trial runs again. */
export function readJournal(file: string): Entry[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Entry];
      } catch {
        return [];
      }
    });
}

export function appendEntry(file: string, entry: Entry): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `\n${JSON.stringify(entry)}`);
}

/** The last entry of every trial: one that was tried again counts as it ended then. */
export function lastOfEach(entries: readonly Entry[]): Entry[] {
  const last = new Map<string, Entry>();
  for (const entry of [...entries].sort((one, other) => one.at.localeCompare(other.at)))
    last.set(`${entry.part} ${entry.seed} ${entry.index}`, entry);
  return [...last.values()];
}

export interface NextOptions {
  part: PartName;
  seed: number;
  /** Trials that failed before this time count as open. */
  failedBefore?: string | undefined;
  /** Trials before this one are left out. */
  from?: number;
}

/** The first trial of a part that the journal does not have, or that failed and is to be tried again. */
export function nextIndex(entries: readonly Entry[], { part, seed, failedBefore = '', from = 0 }: NextOptions): number {
  const done = new Set(
    lastOfEach(entries)
      .filter((entry) => entry.part === part && entry.seed === seed)
      .filter(({ outcome, at }) => outcome !== 'failed' || at >= failedBefore)
      .map(({ index }) => index),
  );
  let index = from;
  while (done.has(index)) index += 1;
  return index;
}
