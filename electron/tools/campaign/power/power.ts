/**
 * @file Power loss: work is recorded call by call, and replayed to every flush. The data folder as it would stand there
 * is opened and checked. Held: it opens, all of it is whole, and whatever was stored at an earlier flush is still there.
 */
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { examineStore, storedAmount, storedCheckpoints } from '../../../store/testing/examine.ts';
import { clearUnfinishedExports } from '../../../studio/exports/build/unfinished.ts';
import { folderSha256 } from '../../../formats/folder-digest.ts';
import type { Random } from '../../../starter/random.ts';
import { calmWork, TRAIN, TRAINED } from '../kills/work.ts';
import type { Part, Trial } from '../part.ts';
import { hasStrace } from '../strace.ts';
import type { Workplace } from '../workplace.ts';
import { CrashedDisk, VARIANTS, type Variant } from './crashed-disk.ts';
import { readWriteLog, recorder, type Operation } from './write-log.ts';

/** At most so many flushes of one recording are tried; a seed picks them. */
const CRASHES = 40;

const WORKS: readonly { name: string; begin: (place: Workplace) => Promise<string[]> }[] = [
  {
    name: 'import',
    begin: async (place) => {
      await place.empty();
      return ['import', place.pictures, '--name', 'dots'];
    },
  },
  {
    name: 'training',
    begin: async (place) => {
      await place.fresh();
      return [...TRAIN];
    },
  },
  {
    name: 'export',
    begin: async (place) => {
      const { runId } = await calmWork(place);
      await place.fresh(TRAINED);
      return ['export', runId, '--out', join(place.work, 'bundle')];
    },
  },
];

export const power: Part = {
  name: 'power',
  unit: 'power failures',
  has: () => true,
  async run(place, random, index): Promise<Trial> {
    const work = WORKS[index % WORKS.length] ?? WORKS[0]!;
    const name = `power fails during ${work.name}`;
    if (!hasStrace())
      return { name, outcome: 'skipped', units: 0, detail: 'strace is not installed or not permitted.' };
    const args = await work.begin(place);
    const start = join(place.folder, 'power-start');
    rmSync(start, { recursive: true, force: true });
    if (existsSync(place.home)) cpSync(place.home, start, { recursive: true });
    else mkdirSync(start);
    const log = join(place.folder, 'power.log');
    const { status, err } = await place.start(args, { under: recorder(log) }).ended;
    if (status !== 0) throw new Error(`The recorded work ended with ${status}: ${err.slice(-500)}`);
    const operations = await readWriteLog(log, place.home);
    const { crashes, problems } = await replay(place, { operations, start }, random);
    rmSync(log, { force: true });
    const held = problems.length === 0;
    const facts = { operations: operations.length, flushes: flushesOf(operations).length };
    return { name, outcome: held ? 'held' : 'failed', units: crashes, detail: held ? null : problems.join(' '), facts };
  },
};

/** Positions just before and just after each flush: the two moments between which it makes a difference. */
function flushesOf(operations: readonly Operation[]): number[] {
  return operations.flatMap(({ kind }, index) => (kind === 'sync' ? [index, index + 1] : []));
}

async function replay(
  place: Workplace,
  recording: { operations: readonly Operation[]; start: string },
  random: Random,
): Promise<{ crashes: number; problems: string[] }> {
  const { operations, start } = recording;
  const wanted = new Set(random.shuffle(flushesOf(operations)).slice(0, CRASHES));
  const disk = new CrashedDisk(place.home, start);
  const problems: string[] = [];
  let crashes = 0;
  let least = 0;
  for (let done = 0; done <= operations.length; done += 1) {
    if (wanted.has(done)) {
      const variant = random.pick(VARIANTS);
      crashes += 1;
      rmSync(place.work, { recursive: true, force: true });
      mkdirSync(place.tmp, { recursive: true });
      disk.write(place.home, variant, random);
      const found = await examine(place, least);
      problems.push(...found.problems.map((problem) => `After operation ${done}, ${variant}: ${problem}`));
      // What a flush made durable can only grow.
      if (durable(variant)) least = Math.max(least, found.amount);
      if (problems.length > 5) break;
    }
    const next = operations[done];
    if (next !== undefined) disk.apply(next);
  }
  return { crashes, problems };
}

/** In this variant only what was flushed is there, so every later moment must have it too. */
function durable(variant: Variant): boolean {
  return variant === 'forgotten';
}

async function examine(place: Workplace, least: number): Promise<{ problems: string[]; amount: number }> {
  try {
    if (!existsSync(join(place.home, 'atelier.sqlite'))) {
      return { problems: least > 0 ? ['The store is gone.'] : [], amount: 0 };
    }
    const problems = await examineStore(place.home);
    await clearUnfinishedExports(place.home);
    const amount = await storedAmount(place.home);
    if (amount < least) problems.push(`${amount} rows are stored, and ${least} were before.`);
    for (const { path, sha256 } of await storedCheckpoints(place.home)) {
      const found = await folderSha256(path).catch((error: unknown) => String(error));
      if (found !== sha256) problems.push(`The checkpoint ${path} is not as recorded: ${found}`);
    }
    return { problems, amount };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { problems: [`It does not open: ${text}`], amount: least };
  }
}
