/** @file Two set-ups never run at the same time, and a dead one blocks nobody. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withLock } from './lock.mjs';

const lockFile = () => join(mkdtempSync(join(tmpdir(), 'atelier-lock-')), 'deeper', 'setup.lock');

describe('the set-up lock', () => {
  it('lets one work after the other', async () => {
    const file = lockFile();
    const seen = [];
    const work = (name) =>
      withLock(file, async () => {
        seen.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        seen.push(`${name} ends`);
      });
    await Promise.all([work('a'), work('b')]);
    const [first] = seen[0];
    const second = first === 'a' ? 'b' : 'a';
    expect(seen).toEqual([`${first} begins`, `${first} ends`, `${second} begins`, `${second} ends`]);
    expect(existsSync(file)).toBe(false);
  });

  it('is given back when the work fails', async () => {
    const file = lockFile();
    await expect(withLock(file, () => Promise.reject(new Error('no room')))).rejects.toThrow('no room');
    expect(await withLock(file, async () => 'again')).toBe('again');
  });

  it('is taken over from a process that is gone', async () => {
    const file = lockFile();
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    await withLock(file, async () => undefined);
    writeFileSync(file, `${pid}\n`);
    expect(await withLock(file, async () => 'mine')).toBe('mine');
  });

  it('names the process that holds it too long', async () => {
    const file = lockFile();
    await withLock(file, async () => {
      await expect(withLock(file, async () => undefined, { waitMs: 0 })).rejects.toThrow(`Process ${process.pid}`);
    });
  });
});
