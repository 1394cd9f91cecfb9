/**
 * @file Faults of the machine around Atelier, one a trial. Held: each command succeeds or ends with a sentence that says
 * what to do, nothing stored is lost, and once the fault is gone the work gives what it gives undisturbed.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { failingCalls, hasStrace } from '../strace.ts';
import { startChild } from '../../../store/testing/processes.ts';
import type { Random } from '../../../starter/random.ts';
import { canMountDisks } from '../../../studio/fixtures/small-disk.ts';
import { findPlaces } from '../../../studio/places.ts';
import { checkFolder, filesBelow } from '../check-folder.ts';
import { calmWork, EVALUATE, finalAdapter, measured, runIdIn, snapshotIn, TRAIN, TRAINED } from '../kills/work.ts';
import type { Part, Trial } from '../part.ts';
import { kill, markedChild, remaining } from '../processes.ts';
import type { Ended, Workplace } from '../workplace.ts';

const { root } = findPlaces(import.meta.url);
const STORE_CHILD = join(root, 'electron', 'store', 'testing', 'child.ts');
/** The user `nobody` on Linux: rights do not bind root. */
const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
/** Reads the disk as it is and needs no space. */
const HANG_MS = 10 * 60_000;

interface Fault {
  name: string;
  /** Why this machine cannot try it; null if it can. */
  missing?: () => string | null;
  /** Returns what did not hold. */
  run(place: Workplace, random: Random): Promise<string[]>;
}

const needsRoot = (): string | null => (isRoot ? null : 'Only root can do that.');
const needsMount = (): string | null => (canMountDisks() ? null : 'Only root can mount a small disk.');

const needsStrace = (): string | null =>
  hasStrace() ? null : 'strace, which makes the calls of a program fail, is not installed or not permitted.';

const FAULTS: readonly Fault[] = [
  { name: 'full disk during import', missing: needsMount, run: (place) => fullDisk(place, 'import') },
  { name: 'full disk during training', missing: needsMount, run: (place) => fullDisk(place, 'train') },
  { name: 'read-only data folder', missing: needsRoot, run: readOnlyHome },
  { name: 'no right to read the images', missing: needsRoot, run: unreadableImages },
  { name: 'clock goes back and forth', run: clockJumps },
  { name: 'file handles exhausted', run: fewHandles },
  { name: 'two Ateliers on one data folder', run: (place) => together(place, 2) },
  { name: 'five Ateliers on one data folder', run: (place) => together(place, 5) },
  { name: 'database locked by another program', run: lockedDatabase },
  { name: 'image damaged', run: damagedImage },
  { name: 'database page damaged', run: damagedDatabase },
  { name: 'write-ahead log damaged', run: damagedLog },
  { name: 'checkpoint damaged', run: damagedCheckpoint },
  {
    name: 'engine hangs',
    missing: () => (process.platform === 'linux' ? null : 'Only Linux says how busy a process is.'),
    run: hangingEngine,
  },
  { name: 'slow disk', missing: needsStrace, run: slowDisk },
  { name: 'disk that fails to flush', missing: needsStrace, run: failingDisk },
  { name: 'network drive that keeps no locks', missing: needsStrace, run: driveWithoutLocks },
];

export const faults: Part = {
  name: 'faults',
  unit: 'faults',
  has: (index) => index < FAULTS.length,
  async run(place, random, index): Promise<Trial> {
    const fault = FAULTS[index] ?? FAULTS[0]!;
    const { name } = fault;
    const why = fault.missing?.() ?? null;
    if (why !== null) return { name, outcome: 'skipped', units: 0, detail: why };
    const problems = await fault.run(place, random);
    const held = problems.length === 0;
    return { name, outcome: held ? 'held' : 'failed', units: 1, detail: held ? null : problems.join(' ') };
  },
};

/** A command succeeds, or says in words what is wrong: no bug, no signal, no stack. */
function inWords(what: string, { status, err }: Ended): string[] {
  if (status === 0) return [];
  const isBug =
    status === 1 || typeof status === 'string' || /\n\s+at /.test(err) || !/^(error|interrupted|failed): /m.test(err);
  return isBug ? [`${what} ended with ${status}: ${err.slice(-800)}`] : [];
}

function mustEnd(what: string, ended: Ended, ...statuses: number[]): string[] {
  return statuses.includes(Number(ended.status))
    ? inWords(what, ended)
    : [`${what} ended with ${ended.status} instead of ${statuses.join(' or ')}: ${ended.err.slice(-800)}`];
}

async function sound(place: Workplace): Promise<string[]> {
  return await checkFolder(place.home, place.tmp);
}

/** The disk of the data folder fills up after ever more bytes, until the work fits. */
async function fullDisk(place: Workplace, work: 'import' | 'train'): Promise<string[]> {
  const calm = await calmWork(place);
  const problems: string[] = [];
  const args = work === 'import' ? ['import', place.pictures, '--name', 'dots'] : TRAIN;
  let filled = 0;
  for (const room of work === 'import' ? [0, 32, 96, 192, 384, 768, 1536, 3072] : [64, 256, 768]) {
    if (work === 'import') await place.empty();
    else await place.fresh();
    const start = join(place.work, 'start');
    if (existsSync(place.home)) cpSync(place.home, start, { recursive: true });
    rmSync(place.home, { recursive: true, force: true });
    mkdirSync(place.home);
    const used = existsSync(start) ? Number(execFileSync('du', ['-sk', start]).toString().split('\t')[0]) + 64 : 64;
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${used + room}k,mode=0700`, 'tmpfs', place.home]);
    try {
      if (existsSync(start)) cpSync(start, place.home, { recursive: true });
      const ended = await place.run(...args);
      if (ended.status !== 0) filled += 1;
      problems.push(...mustEnd(`With ${room} KiB of room, ${work}`, ended, 0, 7));
      execFileSync('mount', ['-o', 'remount,size=200m', place.home]);
      if (work === 'import') {
        const again = await place.run(...args);
        if (snapshotIn(again.out) !== calm.snapshot) problems.push(`With room again, import gave: ${again.err}`);
      } else {
        const runId = runIdIn(ended.out);
        const again = ended.status === 0 || runId === undefined ? null : await place.run('resume', runId);
        if (runId !== undefined && finalAdapter(place.home, runId) !== calm.adapter)
          problems.push(`After ${room} KiB of room, the run learned something else: ${again?.err ?? ''}`);
      }
      problems.push(...(await sound(place)).map((problem) => `After ${room} KiB of room: ${problem}`));
    } finally {
      await remaining(place.folder, 10_000);
      execFileSync('umount', ['-l', place.home]);
    }
  }
  if (filled === 0) problems.push('The disk never filled up.');
  return problems;
}

function giveTo(folder: string, uid: number): void {
  execFileSync('chown', ['-R', `${uid}:${uid}`, folder]);
}

async function asNobody(place: Workplace, ...args: string[]): Promise<Ended> {
  const home = join(place.work, 'home-of-nobody');
  mkdirSync(home, { recursive: true });
  chownSync(home, NOBODY, NOBODY);
  return await place.start(args, { uid: NOBODY, env: { HOME: home } }).ended;
}

async function readOnlyHome(place: Workplace): Promise<string[]> {
  await place.fresh();
  giveTo(place.work, NOBODY);
  execFileSync('chmod', ['-R', 'a-w', place.home]);
  const before = contents(place.home);
  const problems: string[] = [];
  for (const args of [['runs'], ['datasets'], ['import', place.pictures, '--name', 'again'], ['audit'], [...TRAIN]])
    problems.push(...inWords(args[0] ?? '', await asNobody(place, ...args)));
  if (contents(place.home) !== before) problems.push('A read-only data folder has changed.');
  execFileSync('chmod', ['-R', 'u+w', place.home]);
  problems.push(...mustEnd('runs, with rights again', await asNobody(place, 'runs'), 0));
  return problems;
}

function contents(folder: string): string {
  return filesBelow(folder)
    .filter((file) => !file.startsWith('logs/'))
    .map((file) => `${file} ${readFileSync(join(folder, file)).toString('base64')}`)
    .join('\n');
}

async function unreadableImages(place: Workplace): Promise<string[]> {
  await place.fresh();
  giveTo(place.work, NOBODY);
  chmodSync(join(place.home, 'blobs'), 0);
  const problems: string[] = [];
  for (const args of [['runs'], ['import', place.pictures, '--name', 'again'], [...TRAIN], [...EVALUATE]])
    problems.push(...inWords(args[0] ?? '', await asNobody(place, ...args)));
  chmodSync(join(place.home, 'blobs'), 0o700);
  problems.push(
    ...mustEnd('import, with rights again', await asNobody(place, 'import', place.pictures, '--name', 'again'), 0),
  );
  return problems;
}

/** Each command sees another time, up to ten years off either way. */
async function clockJumps(place: Workplace, random: Random): Promise<string[]> {
  const calm = await calmWork(place);
  await place.fresh();
  const shift = join(place.work, 'shift.cjs');
  writeFileSync(
    shift,
    `const by = Number(process.env.SHIFT_MS); const now = Date.now;
     Date.now = () => now() + by;
     globalThis.Date = class extends Date { constructor(...given) { super(...(given.length === 0 ? [Date.now()] : given)); } };`,
  );
  const years = (): string => String(Math.round(random.range(-10, 10) * 365.25 * 86_400_000));
  const at = async (...args: string[]): Promise<Ended> =>
    await place.start(args, { env: { NODE_OPTIONS: `--require ${shift}`, SHIFT_MS: years() } }).ended;
  const problems: string[] = [];
  const trained = await at(...TRAIN);
  problems.push(...mustEnd('train', trained, 0));
  const runId = runIdIn(trained.out) ?? '';
  if (finalAdapter(place.home, runId) !== calm.adapter) problems.push('The clock changed what the run learned.');
  const bundle = join(place.work, 'bundle');
  problems.push(...mustEnd('export', await at('export', runId, '--out', bundle), 0));
  problems.push(...mustEnd('verify', await at('verify', bundle), 0, 9));
  for (const args of [['runs'], ['audit'], ['import', place.pictures, '--name', 'again']])
    problems.push(...mustEnd(args[0] ?? '', await at(...args), 0));
  return [...problems, ...(await sound(place))];
}

/** After a while the program's handles run out but for a few. (Node itself needs about 160 to load the program.) */
async function fewHandles(place: Workplace, random: Random): Promise<string[]> {
  const calm = await calmWork(place);
  const problems: string[] = [];
  let refused = 0;
  for (let count = 0; count < 6; count += 1) {
    await place.empty();
    const hog = join(place.work, 'hog.cjs');
    writeFileSync(
      hog,
      `const { closeSync, openSync } = require('node:fs');
       setTimeout(() => {
         const held = [];
         try { for (;;) held.push(openSync('/dev/null')); } catch {}
         for (const handle of held.slice(0, ${count === 0 ? 0 : random.int(0, 8)})) closeSync(handle);
       }, ${random.int(200, 1500)}).unref();`,
    );
    const under = ['sh', '-c', 'ulimit -n 256; exec "$@"', 'sh'];
    const args = ['import', place.pictures, '--name', 'dots'];
    const ended = await place.start(args, { under, env: { NODE_OPTIONS: `--require ${hog}` } }).ended;
    if (ended.status !== 0) refused += 1;
    // Node gives up by itself where handles run out while it still loads the program.
    const isLoaded = !ended.err.includes('node:internal/modules/');
    if (isLoaded) problems.push(...inWords('import without handles', ended));
    rmSync(hog);
    const again = await place.run(...args);
    if (snapshotIn(again.out) !== calm.snapshot) problems.push(`With handles again, import gave: ${again.err}`);
    problems.push(...(await sound(place)));
  }
  if (refused === 0) problems.push('The handles were always enough.');
  return problems;
}

/** Each trains, evaluates or imports at the same time; a run waits for the one before it. */
async function together(place: Workplace, count: number): Promise<string[]> {
  const calm = await calmWork(place);
  await place.fresh();
  const works = [[...TRAIN], [...EVALUATE], ['import', place.pictures, '--name', 'again'], [...TRAIN], [...EVALUATE]];
  const all = await Promise.all(works.slice(0, count).map((args) => place.run(...args)));
  const problems: string[] = [];
  for (const [index, ended] of all.entries()) {
    const name = works[index]?.[0] ?? '';
    problems.push(...mustEnd(name, ended, 0, 4));
    if (ended.status !== 0) continue;
    if (name === 'train' && finalAdapter(place.home, runIdIn(ended.out) ?? '') !== calm.adapter)
      problems.push('A run among others learned something else.');
    if (name === 'eval' && JSON.stringify(measured(ended.out)) !== JSON.stringify(calm.evaluation))
      problems.push('An evaluation among others gave something else.');
  }
  return [...problems, ...(await sound(place))];
}

async function lockedDatabase(place: Workplace): Promise<string[]> {
  await place.fresh();
  // Until it is ended: on a busy machine, a command takes its time before it asks for the lock.
  const holder = startChild(STORE_CHILD, ['hold', place.home, String(HANG_MS)]);
  await holder.line((line) => line === 'holding');
  const problems = [
    ...mustEnd('import', await place.run('import', place.pictures, '--name', 'again'), 4),
    ...mustEnd('datasets', await place.run('datasets'), 0, 4),
  ];
  holder.process.kill('SIGKILL');
  await holder.ended;
  problems.push(...mustEnd('import, unlocked', await place.run('import', place.pictures, '--name', 'again'), 0));
  return [...problems, ...(await sound(place))];
}

/** Flips one bit of a file. */
function damage(file: string, random: Random, from = 0): void {
  const bytes = readFileSync(file);
  const at = random.int(Math.min(from, bytes.length - 1), bytes.length - 1);
  bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random.int(0, 7)), at);
  writeFileSync(file, bytes);
}

async function damagedImage(place: Workplace, random: Random): Promise<string[]> {
  await place.fresh();
  const images = filesBelow(join(place.home, 'blobs')).sort();
  const image = join(place.home, 'blobs', random.pick(images));
  damage(image, random);
  const problems: string[] = [];
  const backup = await place.run('backup', join(place.work, 'backup.zip'));
  if (backup.status !== 8 || !backup.out.includes(image)) problems.push('The backup did not name the damaged image.');
  const trained = await place.run(...TRAIN);
  // A run that does not draw the image does not need it; one that does fails and names it.
  if (trained.status !== 0 && !trained.err.includes(`The image ${image} is damaged`))
    problems.push(`train did not name the damaged image: ${trained.err.slice(-500)}`);
  problems.push(...mustEnd('import', await place.run('import', place.pictures, '--name', 'again'), 0));
  const again = await place.run('backup', join(place.work, 'again.zip'));
  if (again.status !== 0) problems.push(`Importing again did not repair the image: ${again.out}`);
  return problems;
}

async function damagedDatabase(place: Workplace, random: Random): Promise<string[]> {
  await place.fresh(TRAINED);
  const calm = await calmWork(place);
  const backup = join(place.folder, 'backup.zip');
  const file = join(place.home, 'atelier.sqlite');
  const bytes = readFileSync(file);
  // A whole page of noise, as a failing disk leaves it; never the first one, which a test of its own covers.
  const page = 4096 * random.int(1, bytes.length / 4096 - 1);
  for (let at = page; at < page + 4096; at += 1) bytes.writeUInt8(random.int(0, 255), at);
  writeFileSync(file, bytes);
  const problems = [...inWords('runs', await place.run('runs')), ...inWords('datasets', await place.run('datasets'))];
  const found = await place.run('backup', join(place.work, 'backup.zip'));
  if (found.status === 0) problems.push('A backup of a damaged database was made without a word.');
  else problems.push(...inWords('backup', found));
  problems.push(...mustEnd('restore', await place.run('restore', backup, '--replace'), 0));
  if (finalAdapter(place.home, calm.runId) !== calm.adapter) problems.push('The adapter was not restored.');
  return [...problems, ...(await sound(place))];
}

async function damagedLog(place: Workplace, random: Random): Promise<string[]> {
  await place.fresh();
  const started = place.start(TRAIN);
  await new Promise<void>((resolve) => {
    started.onLine((line) => {
      if (line.includes('"step":3')) resolve();
    });
    void started.ended.then(() => resolve());
  });
  kill(started.pid, 'SIGKILL');
  await started.ended;
  await remaining(place.folder, 20_000);
  const log = join(place.home, 'atelier.sqlite-wal');
  if (!existsSync(log)) return ['The killed program left no write-ahead log.'];
  // Frames before the damaged one count; the others are dropped, as SQLite's checksums demand.
  damage(log, random, 32);
  const problems = mustEnd('runs', await place.run('runs'), 0);
  return [...problems, ...(await sound(place)).filter((problem) => !problem.startsWith('A stray file: runs/'))];
}

async function damagedCheckpoint(place: Workplace, random: Random): Promise<string[]> {
  const calm = await calmWork(place);
  await place.fresh(TRAINED);
  const folder = join(place.home, 'runs', calm.runId, 'checkpoints');
  const last = readdirSync(folder).sort().at(-1) ?? '';
  damage(join(folder, last, random.pick(readdirSync(join(folder, last)))), random);
  const problems: string[] = [];
  const exported = await place.run('export', calm.runId, '--out', join(place.work, 'bundle'));
  problems.push(...mustEnd('export', exported, 8));
  if (existsSync(join(place.work, 'bundle'))) problems.push('A damaged checkpoint was exported.');
  problems.push(...mustEnd('eval', await place.run('eval', '--run', calm.runId), 8));
  return problems;
}

/** Every flush takes a fifth of a second, as on a worn card or a disk under load. */
async function slowDisk(place: Workplace): Promise<string[]> {
  const calm = await calmWork(place);
  await place.fresh();
  const trained = await place.start(TRAIN, { under: failingCalls('fsync,fdatasync', 'delay_enter=200000') }).ended;
  const problems = mustEnd('train', trained, 0);
  if (finalAdapter(place.home, runIdIn(trained.out) ?? '') !== calm.adapter)
    problems.push('The slow disk changed what the run learned.');
  return [...problems, ...(await sound(place))];
}

/** One flush, a later one each time, reports that the bytes did not reach the disk. */
async function failingDisk(place: Workplace, random: Random): Promise<string[]> {
  const calm = await calmWork(place);
  const problems: string[] = [];
  const args = ['import', place.pictures, '--name', 'dots'];
  let failed = 0;
  for (let flush = 1; flush <= 25; flush += random.int(2, 6)) {
    await place.empty();
    const under = failingCalls('fsync,fdatasync', `error=EIO:when=${flush}`);
    const { status, err } = await place.start(args, { under }).ended;
    if (status !== 0) failed += 1;
    if (status !== 0 && (!/^error: .*disk/m.test(err) || /\n\s+at /.test(err)))
      problems.push(`After flush ${flush} failed, import ended with ${status}: ${err.slice(-500)}`);
    const again = await place.run(...args);
    if (snapshotIn(again.out) !== calm.snapshot) problems.push(`With a sound disk again, import gave: ${again.err}`);
    problems.push(...(await sound(place)).map((problem) => `After flush ${flush} failed: ${problem}`));
  }
  if (failed === 0) problems.push('No flush failed.');
  return problems;
}

/** SQLite asks for a lock, and the drive has none to give, as some network drives do. */
async function driveWithoutLocks(place: Workplace): Promise<string[]> {
  await place.fresh();
  const before = contents(place.home);
  const under = [...failingCalls('fcntl', 'error=ENOLCK'), '-P', join(place.home, 'atelier.sqlite')];
  const problems: string[] = [];
  for (const args of [['datasets'], ['import', place.pictures, '--name', 'again'], [...TRAIN]])
    problems.push(...mustEnd(args[0] ?? '', await place.start(args, { under }).ended, 4));
  if (contents(place.home) !== before) problems.push('A data folder without locks has changed.');
  problems.push(...mustEnd('datasets, with locks again', await place.run('datasets'), 0));
  return [...problems, ...(await sound(place))];
}

/** The engine is stopped, not ended: it must be noticed, and the run go on or end with a sentence. */
async function hangingEngine(place: Workplace): Promise<string[]> {
  const calm = await calmWork(place);
  await place.fresh();
  const started = place.start(TRAIN);
  let stopped: number | undefined;
  started.onLine((line) => {
    if (stopped !== undefined || !line.includes('"type":"steps"')) return;
    stopped = markedChild(place.folder, 'engine.js');
    if (stopped !== undefined) kill(stopped, 'SIGSTOP');
  });
  const ended = await Promise.race([
    started.ended,
    new Promise<null>((resolve) => setTimeout(resolve, HANG_MS, null).unref()),
  ]);
  if (stopped === undefined) return ['The engine could not be stopped.'];
  if (ended === null) return [`The run still waits for an engine that hangs, after ${HANG_MS / 60_000} minutes.`];
  const problems = mustEnd('train', ended, 0, 5);
  const runId = runIdIn(ended.out) ?? '';
  if (ended.status === 5) problems.push(...mustEnd('resume', await place.run('resume', runId), 0));
  if (finalAdapter(place.home, runId) !== calm.adapter) problems.push('The run learned something else.');
  return [...problems, ...(await sound(place))];
}
