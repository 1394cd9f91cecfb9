/**
 * @file Fuzz: damaged files for every reader, and inputs made from the schemas for every procedure. Each input is tried
 * in a child process with 10 seconds and 1 GiB. Held: it is read, or refused with an error that says what to do.
 */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findPlaces } from '../../../studio/places.ts';
import { handedOff, jobFolder } from '../kills/hand-back.ts';
import { calmWork, STEPS, TRAINED } from '../kills/work.ts';
import type { Random } from '../../../starter/random.ts';
import type { Part, PartName, Trial } from '../part.ts';
import { kill, MARK } from '../processes.ts';
import type { Workplace } from '../workplace.ts';
import { buildChild } from './build-child.ts';
import { GUIDED, TARGETS, type Made } from './targets.ts';

const { root } = findPlaces(import.meta.url);
const CHILD = join(root, 'electron', 'tools', 'campaign', 'fuzz', 'child.ts');
/** Inputs of one trial. A guided one needs many, because each builds on those before it. */
const INPUTS = 250;
const GUIDED_INPUTS = 1000;
/** Processor time: on a busy machine the clock says little. A reader that only waits is ended by the clock. */
const INPUT_SECONDS = 10;
const WAIT_MS = 120_000;
const TICKS_A_SECOND = 100;
const INPUT_BYTES = 1024 ** 3;
const POLL_MS = 200;
/** The contract has most procedures, so it gets more trials than one format. */
const NAMES = [...TARGETS.map(({ name }) => name), 'procedures', 'engine link', 'procedures'];

const GUIDED_NAMES = TARGETS.filter(({ isGuided }) => isGuided === true).map(({ name }) => GUIDED + name);

export const fuzz = partOf('fuzz', NAMES);
/** The same readers; inputs that reach code which none before them reached are damaged further. */
export const guided = partOf('guided', GUIDED_NAMES);

function partOf(part: PartName, names: readonly string[]): Part {
  return {
    name: part,
    unit: 'inputs',
    has: () => true,
    run: (place, random, index) => oneTrial(place, random, index, names[index % names.length] ?? ''),
  };
}

async function oneTrial(place: Workplace, random: Random, index: number, name: string): Promise<Trial> {
  const bundle = join(place.folder, 'bundle');
  const backup = join(place.folder, 'backup.zip');
  if (/bundle|backup/.test(name)) await makeBundle(place, bundle);
  if (name.includes('job')) await handedOff(place, await calmWork(place));
  const seed = random.int(0, 2 ** 31 - 1);
  await place.empty();
  const { inputs, problems, facts } = await tryInputs(
    place,
    { name, seed, made: { bundle, backup, job: jobFolder(place, STEPS) } },
    index,
  );
  const held = problems.length === 0;
  return {
    name: name.replace(GUIDED, ''),
    outcome: held ? 'held' : 'failed',
    units: inputs,
    detail: held ? null : problems.join(' '),
    ...(facts === null ? {} : { facts }),
  };
}

async function makeBundle(place: Workplace, bundle: string): Promise<void> {
  const { runId } = await calmWork(place);
  if (existsSync(bundle)) return;
  await place.fresh(TRAINED);
  await place.mustRun('export', runId, '--out', join(place.work, 'bundle'));
  cpSync(join(place.work, 'bundle'), bundle, { recursive: true });
}

interface Task {
  name: string;
  seed: number;
  made: Made;
}

interface AllTried {
  inputs: number;
  problems: string[];
  facts: Record<string, number> | null;
}

/** A child that is lost over an input is followed by one that goes on after it. */
async function tryInputs(place: Workplace, task: Task, trial: number): Promise<AllTried> {
  const problems: string[] = [];
  const inputs = task.name.startsWith(GUIDED) ? GUIDED_INPUTS : INPUTS;
  let next = 0;
  while (next < inputs && problems.length < 10) {
    const { reached, crashes, lost, facts } = await oneChild(place, task, { skip: next, inputs });
    for (const [index, crash] of [...crashes, ...lost])
      problems.push(`Input ${index}: ${crash} (${keepInput(place, `${trial}-${index}`)})`);
    if (reached >= inputs) return { inputs, problems, facts };
    next = Math.max(reached, next) + 1;
  }
  return { inputs: Math.min(next, inputs), problems, facts: null };
}

interface Tried {
  /** The first input that was not finished. */
  reached: number;
  /** By number of the input. */
  crashes: [number, string][];
  lost: [number, string][];
  /** What the child measured, if it got to its end. */
  facts: Record<string, number> | null;
}

async function oneChild(place: Workplace, task: Task, range: { skip: number; inputs: number }): Promise<Tried> {
  const { skip, inputs } = range;
  const { name, seed, made } = task;
  const words = [name, seed, inputs, skip, place.work, made.bundle, made.backup, made.job].map(String);
  // The procedures run on fixtures that lie beside the source, and start no thread for an input.
  const isSource = name === 'procedures' || name === 'engine link';
  const program = isSource ? ['--import', 'tsx', CHILD] : ['--enable-source-maps', await buildChild()];
  const child = spawn(process.execPath, [...program, ...words], {
    cwd: root,
    env: { ...process.env, TMPDIR: place.tmp, [MARK]: place.folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const tried: Tried = { reached: skip, crashes: [], lost: [], facts: null };
  let current: { index: number; since: number; seconds: number; bytes: number } | null = null;
  let why = '';
  let errors = '';
  let done = false;
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-3000)));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [word, number] = line.split(' ');
    if (word === 'begin')
      current = {
        index: Number(number),
        since: Date.now(),
        seconds: cpuSeconds(child.pid),
        bytes: residentBytes(child.pid),
      };
    else if (word === 'end') {
      tried.reached = Number(number) + 1;
      current = null;
    } else if (word === 'crash') tried.crashes.push([current?.index ?? tried.reached, line.slice(6)]);
    else if (word === 'facts') tried.facts = JSON.parse(line.slice('facts '.length)) as Record<string, number>;
    else if (word === 'done') done = true;
  });
  const poll = setInterval(() => {
    if (current === null) return;
    const grown = residentBytes(child.pid) - current.bytes;
    const isLong = cpuSeconds(child.pid) - current.seconds > INPUT_SECONDS || Date.now() - current.since > WAIT_MS;
    if (isLong) why = `took more than ${INPUT_SECONDS} seconds`;
    else if (grown > INPUT_BYTES) why = 'took more than 1 GiB';
    if (why !== '') kill(child.pid ?? 0, 'SIGKILL');
  }, POLL_MS);
  const ended = await new Promise<string>((resolve) =>
    child.on('close', (code, signal) => resolve(String(code ?? signal))),
  );
  clearInterval(poll);
  if (done) tried.reached = inputs;
  else tried.lost.push([tried.reached, why === '' ? `ended the process (${ended}): ${errors.slice(-800)}` : why]);
  return tried;
}

/** Processor time of a process so far, all its threads together. */
function cpuSeconds(pid: number | undefined): number {
  try {
    const stat = readFileSync(`/proc/${pid ?? 0}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
  } catch {
    return 0;
  }
}

function residentBytes(pid: number | undefined): number {
  try {
    return Number(readFileSync(`/proc/${pid ?? 0}/statm`, 'utf8').split(' ')[1]) * 4096;
  } catch {
    return 0;
  }
}

/** The input as it lies there, for a fixture. Only the newest is still there when a child goes on after a crash. */
function keepInput(place: Workplace, name: string): string {
  const kept = join(place.folder, 'crashes', name);
  mkdirSync(join(place.folder, 'crashes'), { recursive: true });
  rmSync(kept, { recursive: true, force: true });
  for (const input of ['input', 'input.json'])
    if (existsSync(join(place.work, input))) cpSync(join(place.work, input), kept, { recursive: true });
  return kept;
}
