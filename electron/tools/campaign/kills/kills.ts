/**
 * @file Kills (SIGKILL) of engine, program and host at random moments. After each one Atelier is started again and goes
 * on. Held: nothing stored is lost, the result is byte for byte that of undisturbed work, the database is intact, and
 * no file, process or lock stays behind.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_GRPO } from '../../../method/defaults.ts';
import type { Random } from '../../../starter/random.ts';
import { storedRuns } from '../../../store/testing/examine.ts';
import { checkFolder } from '../check-folder.ts';
import type { Part, Trial } from '../part.ts';
import { kill, markedEngine, remaining } from '../processes.ts';
import { connectTo, listening } from '../socket-client.ts';
import type { Started, Workplace } from '../workplace.ts';
import {
  calmWork,
  EVALUATE,
  finalAdapter,
  lastStepIn,
  measured,
  runIdIn,
  snapshotIn,
  STEPS,
  TRAIN,
  TRAINED,
  type Calm,
} from './work.ts';

/** Children notice the end of their parent, and end; one in a native call first has to finish it. */
const CHILDREN_END_MS = 20_000;

/** Problems of one trial, and the kills it took. */
interface Findings {
  kills: number;
  problems: string[];
}

type Work = (place: Workplace, calm: Calm, random: Random) => Promise<Findings>;

const WORKS: readonly { name: string; weight: number; work: Work }[] = [
  { name: 'training', weight: 5, work: training },
  { name: 'import', weight: 2, work: importing },
  { name: 'evaluation', weight: 2, work: evaluating },
  { name: 'queue of the host', weight: 2, work: queueing },
  { name: 'export', weight: 2, work: exporting },
  { name: 'backup', weight: 1, work: backingUp },
  { name: 'restore', weight: 1, work: restoring },
];

export const kills: Part = {
  name: 'kills',
  unit: 'kills',
  has: () => true,
  async run(place, random): Promise<Trial> {
    const calm = await calmWork(place);
    const { name, work } = WORKS[random.weighted(WORKS.map(({ weight }) => weight))] ?? WORKS[0]!;
    const { kills: units, problems } = await work(place, calm, random);
    const held = problems.length === 0;
    return { name, outcome: held ? 'held' : 'failed', units, detail: held ? null : problems.join(' ') };
  },
};

/** Kills the program after a random share of the time that the work takes. Counts only if it was still at work. */
async function killWithin(place: Workplace, started: Started, ms: number, random: Random): Promise<Findings> {
  const pause = random.range(0, 1.1) * ms;
  const early = await Promise.race([
    started.ended.then(() => true),
    new Promise<false>((resolve) => setTimeout(resolve, pause, false)),
  ]);
  const killed = !early && kill(started.pid, 'SIGKILL');
  await started.ended;
  return { kills: killed ? 1 : 0, problems: await noneRemains(place) };
}

async function noneRemains(place: Workplace): Promise<string[]> {
  const left = await remaining(place.folder, CHILDREN_END_MS);
  return left.map(({ command }) => `A process stayed behind: ${command}.`);
}

async function training(place: Workplace, calm: Calm, random: Random): Promise<Findings> {
  await place.fresh();
  const findings: Findings = { kills: 0, problems: [] };
  let runId: string | undefined;
  for (let count = random.int(1, 3); count > 0; count -= 1) {
    const started = place.start(await goOn(place, runId));
    await killAfterLines(place, started, random, calm.trainLines, findings);
    const { out } = await started.ended;
    runId = runIdIn(out) ?? runId;
    findings.problems.push(...(await noneRemains(place)), ...(await keepsSteps(place, runId, lastStepIn(out))));
    runId ??= (await storedRuns(place.home))[0]?.id;
    if (runId !== undefined && (await statusOf(place, runId)) === 'completed') break;
  }
  await finish(place, runId, calm, findings);
  findings.problems.push(...(await checkFolder(place.home, place.tmp)));
  return findings;
}

/** Waits for a random line and a random pause, then kills the engine, the program, or both. */
async function killAfterLines(
  place: Workplace,
  started: Started,
  random: Random,
  lines: number,
  findings: Findings,
): Promise<void> {
  const wanted = random.int(0, lines - 2);
  const pause = random.range(0, 400);
  const target = random.pick(['engine', 'program', 'both'] as const);
  let seen = 0;
  const reached = new Promise<true>((resolve) => {
    if (wanted === 0) resolve(true);
    started.onLine(() => {
      seen += 1;
      if (seen >= wanted) resolve(true);
    });
  });
  if (!(await Promise.race<boolean>([reached, started.ended.then(() => false)]))) return;
  await new Promise((resolve) => setTimeout(resolve, pause));
  const engine = markedEngine(place.folder);
  const killedEngine = target !== 'program' && engine !== undefined && kill(engine, 'SIGKILL');
  const killedProgram = (target !== 'engine' || engine === undefined) && started.child.exitCode === null;
  if (killedProgram) kill(started.pid, 'SIGKILL');
  if (killedEngine || killedProgram) findings.kills += 1;
}

/** The command that goes on with whatever state a run is in. */
async function goOn(place: Workplace, runId: string | undefined): Promise<readonly string[]> {
  if (runId === undefined) return TRAIN;
  return (await statusOf(place, runId)) === 'queued' ? ['queue', 'work'] : ['resume', runId];
}

async function finish(place: Workplace, runId: string | undefined, calm: Calm, findings: Findings): Promise<void> {
  let id = runId;
  for (let tries = 0; tries < 3; tries += 1) {
    if (id !== undefined && (await statusOf(place, id)) === 'completed') break;
    const { out, err, status } = await place.run(...(await goOn(place, id)));
    if (status !== 0) findings.problems.push(`Going on ended with ${status}: ${err.slice(-600)}`);
    id = runIdIn(out) ?? id;
  }
  if (id === undefined) findings.problems.push('No run could be finished.');
  else if ((await statusOf(place, id)) !== 'completed')
    findings.problems.push(`The run ends as ${await statusOf(place, id)}.`);
  else if (finalAdapter(place.home, id) !== calm.adapter)
    findings.problems.push('The adapter differs from that of the undisturbed run.');
}

/** Steps that were printed were stored before that; no kill may take them away. */
async function keepsSteps(place: Workplace, runId: string | undefined, printed: number): Promise<string[]> {
  if (runId === undefined || printed === 0) return [];
  const last = (await storedRuns(place.home)).find(({ id }) => id === runId)?.lastStep ?? 0;
  return last >= printed ? [] : [`Step ${printed} was reported, but the store ends at ${last}.`];
}

async function statusOf(place: Workplace, runId: string): Promise<string | undefined> {
  // Opening the store marks what dead processes left; only then does the status count.
  await place.run('runs');
  return (await storedRuns(place.home)).find(({ id }) => id === runId)?.status;
}

async function importing(place: Workplace, calm: Calm, random: Random): Promise<Findings> {
  await place.empty();
  const args = ['import', place.pictures, '--name', 'dots'];
  const findings = await killWithin(place, place.start(args), calm.ms.import, random);
  const listed = await place.run('datasets');
  const names = listed.status === 0 ? (JSON.parse(listed.out) as { snapshotSha256: string }[]) : [];
  for (const { snapshotSha256 } of names)
    if (snapshotSha256 !== calm.snapshot) findings.problems.push('Half a dataset was stored.');
  const again = await place.run(...args);
  if (snapshotIn(again.out) !== calm.snapshot)
    findings.problems.push(`The second import gave another dataset: ${again.err.slice(-300)}`);
  findings.problems.push(...(await checkFolder(place.home, place.tmp)));
  return findings;
}

async function evaluating(place: Workplace, calm: Calm, random: Random): Promise<Findings> {
  await place.fresh();
  const findings: Findings = { kills: 0, problems: [] };
  const started = place.start(EVALUATE);
  const pause = random.range(0, 1) * calm.ms.evaluate;
  await Promise.race([started.ended, new Promise((resolve) => setTimeout(resolve, pause))]);
  const engine = random.chance(0.5) ? markedEngine(place.folder) : undefined;
  if (started.child.exitCode === null && kill(engine ?? started.pid, 'SIGKILL')) findings.kills += 1;
  await started.ended;
  findings.problems.push(...(await noneRemains(place)));
  const again = await place.mustRun(...EVALUATE);
  if (JSON.stringify(measured(again.out)) !== JSON.stringify(calm.evaluation))
    findings.problems.push('The evaluation after the kill differs from the undisturbed one.');
  findings.problems.push(...(await checkFolder(place.home, place.tmp)));
  return findings;
}

/** Two runs wait in the queue of a host, a page watches, and the host is killed. */
async function queueing(place: Workplace, calm: Calm, random: Random): Promise<Findings> {
  await place.fresh();
  const host = place.start(['serve']);
  const page = await connectTo(await listening(host));
  const [dataset] = await page.client.datasets.list();
  const model = (await page.client.models.list()).find(({ name }) => name === 'tiny');
  const ids: string[] = [];
  for (let count = 0; count < 2; count += 1) {
    const run = await page.client.runs.start({
      datasetId: dataset!.id,
      modelId: model!.id,
      method: 'grpo-d',
      steps: STEPS,
      seed: 3,
      grpo: { ...DEFAULT_GRPO, promptsPerStep: 1, numGenerations: 2, maxCompletionLength: 4 },
      checkpointEvery: 2,
      evalSamples: 1,
    });
    ids.push(run.id);
  }
  const findings = await killWithin(place, host, 2 * calm.ms.train, random);
  page.close();
  await place.run('queue', 'work');
  for (const id of ids) {
    const status = await statusOf(place, id);
    if (status === undefined) findings.problems.push(`The run ${id}, which waited, is gone.`);
    else await finish(place, id, calm, findings);
  }
  findings.problems.push(...(await checkFolder(place.home, place.tmp)));
  return findings;
}

async function exporting(place: Workplace, calm: Calm, random: Random): Promise<Findings> {
  await place.fresh(TRAINED);
  const bundle = join(place.work, 'bundle');
  const started = place.start(['export', calm.runId, '--out', bundle]);
  const findings = await killWithin(place, started, calm.ms.export, random);
  await place.run('runs');
  const strays = readdirSync(place.work).filter((name) => !['home', 'tmp', 'bundle'].includes(name));
  if (strays.length > 0) findings.problems.push(`Stray files beside the bundle: ${strays.join(', ')}.`);
  await place.mustRun('export', calm.runId, '--out', join(place.work, 'again'));
  for (const folder of [bundle, join(place.work, 'again')]) {
    if (!existsSync(folder)) continue;
    const { status, out } = await place.run('verify', folder);
    // 9: nothing failed, but who signed is for a person to decide.
    if (status !== 0 && status !== 9)
      findings.problems.push(`The bundle ${folder} does not verify: ${out.slice(0, 500)}`);
  }
  findings.problems.push(...(await checkFolder(place.home, place.tmp)));
  return findings;
}

async function backingUp(place: Workplace, calm: Calm, random: Random): Promise<Findings> {
  await place.fresh(TRAINED);
  const file = join(place.work, 'backup.zip');
  const findings = await killWithin(place, place.start(['backup', file]), calm.ms.backup, random);
  if (existsSync(file)) await place.mustRun('restore', file, '--check');
  await place.mustRun('backup', join(place.work, 'again.zip'));
  await place.mustRun('restore', join(place.work, 'again.zip'), '--check');
  const strays = readdirSync(place.work).filter((name) => name.startsWith('.'));
  if (strays.length > 0) findings.problems.push(`Stray files beside the backup: ${strays.join(', ')}.`);
  findings.problems.push(...(await checkFolder(place.home, place.tmp)));
  return findings;
}

async function restoring(place: Workplace, calm: Calm, random: Random): Promise<Findings> {
  await place.empty();
  const file = join(place.folder, 'backup.zip');
  const findings = await killWithin(place, place.start(['restore', file]), calm.ms.restore, random);
  if (!existsSync(place.home)) await place.mustRun('restore', file);
  const strays = readdirSync(place.work).filter((name) => name.startsWith('.'));
  if (strays.length > 0) findings.problems.push(`Stray files beside the data folder: ${strays.join(', ')}.`);
  if (finalAdapter(place.home, calm.runId) !== calm.adapter) findings.problems.push('The adapter was not restored.');
  findings.problems.push(...(await checkFolder(place.home, place.tmp)));
  return findings;
}
