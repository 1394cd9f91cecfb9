/**
 * @file Power loss: work is recorded call by call, and replayed to every flush. The files as they would stand there are
 * opened and checked. Held: the store opens, all of it is whole, whatever was stored at an earlier flush is still there, and
 * a bundle, a backup or a data folder that has its name is complete.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderSha256 } from '../../../formats/folder-digest.ts';
import type { Random } from '../../../starter/random.ts';
import {
  examineStore,
  isQueuedOrEvaluated,
  storedAmount,
  storedCheckpoints,
  storedModels,
  storedRuns,
} from '../../../store/testing/examine.ts';
import { checkBackup } from '../../../studio/backup/restore-backup.ts';
import { clearUnfinishedExports } from '../../../studio/exports/build/unfinished.ts';
import { openSmallHub } from '../../../studio/models/hub/testing/small-hub.ts';
import { verifyBundle } from '../../../studio/exports/verify/verify.ts';
import { DOWNLOAD, damageOfDownload } from '../kills/download.ts';
import { handedOff, HANDED_OFF, jobFolder } from '../kills/hand-back.ts';
import { calmWork, EVALUATE, finalAdapter, STEPS, TRAIN, TRAINED, type Calm } from '../kills/work.ts';
import type { Part, Trial } from '../part.ts';
import { hasStrace } from '../strace.ts';
import { TINY_MODEL, type Workplace } from '../workplace.ts';
import { CrashedDisk, VARIANTS, type Variant } from './crashed-disk.ts';
import { readWriteLog, recorder, type Operation } from './write-log.ts';

/** A recording is replayed in this many trials, which share its flushes: a trial takes minutes, not an hour. */
const SHARES = 12;
/** Names are durable before the bytes that are looked at next, so what is surely there is known first. */
const TRIED: readonly Variant[] = ['forgotten', ...VARIANTS.filter((variant) => variant !== 'forgotten')];

interface RecordedWork {
  name: string;
  /** Makes the folders it starts from, and returns its command. */
  begin(place: Workplace, calm: Calm): Promise<string[]>;
  /** Opens what the command needs beside its arguments. */
  open?(): Promise<{ env: Record<string, string>; close: () => Promise<void> }>;
  /** What else must be whole once the work is at an end or was broken off. */
  examine?(place: Workplace, calm: Calm): Promise<string[]>;
}

const WORKS: readonly RecordedWork[] = [
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
    name: 'evaluation',
    begin: async (place) => {
      await place.fresh();
      return [...EVALUATE];
    },
  },
  {
    name: 'queue',
    begin: async (place) => {
      await place.fresh();
      await place.mustRun(...EVALUATE, '--enqueue');
      return ['queue', 'work'];
    },
    examine: async ({ home }) =>
      (await isQueuedOrEvaluated(home)) ? [] : ['An evaluation that waited is neither waiting nor stored.'],
  },
  {
    name: 'export',
    begin: async (place, { runId }) => {
      await place.fresh(TRAINED);
      return ['export', runId, '--out', join(place.work, 'bundle')];
    },
    examine: async (place) => {
      if (!existsSync(join(place.work, 'bundle'))) return [];
      const { checks } = await verifyBundle(join(place.work, 'bundle'));
      return checks.filter(({ outcome }) => outcome === 'fail').map(({ detail }) => `The bundle: ${detail}`);
    },
  },
  {
    name: 'editing samples',
    begin: async (place) => {
      await place.fresh();
      return ['datasets', 'edit', 'dots', '--where', 'split=train', '--add-tag', 'seen', '--set', 'answer=5'];
    },
  },
  {
    name: 'hand-back',
    begin: async (place, calm) => {
      await handedOff(place, calm);
      await place.fresh(HANDED_OFF);
      return ['handback', jobFolder(place, STEPS), '--without-evaluation'];
    },
    examine: async (place, calm) => {
      const [returned] = (await storedRuns(place.home)).filter(({ id }) => id !== calm.runId);
      if (returned === undefined) return [];
      return finalAdapter(place.home, returned.id) === calm.adapter ? [] : ['The adapter that came back is not whole.'];
    },
  },
  {
    name: 'backup',
    begin: async (place) => {
      await place.fresh(TRAINED);
      return ['backup', join(place.work, 'backup.zip')];
    },
    examine: async (place) => {
      if (existsSync(join(place.work, 'backup.zip'))) await checkBackup(join(place.work, 'backup.zip'));
      return [];
    },
  },
  {
    name: 'restore',
    begin: async (place) => {
      await place.empty();
      return ['restore', join(place.folder, 'backup.zip')];
    },
    examine: (place, { adapter, runId }) =>
      Promise.resolve(
        existsSync(place.home) && finalAdapter(place.home, runId) !== adapter ? ['Half a backup was restored.'] : [],
      ),
  },
  {
    name: 'model download',
    begin: async (place) => {
      await place.fresh();
      return DOWNLOAD;
    },
    open: async () => {
      const { url, close } = await openSmallHub(TINY_MODEL);
      return { env: { HF_ENDPOINT: url }, close };
    },
    examine: async ({ home }) => {
      const models = await storedModels(home);
      return models.some((path) => path.startsWith(home)) ? damageOfDownload(home) : [];
    },
  },
];

export const power: Part = {
  name: 'power',
  unit: 'power failures',
  has: (index) => index < WORKS.length * SHARES,
  async run(place, random, index): Promise<Trial> {
    const work = WORKS[index % WORKS.length] ?? WORKS[0]!;
    const share = Math.floor(index / WORKS.length) % SHARES;
    const name = `power fails during ${work.name}`;
    if (!hasStrace())
      return { name, outcome: 'skipped', units: 0, detail: 'strace is not installed or not permitted.' };
    const calm = await calmWork(place);
    const folder = await recorded(place, work, calm);
    const operations = await readWriteLog(join(folder, 'log'), place.work);
    const flushes = flushesOf(operations);
    const recording = {
      operations,
      start: join(folder, 'start'),
      moments: new Set(flushes.filter((_, count) => count % SHARES === share)),
      end: Number(readFileSync(join(folder, 'stored'), 'utf8')),
    };
    const { crashes, problems } = await replay(place, recording, random, () => work.examine?.(place, calm));
    const held = problems.length === 0;
    const facts = { operations: operations.length, flushMoments: flushes.length, tried: recording.moments.size };
    return { name, outcome: held ? 'held' : 'failed', units: crashes, detail: held ? null : problems.join(' '), facts };
  },
};

/** The folder of a recording; it is made once for each program, so that its shares are those of one work. */
async function recorded(place: Workplace, work: RecordedWork, calm: Calm): Promise<string> {
  const folder = join(place.folder, 'power', work.name.replace(' ', '-'));
  if (existsSync(folder)) return folder;
  const making = `${folder}.partial`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  const args = await work.begin(place, calm);
  cpSync(place.work, join(making, 'start'), { recursive: true });
  const opened = await work.open?.();
  const { env = {} } = opened ?? {};
  const { status, err } = await place.start(args, { env, under: recorder(join(making, 'log')) }).ended;
  await opened?.close();
  if (status !== 0) throw new Error(`The recorded work ended with ${status}: ${err.slice(-500)}`);
  writeFileSync(join(making, 'stored'), String(await storedAmount(place.home)));
  renameSync(making, folder);
  return folder;
}

/** Positions just before and just after each flush: the two moments between which it makes a difference. */
function flushesOf(operations: readonly Operation[]): number[] {
  return [...new Set(operations.flatMap(({ kind }, index) => (kind === 'sync' ? [index, index + 1] : [])))];
}

interface Recording {
  operations: readonly Operation[];
  /** The files before the first operation. */
  start: string;
  /** Each is tried in every variant. */
  moments: ReadonlySet<number>;
  /** What is stored when the command has ended. */
  end: number;
}

async function replay(
  place: Workplace,
  { operations, start, moments, end }: Recording,
  random: Random,
  examineMore: () => Promise<string[]> | undefined,
): Promise<{ crashes: number; problems: string[] }> {
  const disk = new CrashedDisk(place.work, start);
  const problems: string[] = [];
  let crashes = 0;
  let least = 0;
  for (let done = 0; done <= operations.length; done += 1) {
    // Whatever a command has reported is on the disk when it ends.
    if (done === operations.length) least = end;
    for (const variant of moments.has(done) || done === operations.length ? TRIED : []) {
      crashes += 1;
      rmSync(place.work, { recursive: true, force: true });
      disk.write(place.work, variant, random);
      mkdirSync(place.tmp, { recursive: true });
      const found = await examine(place, least, examineMore);
      problems.push(...found.problems.map((problem) => `After operation ${done}, ${variant}: ${problem}`));
      // What a flush made durable can only grow.
      if (variant === 'forgotten') least = Math.max(least, found.amount);
    }
    if (problems.length > 5) break;
    const next = operations[done];
    if (next !== undefined) disk.apply(next);
  }
  return { crashes, problems };
}

async function examine(
  place: Workplace,
  least: number,
  examineMore: () => Promise<string[]> | undefined,
): Promise<{ problems: string[]; amount: number }> {
  try {
    if (!existsSync(join(place.home, 'atelier.sqlite'))) {
      return { problems: least > 0 ? ['The store is gone.'] : ((await examineMore()) ?? []), amount: 0 };
    }
    const problems = await examineStore(place.home);
    await clearUnfinishedExports(place.home);
    const amount = await storedAmount(place.home);
    if (amount < least) problems.push(`${amount} rows are stored, and ${least} were before.`);
    for (const { path, sha256 } of await storedCheckpoints(place.home)) {
      const found = await folderSha256(path).catch((error: unknown) => String(error));
      if (found !== sha256) problems.push(`The checkpoint ${path} is not as recorded: ${found}`);
    }
    return { problems: [...problems, ...((await examineMore()) ?? [])], amount };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { problems: [`It does not open: ${text}`], amount: least };
  }
}
