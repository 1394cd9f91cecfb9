/** @file What trials of the GPU found, kept in the data folder: `<home>/gpu-trials.json`. */
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { GpuTrial } from '../../contract/model/system.ts';

/** Changes when shaders or what is measured change so much that earlier trials say nothing. */
const VERSION = 1;
const File = z.object({ version: z.literal(VERSION), trials: z.array(GpuTrial) });

function fileOf(home: string): string {
  return join(home, 'gpu-trials.json');
}

/** None if there are none, or they cannot be read: then they are made again. */
export async function readTrials(home: string): Promise<GpuTrial[]> {
  try {
    return File.parse(JSON.parse(await readFile(fileOf(home), 'utf8'))).trials;
  } catch {
    return [];
  }
}

/** Replaces an earlier trial of the same adapter, driver and size. */
export async function keepTrial(home: string, trial: GpuTrial): Promise<void> {
  const others = (await readTrials(home)).filter(({ key }) => key !== trial.key);
  const aside = `${fileOf(home)}.${randomUUID()}`;
  try {
    await writeFile(aside, `${JSON.stringify({ version: VERSION, trials: [...others, trial] }, null, 2)}\n`);
    await rename(aside, fileOf(home));
  } catch {
    // A trial that cannot be kept is made again.
    await rm(aside, { force: true }).catch(() => undefined);
  }
}

export async function forgetTrials(home: string): Promise<void> {
  await rm(fileOf(home), { force: true });
}
