/** @file The files that an import has checked, and the problems it found. */
import type { RowProblem } from '../../contract/model/datasets.ts';
import type { Database } from '../connection/connection.ts';

/** An image file: its SHA-256, or the reason it cannot be used. */
export type StagedFile = { sha256: string | null; reason: string | null };

export function createStagedFiles(database: Database) {
  /** `base` is the folder that a relative path was resolved against; empty if there is none. */
  async function addFiles(files: readonly (StagedFile & { path: string; base: string })[]): Promise<void> {
    await database.run(
      `INSERT INTO file (path, sha256, reason, base)
       SELECT value ->> 'path', value ->> 'sha256', value ->> 'reason', value ->> 'base' FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
      [JSON.stringify(files)],
    );
  }

  async function knownFiles(paths: readonly string[]): Promise<Map<string, StagedFile>> {
    const rows = await database.all<StagedFile & { path: string }>(
      'SELECT path, sha256, reason FROM file WHERE path IN (SELECT value FROM json_each(?))',
      [JSON.stringify(paths)],
    );
    return new Map(rows.map(({ path, ...file }) => [path, file]));
  }

  /** By hash, a file of each image that has one; embedded images have none. */
  async function filesOf(sha256s: readonly string[]): Promise<Map<string, string>> {
    const rows = await database.all<{ sha256: string; path: string }>(
      `SELECT sha256, min(path) AS path FROM file
        WHERE sha256 IN (SELECT value FROM json_each(?)) AND path NOT LIKE '#%' GROUP BY sha256`,
      [JSON.stringify(sha256s)],
    );
    return new Map(rows.map(({ sha256, path }) => [sha256, path]));
  }

  /** Folders that relative paths were resolved against; those with the most images come first. */
  async function baseFolders(): Promise<{ folder: string; images: number }[]> {
    return await database.all<{ folder: string; images: number }>(
      `SELECT base AS folder, count(*) AS images FROM file WHERE base <> '' GROUP BY base ORDER BY images DESC, base`,
    );
  }

  async function addProblems(problems: readonly RowProblem[]): Promise<void> {
    if (problems.length === 0) return;
    await database.run(
      `INSERT INTO problem (line, file, field, reason)
       SELECT value ->> 'row', value ->> 'file', value ->> 'field', value ->> 'reason' FROM json_each(?)`,
      [JSON.stringify(problems)],
    );
  }

  /** The first problems, in table order. */
  async function problems(limit: number): Promise<RowProblem[]> {
    return await database.all<RowProblem>(
      'SELECT line AS row, file, field, reason FROM problem ORDER BY line, id LIMIT ?',
      [limit],
    );
  }

  async function addMissing(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    await database.run(
      'INSERT INTO missing (name) SELECT DISTINCT value FROM json_each(?) WHERE true ON CONFLICT DO NOTHING',
      [JSON.stringify(names)],
    );
  }

  /** The number of files checked, of names without a file, and of problems. */
  async function counts(): Promise<{ files: number; missing: number; problems: number }> {
    const found = await database.get<{ files: number; missing: number; problems: number }>(
      `SELECT (SELECT count(*) FROM file) AS files, (SELECT count(*) FROM missing) AS missing,
              (SELECT count(*) FROM problem) AS problems`,
    );
    return found ?? { files: 0, missing: 0, problems: 0 };
  }

  return { addFiles, knownFiles, filesOf, baseFolders, addProblems, problems, addMissing, counts };
}
