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

/** The first trial of a part that the journal does not have. */
export function nextIndex(entries: readonly Entry[], part: PartName, seed: number): number {
  const done = new Set(entries.filter((entry) => entry.part === part && entry.seed === seed).map(({ index }) => index));
  let index = 0;
  while (done.has(index)) index += 1;
  return index;
}
