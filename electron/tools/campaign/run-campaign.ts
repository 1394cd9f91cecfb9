/** @file Runs trials of the chosen parts until the time is over, and writes each into the journal as it ends. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { createRandom } from '../../starter/random.ts';
import { findPlaces } from '../../studio/places.ts';
import { appendEntry, nextIndex, readJournal, type Entry } from './journal.ts';
import type { Part, Trial } from './part.ts';
import { endMarked } from './processes.ts';
import { Workplace } from './workplace.ts';

const { root } = findPlaces(import.meta.url);

export interface CampaignOptions {
  folder: string;
  parts: readonly Part[];
  seed: number;
  /** No trial starts after this many minutes. */
  minutes: number;
  /** At most this many trials, of each part. */
  trials?: number;
  /** One trial again, whatever the journal has; it is not entered. */
  trial?: number;
  /** No trial before this one. */
  from?: number;
  /** Tries again what failed in an earlier campaign. */
  failed?: boolean;
  say: (sentence: string) => void;
}

/** Goes on where an earlier campaign with the same folder and seed stopped. Returns what was done this time. */
export async function runCampaign(options: CampaignOptions): Promise<Entry[]> {
  const { folder, parts, seed, minutes, trials = Infinity, trial, from = 0, failed = false, say } = options;
  const place = new Workplace(folder);
  await place.prepare();
  const journal = join(folder, 'journal.jsonl');
  const deadline = Date.now() + minutes * 60_000;
  const failedBefore = failed ? new Date().toISOString() : undefined;
  const commit = builtCommit();
  const done: Entry[] = [];
  const entries = readJournal(journal);
  const spent = new Map<Part, number>(parts.map((part) => [part, 0]));
  for (;;) {
    const open = parts.filter(
      (part) =>
        (trial !== undefined || part.has(nextIndex(entries, { part: part.name, seed, failedBefore, from }))) &&
        done.filter((entry) => entry.part === part.name).length < (trial === undefined ? trials : 1),
    );
    // Whichever part had the least time so far goes next, so that each gets its share.
    const [part] = open.sort((one, other) => (spent.get(one) ?? 0) - (spent.get(other) ?? 0));
    if (part === undefined || (Date.now() > deadline && done.length > 0)) return done;
    const index = trial ?? nextIndex(entries, { part: part.name, seed, failedBefore, from });
    const entry = { ...(await oneTrial(place, part, index, seed)), ...(commit === null ? {} : { commit }) };
    spent.set(part, (spent.get(part) ?? 0) + entry.seconds);
    done.push(entry);
    if (trial === undefined) {
      entries.push(entry);
      appendEntry(journal, entry);
    }
    say(sentence(entry));
  }
}

/** The commit of the clone; with a plus if files differ from it. */
function builtCommit(): string | null {
  try {
    const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
    return (
      git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+')
    );
  } catch {
    return null;
  }
}

async function oneTrial(place: Workplace, part: Part, index: number, seed: number): Promise<Entry> {
  const start = performance.now();
  let trial: Trial;
  try {
    trial = await part.run(place, createRandom(seed, index, `campaign/${part.name}`), index);
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    trial = { name: part.name, outcome: 'failed', units: 0, detail };
  }
  if (trial.outcome === 'failed') {
    const kept = place.keepFailure(`${part.name}-${index}`);
    trial = { ...trial, detail: `${trial.detail ?? ''} (kept in ${kept})` };
  }
  await endMarked(place.folder);
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  return { part: part.name, index, seed, at: new Date().toISOString(), seconds, ...trial };
}

function sentence({ part, index, seed, name, outcome, units, seconds, detail }: Entry): string {
  const again = `npm run campaign -- --only ${part} --seed ${seed} --trial ${index}`;
  return outcome === 'held'
    ? `${part} ${index}, ${name}: ${units} held, ${seconds} s (${again})`
    : `${part} ${index}, ${name}: ${outcome.toUpperCase()}, ${seconds} s: ${detail ?? ''}\n  ${again}`;
}
