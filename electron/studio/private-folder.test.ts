import { chmod, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openTestStudio, temporaryFolder } from './fixtures/test-studio.ts';
import { openPrivateFolder } from './private-folder.ts';
import type { Studio } from './studio.ts';

const open: Studio[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((studio) => studio.close({ waitMs: 0 })));
});

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

describe.skipIf(process.platform === 'win32')('the data folder', () => {
  it('is created for one user, whatever the umask', async () => {
    const before = process.umask(0);
    try {
      const home = join(temporaryFolder(), 'deep', 'home');
      const studio = await openTestStudio(home);
      open.push(studio);
      expect(await modeOf(home)).toBe(0o700);
      expect(studio.notice).toBeNull();
    } finally {
      process.umask(before);
    }
  });

  it('that others can read is closed to them when it is opened, which is said once', async () => {
    const home = join(temporaryFolder(), 'home');
    const first = await openTestStudio(home);
    await first.close({ waitMs: 0 });
    await chmod(home, 0o755);
    const again = await openTestStudio(home);
    open.push(again);
    expect(again.notice).toMatch(/could read the data folder .*closed it to them/);
    expect(await modeOf(home)).toBe(0o700);
    expect(await openPrivateFolder(home)).toBeNull();
  });

  it('is left alone where the folder holds something else or is shared, and says what to do', async () => {
    const other = join(temporaryFolder(), 'documents');
    await mkdir(other, { mode: 0o755 });
    await writeFile(join(other, 'letter.txt'), '');
    const shared = join(temporaryFolder(), 'tmp');
    await mkdir(shared);
    await chmod(shared, 0o1777);
    for (const folder of [other, shared]) {
      const before = (await stat(folder)).mode;
      expect(await openPrivateFolder(folder)).toMatch(/chmod 700/);
      expect((await stat(folder)).mode).toBe(before);
    }
    expect(await readdir(other)).toEqual(['letter.txt']);
  });

  it.each([
    ['too long', (base: string) => join(base, 'x'.repeat(300))],
    ['inside a file', (base: string) => join(base, 'file', 'home')],
    ['in /proc', () => '/proc/atelier/home'],
    ['through a loop of links', (base: string) => join(base, 'loop', 'home')],
  ])('with a path that is %s is refused in words', async (_, pathIn) => {
    const base = temporaryFolder();
    await writeFile(join(base, 'file'), '');
    await symlink(join(base, 'loop'), join(base, 'loop'));
    await expect(openPrivateFolder(pathIn(base))).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });
});
