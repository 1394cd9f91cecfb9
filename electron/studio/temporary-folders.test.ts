/** @file The next start removes what a killed import left in the temporary folder but keeps what a live one uses. */
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ZipFile } from 'yazl';
import { temporaryFolder } from '../store/testing/fixture.ts';
import { startChild } from '../store/testing/processes.ts';
import { goodRows } from './datasets/testing/pictures.ts';
import { openTestStudio } from './fixtures/test-studio.ts';
import { makeTemporary, removeTemporary } from '../formats/temporary-folder.ts';
import { clearStaleTemporaries } from './temporary-folders.ts';

let work: Awaited<ReturnType<typeof temporaryFolder>>;
let temporary: string;

beforeEach(async () => {
  work = await temporaryFolder();
  temporary = join(work.path, 'tmp');
  await mkdir(temporary);
  // Our own temporary folder, also used by the processes we start.
  for (const name of ['TMPDIR', 'TMP', 'TEMP']) vi.stubEnv(name, temporary);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await work.remove();
});

async function zippedRows(): Promise<string> {
  const { rows, images } = await goodRows(8);
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')), 'metadata.jsonl');
  for (const [name, bytes] of Object.entries(images)) zip.addBuffer(bytes, name);
  zip.end();
  const path = join(work.path, 'pictures.zip');
  await pipeline(zip.outputStream, createWriteStream(path));
  return path;
}

const left = async (): Promise<string[]> =>
  (await readdir(temporary)).filter((name) => name.startsWith('atelier-')).sort();

it('removes the unpacked archive and the rows of an import that was killed', { timeout: 120_000 }, async () => {
  const home = join(work.path, 'home');
  const child = join(import.meta.dirname, 'datasets', 'testing', 'child.ts');
  expect(await startChild(child, [home, await zippedRows(), '4']).ended).toBe('SIGKILL');
  expect((await left()).map((name) => name.split('-')[1])).toEqual(['import', 'zip']);

  const studio = await openTestStudio(home);
  await studio.close();
  expect(await left()).toEqual([]);
});

it('leaves no folder of a process that ends in the middle of its work', async () => {
  const source = pathToFileURL(join(import.meta.dirname, '..', 'formats', 'temporary-folder.ts')).href;
  const child = join(work.path, 'child.mjs');
  const made = `const { makeTemporary } = await import(${JSON.stringify(source)});
    console.log(await makeTemporary('program'));
    process.exit(0);`;
  await writeFile(child, made);
  const started = startChild(child, []);
  expect(await started.line((line) => line.includes('atelier-program-'))).toContain(temporary);
  expect(await started.ended).toBe(0);
  expect(await left()).toEqual([]);
});

it.skipIf(!existsSync('/proc/self/stat'))(
  'removes the folder of a process that was killed and not collected yet (Linux)',
  async () => {
    const mine = await makeTemporary('import');
    const [, , , machine = ''] = mine.split('/').at(-1)?.split('-') ?? [];
    await removeTemporary(mine);
    // `sleep` takes the shell's place and never asks for the end of the shell's child, which stays as a zombie.
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (text) => resolve(Number(text))));
      const name = `atelier-program-${pid}-${machine}-${'a'.repeat(12)}`;
      await mkdir(join(temporary, name));
      expect(await clearStaleTemporaries()).toEqual([]);
      // Until then the shell is there, and it might ask.
      const comm = (): string => readFileSync(`/proc/${parent.pid ?? 0}/comm`, 'utf8');
      await vi.waitFor(() => expect(comm()).toBe('sleep\n'), { timeout: 30_000 });
      process.kill(pid, 'SIGKILL');
      await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) Z /), { timeout: 60_000 });
      expect(await clearStaleTemporaries()).toEqual([name]);
    } finally {
      parent.kill('SIGKILL');
    }
  },
);

it('touches nothing of a living process, of another machine, of others, and no link', async () => {
  const mine = await makeTemporary('import');
  const [, , , machine = ''] = mine.split('/').at(-1)?.split('-') ?? [];
  const tail = 'a'.repeat(12);
  const stays = [
    `atelier-zip-${process.ppid}-${machine}-${tail}`,
    `atelier-program-${process.ppid}-${machine}-${tail}`,
    `atelier-zip-4194304-00000000-${tail}`,
    `atelier-import-notes`,
    `other-zip-4194304-${machine}-${tail}`,
  ];
  for (const name of stays) await mkdir(join(temporary, name));
  const kept = join(work.path, 'kept');
  await mkdir(kept);
  await writeFile(join(kept, 'picture.png'), 'a person’s own');
  await symlink(kept, join(temporary, `atelier-zip-4194304-${machine}-${'b'.repeat(12)}`));
  // Linux gives numbers up to 4194303, so this process cannot be alive; nor can one of ours with this number.
  const dead = [
    `atelier-import-4194304-${machine}-${tail}`,
    `atelier-program-4194304-${machine}-${tail}`,
    `atelier-playground-${process.pid}-${machine}-${tail}`,
  ];
  for (const name of dead) await mkdir(join(temporary, name, 'deep'), { recursive: true });

  expect((await clearStaleTemporaries()).sort()).toEqual([...dead].sort());
  expect(await readdir(mine)).toEqual([]);
  expect(await readdir(temporary)).toEqual(expect.arrayContaining(stays));
  expect(await readdir(kept)).toEqual(['picture.png']);
  await removeTemporary(mine);
});

it.skipIf(!existsSync('/proc/self/stat'))(
  'removes the folder of a process whose number another one has (Linux)',
  async () => {
    const mine = await makeTemporary('import');
    const [, , , machine = ''] = mine.split('/').at(-1)?.split('-') ?? [];
    await removeTemporary(mine);
    const folder = (end: string): string => `atelier-program-${process.ppid}-${machine}-${end.repeat(12)}`;
    for (const end of ['a', 'b']) await mkdir(join(temporary, folder(end)));
    const lastYear = new Date(Date.now() - 365 * 86_400_000);
    await utimes(join(temporary, folder('a')), lastYear, lastYear);

    expect(await clearStaleTemporaries()).toEqual([folder('a')]);
    expect(await left()).toEqual([folder('b')]);
  },
);
