/** @file What you may not read is named, and an import that would silently go without it is refused. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { localPictures } from '../../../pictures/work.ts';
import { freshDataFolder } from '../testing/data-folder.ts';
import { goodRows, picture, writeFolder } from '../testing/pictures.ts';
import { importDataset, inspectImport } from './import.ts';

/** Root may read everything, so the refusal is made here. */
const forbidden = vi.hoisted(() => new Set<string>());
vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<Record<string, (path: unknown, ...rest: unknown[]) => unknown>>();
  const guarded =
    (name: string) =>
    (path: unknown, ...rest: unknown[]): unknown => {
      const isForbidden = [...forbidden].some((each) => path === each || String(path).startsWith(`${each}/`));
      if (!isForbidden) return real[name]?.(path, ...rest);
      const error = Object.assign(new Error(`EACCES: permission denied, ${name} '${String(path)}'`), {
        code: 'EACCES',
      });
      return Promise.reject(error);
    };
  return {
    ...real,
    ...Object.fromEntries(['readdir', 'opendir', 'open', 'realpath', 'stat'].map((n) => [n, guarded(n)])),
  };
});
afterEach(() => forbidden.clear());

const on = freshDataFolder(async (store) => {
  forbidden.clear();
  expect(await store.datasets.list()).toEqual([]);
});

describe('a folder that you may not read', () => {
  it('among images is named, and nothing is imported', async () => {
    const root = join(on.work, 'tree');
    for (const name of ['cats', 'dogs']) {
      await mkdir(join(root, name), { recursive: true });
      await writeFile(join(root, name, 'a.png'), await picture(name.length));
    }
    forbidden.add(join(root, 'dogs'));
    await expect(importDataset(on.store, { path: root })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringMatching(/tree\/dogs cannot be read: you do not have permission/) as string,
    });
  });

  it('beside a table that does not need it is named, too', async () => {
    const { rows, images } = await goodRows(3);
    const folder = await writeFolder(join(on.work, 'rows'), rows, images);
    await mkdir(join(folder, 'private'));
    forbidden.add(join(folder, 'private'));
    await expect(inspectImport({ pictures: localPictures }, { path: folder })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('private cannot be read') as string,
    });
  });

  it('with the image of a row is said in that row', async () => {
    const { rows, images } = await goodRows(3);
    const folder = await writeFolder(join(on.work, 'rows'), rows, images);
    const table = join(folder, 'metadata.jsonl');
    const first = join(folder, String(rows[0]?.['file_name']));
    forbidden.add(first);
    const report = await inspectImport({ pictures: localPictures }, { path: table, onProblem: 'skip' });
    expect(report.problems).toMatchObject([
      { row: 1, reason: expect.stringContaining('you do not have permission') as string },
    ]);
    expect(report.rowsUsable).toBe(2);
  });
});

it('a statement about training that you may not read does not count as no statement', async () => {
  const { rows, images } = await goodRows(3);
  const folder = await writeFolder(join(on.work, 'rows'), rows, images);
  await writeFile(join(folder, 'robots.txt'), 'User-agent: GPTBot\nDisallow: /');
  forbidden.add(join(folder, 'robots.txt'));
  await expect(inspectImport({ pictures: localPictures }, { path: folder })).rejects.toMatchObject({
    code: 'BAD_INPUT',
    message: expect.stringContaining('robots.txt cannot be read: you do not have permission') as string,
  });
});
