import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openRegular, readRegular, RefusedFile } from './regular-file.ts';

let folder: string;

beforeAll(() => {
  const outside = mkdtempSync(join(tmpdir(), 'atelier-outside-'));
  writeFileSync(join(outside, 'secret.txt'), 'secret');
  folder = mkdtempSync(join(tmpdir(), 'atelier-regular-'));
  mkdirSync(join(folder, 'papers'));
  writeFileSync(join(folder, 'papers', 'card.md'), 'a card');
  symlinkSync(join(outside, 'secret.txt'), join(folder, 'link.txt'));
  symlinkSync(outside, join(folder, 'linked'));
  if (process.platform !== 'win32') execFileSync('mkfifo', [join(folder, 'pipe')]);
});

async function refusal(name: string, mostBytes = 100): Promise<string | null> {
  return readRegular(folder, name, mostBytes).then(
    () => null,
    (error: unknown) => (error instanceof RefusedFile ? error.refusal : String(error)),
  );
}

describe('a file in a stranger’s folder', () => {
  it('is read where it is an ordinary one', async () => {
    expect(Buffer.from(await readRegular(folder, 'papers/card.md', 6)).toString()).toBe('a card');
    const { handle, sizeBytes } = await openRegular(folder, 'papers/card.md');
    await handle.close();
    expect(sizeBytes).toBe(6);
  });

  it.each([
    ['nothing.txt', 'missing'],
    ['papers/card.md/inside', 'missing'],
    ['papers', 'not an ordinary file'],
    ['link.txt', 'not an ordinary file'],
    ['linked/secret.txt', 'not an ordinary file'],
  ])('%s is refused: %s', async (name, why) => {
    expect(await refusal(name)).toBe(why);
  });

  it('is refused before it is read where it is larger than allowed', async () => {
    expect(await refusal('papers/card.md', 5)).toBe('too large');
  });

  it.skipIf(process.platform === 'win32')('is refused at once where it is a pipe that nobody writes to', async () => {
    expect(await refusal('pipe')).toBe('not an ordinary file');
  });
});
