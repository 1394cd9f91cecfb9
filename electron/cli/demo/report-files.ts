/** @file Writes the two files of the report atomically and keeps the reports of earlier demos. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeOutputFolder } from '../../studio/output-folder.ts';

/** The first of `name`, `name-2`, `name-3`, … that does not exist in `folder` yet. */
export function freeName(folder: string, name: string): string {
  for (let n = 1; ; n += 1) {
    const path = join(folder, n === 1 ? name : `${name}-${n}`);
    if (!existsSync(path)) return path;
  }
}

/**
 * Writes `report.json` and `report.html` into `folder`. Earlier ones are first renamed to the next free
 * `report-<n>.json` and `report-<n>.html`, so `report.html` is always the newest and nothing is ever lost.
 */
export async function writeReportFiles(folder: string, files: { json: string; html: string }): Promise<void> {
  await makeOutputFolder(folder);
  await keepEarlier(folder);
  // The page comes last, so that whenever it exists, the facts do too.
  await writeAtomically(join(folder, 'report.json'), files.json);
  await writeAtomically(join(folder, 'report.html'), files.html);
}

/** Writes to a temporary file, flushes and renames, so readers see the old file or the new one, never a part. */
export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const aside = join(dirname(path), `.${randomUUID()}.part`);
  try {
    const file = await open(aside, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

async function keepEarlier(folder: string): Promise<void> {
  const endings = ['json', 'html'].filter((ending) => existsSync(join(folder, `report.${ending}`)));
  if (endings.length === 0) return;
  let n = 1;
  while (['json', 'html'].some((ending) => existsSync(join(folder, `report-${n}.${ending}`)))) n += 1;
  for (const ending of endings) await rename(join(folder, `report.${ending}`), join(folder, `report-${n}.${ending}`));
}
