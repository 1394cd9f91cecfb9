/** @file Kills of `handback`, which takes a job folder back that another machine has trained. */
import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunId } from '../../../contract/model/primitives.ts';
import { openStore } from '../../../store/connection/open.ts';
import type { KnownHandoff } from '../../../store/handoffs/handoffs.ts';
import { storedRuns } from '../../../store/testing/examine.ts';
import type { HandedOff } from '../../../studio/handoff/returned-folder.ts';
import { checkFolder } from '../check-folder.ts';
import type { Workplace } from '../workplace.ts';
import { killWithin, startsAgain, type Setting } from './setting.ts';
import { finalAdapter, STEPS, TRAINED, type Calm } from './work.ts';

/** The data folder that has handed a job off. */
export const HANDED_OFF = 'handed-off';
/** The job has got this far when it is taken back for the first time. */
const FIRST = 4;
const CHECKPOINT_FILES = ['adapter_config.json', 'adapter_model.safetensors'];

/** A job is taken back twice, at `FIRST` steps and at its end, and each of the two is killed. */
export async function takingBack(setting: Setting): Promise<void> {
  const { place, calm, random, found } = setting;
  await handedOff(place, calm);
  await place.fresh(HANDED_OFF);
  for (const steps of [FIRST, STEPS]) {
    const job = jobFolder(place, steps);
    const args = ['handback', job, '--without-evaluation'];
    for (let count = random.int(1, 2); count > 0; count -= 1) {
      await killWithin(setting, place.start(args), calm.ms.export);
      await startsAgain(setting);
      const returned = (await storedRuns(place.home)).find(({ id }) => id !== calm.runId);
      if (returned !== undefined && ![FIRST, steps].includes(returned.lastStep))
        found.problems.push(`Half a job was taken back: ${returned.lastStep} of ${steps} steps.`);
    }
    const { status, err } = await place.run(...args);
    if (status !== 0) found.problems.push(`Taking back after the kills ended with ${status}: ${err.slice(-500)}`);
  }
  const returned = (await storedRuns(place.home)).filter(({ id }) => id !== calm.runId);
  const [run] = returned;
  if (returned.length !== 1 || run?.status !== 'completed' || run.lastStep !== STEPS)
    found.problems.push(`The job came back as ${JSON.stringify(returned)}.`);
  else if (finalAdapter(place.home, run.id) !== calm.adapter)
    found.problems.push('The adapter that came back differs from the one in the job folder.');
  found.problems.push(...(await checkFolder(place.home, place.tmp)));
}

/** The folder of a job that has got this far. */
export function jobFolder(place: Workplace, steps: number): string {
  return join(place.folder, `job-${steps}`);
}

/** What the studio knows of a job that it handed off. */
export interface KnownJob {
  known: KnownHandoff;
  samples: [id: string, sample: HandedOff][];
}

/** The file beside a job folder that holds its `KnownJob`. */
export function knownFileOf(job: string): string {
  return `${job}.known.json`;
}

async function writeKnown(home: string, job: string): Promise<void> {
  const store = await openStore(home);
  try {
    const manifest = createHash('sha256')
      .update(readFileSync(join(job, 'manifest.json')))
      .digest('hex');
    const known = await store.handoffs.byManifest(manifest);
    if (known === null) throw new Error('The store does not know the job that it handed off.');
    const samples = await store.datasets.allSamples(known.recipe.datasetId, 'train', known.handoff.createdAt);
    const written: KnownJob = {
      known,
      samples: samples.map(({ id, answer, task, datasetId }) => [id, { answer, task, datasetId }]),
    };
    writeFileSync(knownFileOf(job), JSON.stringify(written));
  } finally {
    await store.close();
  }
}

/** Hands the calm run off, and plays the other machine with what the calm run has learned. */
export async function handedOff(place: Workplace, { runId }: Calm): Promise<void> {
  if (place.hasKept(HANDED_OFF)) return;
  await place.fresh(TRAINED);
  const job = join(place.work, 'job');
  const { out } = await place.mustRun('handoff', runId, '--out', job, '--without-model');
  const [, recipeSha256 = ''] = /"recipeSha256": ?"([0-9a-f]{64})"/.exec(out) ?? [];
  for (const steps of [FIRST, STEPS]) {
    const target = jobFolder(place, steps);
    rmSync(target, { recursive: true, force: true });
    cpSync(job, target, { recursive: true });
    await writeResults(place.home, join(target, 'results'), { runId: runId as RunId, recipeSha256, steps });
    await writeKnown(place.home, target);
  }
  place.keep(HANDED_OFF);
}

/** Results as the programs in a job folder write them. */
async function writeResults(
  home: string,
  results: string,
  { runId, recipeSha256, steps }: { runId: RunId; recipeSha256: string; steps: number },
): Promise<void> {
  mkdirSync(results);
  const write = (name: string, value: unknown): void => writeFileSync(join(results, name), JSON.stringify(value));
  write('environment.json', { device: 'cpu', torch: '2.13.0', trl: '1.16.0', workers: 1 });
  write('status.json', { recipeSha256, status: steps === STEPS ? 'completed' : 'running', step: steps });
  const store = await openStore(home);
  try {
    const { runs } = store;
    for (const metrics of (await runs.steps(runId, STEPS)).slice(0, steps)) {
      const groups = await runs.completions(runId, metrics.step);
      const completions = {
        recipeSha256,
        step: metrics.step,
        completions: groups.flatMap((group) => group.completions),
      };
      appendFileSync(join(results, 'metrics.jsonl'), `${JSON.stringify({ recipeSha256, ...metrics })}\n`);
      appendFileSync(join(results, 'completions.jsonl'), `${JSON.stringify(completions)}\n`);
    }
    for (const { step, path } of await runs.checkpoints(runId)) {
      if (step > steps) continue;
      const name = join('checkpoints', `step-${String(step).padStart(6, '0')}`);
      mkdirSync(join(results, name), { recursive: true });
      const files = CHECKPOINT_FILES.map((file) => {
        const bytes = readFileSync(join(path, file));
        writeFileSync(join(results, name, file), bytes);
        return { name: file, sha256: createHash('sha256').update(bytes).digest('hex'), sizeBytes: bytes.length };
      });
      write(join(name, 'checkpoint.json'), { recipeSha256, step, files });
    }
  } finally {
    await store.close();
  }
}
