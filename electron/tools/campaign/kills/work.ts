/** @file The work that kills interrupt: its commands, and what it gives when nobody disturbs it. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ended, Workplace } from '../workplace.ts';

export const STEPS = 6;

/** A short run with a checkpoint after every second step, so that a kill also loses steps. */
export const TRAIN = [
  ...['train', '--dataset', 'dots', '--model', 'tiny', '--steps', String(STEPS), '--seed', '3'],
  ...['promptsPerStep=1', 'numGenerations=2', 'maxCompletionLength=4', 'checkpointEvery=2', 'evalSamples=1'].flatMap(
    (setting) => ['--set', setting],
  ),
];
export const EVALUATE = ['eval', '--dataset', 'dots', '--model', 'tiny', '--split', 'train'];

/** The data folder with the finished calm run, and a backup of it. */
export const TRAINED = 'trained';

/** Results of the undisturbed work. */
export interface Calm {
  runId: string;
  /** SHA-256 of the final adapter. */
  adapter: string;
  /** Lines that `train` prints. */
  trainLines: number;
  evaluation: unknown;
  snapshot: string;
  /** Wall-clock milliseconds, to spread the moments of kills over the work. */
  ms: Record<'import' | 'train' | 'evaluate' | 'export' | 'backup' | 'restore', number>;
}

/** Does all the work once without disturbing it; later calls read what the first one found. */
export async function calmWork(place: Workplace): Promise<Calm> {
  const file = join(place.folder, 'calm.json');
  if (existsSync(file) && place.hasKept(TRAINED)) return JSON.parse(readFileSync(file, 'utf8')) as Calm;
  const ms = {} as Calm['ms'];
  const timed = async (name: keyof Calm['ms'], ...args: string[]): Promise<Ended> => {
    const start = performance.now();
    const ended = await place.mustRun(...args);
    ms[name] = Math.round(performance.now() - start);
    return ended;
  };
  await place.empty();
  const imported = await timed('import', 'import', place.pictures, '--name', 'dots');
  await place.fresh();
  const trained = await timed('train', ...TRAIN);
  const runId = runIdIn(trained.out) ?? '';
  const evaluated = await timed('evaluate', ...EVALUATE);
  place.keep(TRAINED);
  await timed('export', 'export', runId, '--out', join(place.work, 'bundle'));
  const backup = join(place.folder, 'backup.zip');
  if (!existsSync(backup)) await timed('backup', 'backup', backup);
  ms.backup ??= 3000;
  await timed('restore', 'restore', backup, '--home', join(place.work, 'restored'));
  const calm: Calm = {
    runId,
    adapter: finalAdapter(place.home, runId) ?? '',
    trainLines: trained.out.trim().split('\n').length,
    evaluation: measured(evaluated.out),
    snapshot: snapshotIn(imported.out),
    ms,
  };
  writeFileSync(file, JSON.stringify(calm));
  return calm;
}

/** The id of the run in the lines of `train` or `resume`. */
export function runIdIn(lines: string): string | undefined {
  return /"summary":\{"id":"([^"]+)"/.exec(lines)?.[1];
}

/** The last step in the lines of `train` or `resume`; 0 if there is none. */
export function lastStepIn(lines: string): number {
  return Math.max(0, ...[...lines.matchAll(/"steps":\[\{"step":(\d+)/g)].map(([, step]) => Number(step)));
}

export function snapshotIn(imported: string): string {
  const [, sha256 = ''] = /"snapshotSha256": ?"([0-9a-f]{64})"/.exec(imported) ?? [];
  return sha256;
}

/** An evaluation without what differs from one to the next: its id and time. */
export function measured(printed: string): unknown {
  const { id: _id, createdAt: _at, ...rest } = JSON.parse(printed) as Record<string, unknown>;
  return rest;
}

/** SHA-256 of the adapter in a run's last checkpoint, or null if it has none of the last step. */
export function finalAdapter(home: string, runId: string): string | null {
  const folder = join(home, 'runs', runId, 'checkpoints');
  const last = existsSync(folder) ? readdirSync(folder).sort().at(-1) : undefined;
  if (last !== `step-${String(STEPS).padStart(6, '0')}`) return null;
  return createHash('sha256')
    .update(readFileSync(join(folder, last, 'adapter_model.safetensors')))
    .digest('hex');
}
