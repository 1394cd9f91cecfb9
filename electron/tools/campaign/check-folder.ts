/** @file What must be true of a data folder after anything was done to it and Atelier has been started and ended once. */
import { existsSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { folderSha256 } from '../../formats/folder-digest.ts';
import { examineStore, storedCheckpoints, storedRuns } from '../../store/testing/examine.ts';

/** Every file that belongs into a data folder which nobody has open. */
const BELONGS = [
  /^atelier\.sqlite$/,
  /^preferences\.json$/,
  /^logs\/[a-z-]+\.log(\.\d+)?$/,
  /^cache\//,
  /^blobs\/[0-9a-f]{2}\/[0-9a-f]{62}$/,
  /^runs\/[^/]+\/checkpoints\/step-\d{6}\/[^/]+$/,
  // A download that was broken off is continued. The lock of a process that is gone does not count.
  /^models\/models--[\w.-]+\/(snapshots|partial)\/[0-9a-f]{40}\/[^/]+$/,
  /^models\/models--[\w.-]+\/partial\/[0-9a-f]{40}\.lock$/,
  /^keys\/[a-z0-9._-]+$/,
  /^backups\/atelier-v\d+-[^/]+\.sqlite$/,
];

/**
 * Everything that is wrong, as sentences; empty if nothing is.
 * @param home a data folder that no process has open
 * @param tmp the temporary folder of the processes that had it open
 */
export async function checkFolder(home: string, tmp: string): Promise<string[]> {
  if (!existsSync(join(home, 'atelier.sqlite'))) return [];
  const problems = await examineStore(home);
  for (const { path, sha256 } of await storedCheckpoints(home)) {
    const found = await folderSha256(path).catch((error: unknown) => String(error));
    if (found !== sha256) problems.push(`The checkpoint ${path} is not as recorded: ${found}`);
  }
  const runs = (await storedRuns(home)).map(({ id }) => id);
  for (const file of filesBelow(home)) {
    const [, run] = /^runs\/([^/]+)\//.exec(file) ?? [];
    if (!BELONGS.some((pattern) => pattern.test(file)) || (run !== undefined && !runs.includes(run)))
      problems.push(`A stray file: ${file}`);
  }
  for (const name of readdirSync(tmp)) {
    if (name.startsWith('atelier-')) problems.push(`A stray temporary folder: ${name}`);
  }
  return problems;
}

/** Paths of all files, relative and with forward slashes. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
}
