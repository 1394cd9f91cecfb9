/**
 * @file Kills (SIGKILL) of engine, program, picture process, host and page at random moments. After each one Atelier
 * starts again, and its data folder is examined; at the end of a trial the work is finished. Held: nothing stored is lost,
 * the result is byte for byte that of undisturbed work, and no file, process or lock stays behind.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_GRPO } from '../../../method/defaults.ts';
import { storedRuns } from '../../../store/testing/examine.ts';
import { checkFolder, filesBelow } from '../check-folder.ts';
import type { Part, Trial } from '../part.ts';
import { kill, markedChild } from '../processes.ts';
import { connectTo, listening, type Page } from '../socket-client.ts';
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
} from './work.ts';
import { downloading } from './download.ts';
import { editing } from './editing.ts';
import { killWithin, noneRemains, noStrays, passed, startsAgain, type Findings, type Setting } from './setting.ts';
import { takingBack } from './hand-back.ts';

type Work = (setting: Setting) => Promise<void>;

const WORKS: readonly { name: string; weight: number; work: Work }[] = [
  { name: 'training', weight: 5, work: training },
  { name: 'import', weight: 3, work: importing },
  { name: 'evaluation', weight: 2, work: evaluating },
  { name: 'queue of the host', weight: 2, work: queueing },
  { name: 'pages of the host', weight: 1, work: watching },
  { name: 'export', weight: 2, work: exporting },
  { name: 'job folder', weight: 1, work: handingOff },
  { name: 'hand-back', weight: 2, work: takingBack },
  { name: 'editing samples', weight: 2, work: editing },
  { name: 'model download', weight: 2, work: downloading },
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
    const found: Findings = { kills: 0, problems: [] };
    await work({ place, calm, random, found });
    const held = found.problems.length === 0;
    return {
      name,
      outcome: held ? 'held' : 'failed',
      units: found.kills,
      detail: held ? null : found.problems.join(' '),
    };
  },
};

async function training(setting: Setting): Promise<void> {
  const { place, calm, random, found } = setting;
  await place.fresh();
  let runId: string | undefined;
  for (let count = random.int(2, 4); count > 0; count -= 1) {
    const started = place.start(await goOn(place, runId));
    await killAfterLines(setting, started, calm.trainLines);
    const { out } = await started.ended;
    found.problems.push(...(await noneRemains(place)));
    await startsAgain(setting);
    runId ??= runIdIn(out) ?? (await storedRuns(place.home))[0]?.id;
    found.problems.push(...(await keepsSteps(place, runId, lastStepIn(out))));
    if (runId !== undefined && (await statusOf(place, runId)) === 'completed') break;
  }
  await finish(setting, runId);
  found.problems.push(...(await checkFolder(place.home, place.tmp)));
}

/** Waits for a random line and a random pause, then kills the engine, the program, or both. */
async function killAfterLines({ place, random, found }: Setting, started: Started, lines: number): Promise<void> {
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
  await passed(pause);
  const engine = markedChild(place.folder, 'engine.js');
  const killedEngine = target !== 'program' && engine !== undefined && kill(engine, 'SIGKILL');
  const killedProgram = (target !== 'engine' || engine === undefined) && started.child.exitCode === null;
  if (killedProgram) kill(started.pid, 'SIGKILL');
  if (killedEngine || killedProgram) found.kills += 1;
}

/** The command that goes on with whatever state a run is in. */
async function goOn(place: Workplace, runId: string | undefined): Promise<readonly string[]> {
  if (runId === undefined) return TRAIN;
  return (await statusOf(place, runId)) === 'queued' ? ['queue', 'work'] : ['resume', runId];
}

async function finish({ place, calm, found }: Setting, runId: string | undefined): Promise<void> {
  let id = runId;
  for (let tries = 0; tries < 3; tries += 1) {
    if (id !== undefined && (await statusOf(place, id)) === 'completed') break;
    const { out, err, status } = await place.run(...(await goOn(place, id)));
    if (status !== 0) found.problems.push(`Going on ended with ${status}: ${err.slice(-600)}`);
    id = runIdIn(out) ?? id;
  }
  const status = id === undefined ? undefined : await statusOf(place, id);
  if (id === undefined) found.problems.push('No run could be finished.');
  else if (status !== 'completed') found.problems.push(`The run ends as ${String(status)}.`);
  else if (finalAdapter(place.home, id) !== calm.adapter)
    found.problems.push('The adapter differs from that of the undisturbed run.');
}

/** Steps that were printed were stored before that; no kill may take them away. */
async function keepsSteps(place: Workplace, runId: string | undefined, printed: number): Promise<string[]> {
  if (runId === undefined || printed === 0) return [];
  const last = (await storedRuns(place.home)).find(({ id }) => id === runId)?.lastStep ?? 0;
  return last >= printed ? [] : [`Step ${printed} was reported, but the store ends at ${last}.`];
}

/** Counts only once Atelier was started again: opening the store marks what dead processes left. */
async function statusOf(place: Workplace, runId: string): Promise<string | undefined> {
  return (await storedRuns(place.home)).find(({ id }) => id === runId)?.status;
}

async function importing(setting: Setting): Promise<void> {
  const { place, calm, random, found } = setting;
  await place.empty();
  const args = ['import', place.pictures, '--name', 'dots'];
  for (let count = random.int(2, 4); count > 0; count -= 1) {
    const child = random.chance(0.3) ? 'pictures.js' : undefined;
    await killWithin(setting, place.start(args), calm.ms.import, child);
    await startsAgain(setting);
    const listed = await place.run('datasets');
    const stored = listed.status === 0 ? (JSON.parse(listed.out) as { snapshotSha256: string }[]) : [];
    if (stored.some(({ snapshotSha256 }) => snapshotSha256 !== calm.snapshot))
      found.problems.push('Half a dataset was stored.');
  }
  const again = await place.run(...args);
  if (snapshotIn(again.out) !== calm.snapshot)
    found.problems.push(`The import after the kills gave another dataset: ${again.err.slice(-300)}`);
  found.problems.push(...(await checkFolder(place.home, place.tmp)));
}

async function evaluating(setting: Setting): Promise<void> {
  const { place, calm, random, found } = setting;
  await place.fresh();
  for (let count = random.int(1, 3); count > 0; count -= 1) {
    const child = random.chance(0.5) ? 'engine.js' : undefined;
    await killWithin(setting, place.start(EVALUATE), calm.ms.evaluate, child);
    await startsAgain(setting);
  }
  const again = await place.mustRun(...EVALUATE);
  if (JSON.stringify(measured(again.out)) !== JSON.stringify(calm.evaluation))
    found.problems.push('The evaluation after the kills differs from the undisturbed one.');
  found.problems.push(...(await checkFolder(place.home, place.tmp)));
}

/** The same work as `TRAIN`, asked for by a page. */
async function startRun({ client }: Page): Promise<string> {
  const [dataset] = await client.datasets.list();
  const model = (await client.models.list()).find(({ name }) => name === 'tiny');
  const { id } = await client.runs.start({
    datasetId: dataset!.id,
    modelId: model!.id,
    method: 'grpo-d',
    steps: STEPS,
    seed: 3,
    grpo: { ...DEFAULT_GRPO, promptsPerStep: 1, numGenerations: 2, maxCompletionLength: 4 },
    checkpointEvery: 2,
    evalSamples: 1,
  });
  return id;
}

/** Two runs wait in the queue of a host, a page watches, and the host is killed; the next host goes on with the queue. */
async function queueing(setting: Setting): Promise<void> {
  const { place, calm, random, found } = setting;
  await place.fresh();
  const ids: string[] = [];
  for (let count = random.int(1, 3); count > 0; count -= 1) {
    const host = place.start(['serve']);
    const page = await connectTo(await listening(host));
    while (ids.length < 2) ids.push(await startRun(page));
    await killWithin(setting, host, calm.ms.train);
    page.close();
    await startsAgain(setting);
  }
  await place.run('queue', 'work');
  for (const id of ids) {
    if ((await statusOf(place, id)) === undefined) found.problems.push(`The run ${id}, which waited, is gone.`);
    else await finish(setting, id);
  }
  found.problems.push(...(await checkFolder(place.home, place.tmp)));
}

/** Pages that import and watch a run lose their connection without a farewell, as when their process is killed. */
async function watching(setting: Setting): Promise<void> {
  const { place, calm, random, found } = setting;
  await place.fresh();
  const host = place.start(['serve']);
  const first = await connectTo(await listening(host));
  const witness = await first.another();
  const id = await startRun(first);
  const cut = async (work: (page: Page) => Promise<AsyncIterable<unknown>>): Promise<void> => {
    const page = await first.another();
    const events = (async () => {
      for await (const _ of await work(page)) void _;
    })().catch(() => undefined);
    await passed(random.range(0, 1) * calm.ms.import);
    page.close();
    found.kills += 1;
    await Promise.race([events, passed(1000)]);
  };
  await cut(({ client }) => client.runs.watch({ runId: id }));
  await cut(({ client }) => client.datasets.import({ path: place.pictures, name: 'again' }));
  first.close();
  found.kills += 1;
  for await (const event of await witness.client.runs.watch({ runId: id }))
    if (event.type === 'status' && !['queued', 'running'].includes(event.summary.status)) break;
  witness.close();
  kill(host.pid, 'SIGINT');
  const { status, err } = await host.ended;
  if (status !== 0) found.problems.push(`The host ended with ${status}: ${err.slice(-500)}`);
  found.problems.push(...(await noneRemains(place)));
  await startsAgain(setting);
  await finish(setting, id);
}

async function exporting(setting: Setting): Promise<void> {
  const { place, calm, random, found } = setting;
  await place.fresh(TRAINED);
  const bundles: string[] = [];
  for (let count = random.int(1, 3); count > 0; count -= 1) {
    const bundle = join(place.work, `bundle-${count}`);
    bundles.push(bundle);
    await killWithin(setting, place.start(['export', calm.runId, '--out', bundle]), calm.ms.export);
    await startsAgain(setting);
    noStrays(setting, 'bundle', (name) => !['home', 'tmp'].includes(name) && !name.startsWith('bundle-'));
  }
  const last = join(place.work, 'last');
  await place.mustRun('export', calm.runId, '--out', last);
  for (const folder of [...bundles, last]) {
    if (!existsSync(folder)) continue;
    const { status, out } = await place.run('verify', folder);
    // 9: nothing failed, but who signed is for a person to decide.
    if (status !== 0 && status !== 9) found.problems.push(`The bundle ${folder} does not verify: ${out.slice(0, 500)}`);
  }
  found.problems.push(...(await checkFolder(place.home, place.tmp)));
}

async function handingOff(setting: Setting): Promise<void> {
  const { place, calm, random, found } = setting;
  await place.fresh(TRAINED);
  const handOff = (to: string): string[] => ['handoff', calm.runId, '--out', to, '--without-model'];
  const jobs: string[] = [];
  for (let count = random.int(1, 3); count > 0; count -= 1) {
    const job = join(place.work, `job-${count}`);
    jobs.push(job);
    await killWithin(setting, place.start(handOff(job)), calm.ms.export);
    await startsAgain(setting);
    noStrays(setting, 'job folder', (name) => !['home', 'tmp'].includes(name) && !name.startsWith('job-'));
  }
  const last = join(place.work, 'last');
  await place.mustRun(...handOff(last));
  const whole = filesBelow(last).sort().join();
  for (const job of jobs)
    if (existsSync(job) && filesBelow(job).sort().join() !== whole)
      found.problems.push(`The job folder ${job} is not whole.`);
  found.problems.push(...(await checkFolder(place.home, place.tmp)));
}

async function backingUp(setting: Setting): Promise<void> {
  const { place, calm, random, found } = setting;
  await place.fresh(TRAINED);
  for (let count = random.int(2, 4); count > 0; count -= 1) {
    const file = join(place.work, `backup-${count}.zip`);
    await killWithin(setting, place.start(['backup', file]), calm.ms.backup);
    if (existsSync(file)) await place.mustRun('restore', file, '--check');
    await startsAgain(setting);
  }
  await place.mustRun('backup', join(place.work, 'last.zip'));
  await place.mustRun('restore', join(place.work, 'last.zip'), '--check');
  noStrays(setting, 'backup', (name) => name.startsWith('.'));
  found.problems.push(...(await checkFolder(place.home, place.tmp)));
}

async function restoring(setting: Setting): Promise<void> {
  const { place, calm, random, found } = setting;
  await place.empty();
  const file = join(place.folder, 'backup.zip');
  for (let count = random.int(2, 4); count > 0 && !existsSync(place.home); count -= 1)
    await killWithin(setting, place.start(['restore', file]), calm.ms.restore);
  if (!existsSync(place.home)) await place.mustRun('restore', file);
  noStrays(setting, 'data folder', (name) => name.startsWith('.'));
  if (finalAdapter(place.home, calm.runId) !== calm.adapter) found.problems.push('The adapter was not restored.');
  await startsAgain(setting);
}
