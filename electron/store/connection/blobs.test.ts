/** @file Images by their hash: complete or absent. */
import { appendFile, mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createBlobStore, type BlobStore } from './blobs.ts';
import { sha256Hex } from './canonical.ts';
import { temporaryFolder } from '../testing/fixture.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let blobs: BlobStore;

beforeEach(async () => {
  folder = await temporaryFolder();
  blobs = createBlobStore(join(folder.path, 'blobs'));
});
afterEach(() => folder.remove());

const incoming = (): Promise<string[]> => readdir(join(folder.path, 'blobs', 'incoming'));

it('keeps bytes under their hash, once', async () => {
  const bytes = Buffer.alloc(300_000, 'picture');
  const file = join(folder.path, 'a.png');
  await writeFile(file, bytes);
  const first = await blobs.putFile(file);
  expect(first).toMatchObject({ sha256: sha256Hex(bytes), sizeBytes: 300_000, created: true });
  expect(first.path).toBe(join(folder.path, 'blobs', first.sha256.slice(0, 2), first.sha256.slice(2)));
  expect(await blobs.putBytes(bytes)).toMatchObject({ sha256: first.sha256, created: false });
  expect(await blobs.list()).toEqual([first.sha256]);
  expect(await blobs.verify(first.sha256)).toBe(true);
  expect(await incoming()).toEqual([]);
});

it('tells when stored bytes were altered or are gone', async () => {
  const { sha256, path } = await blobs.putBytes(Buffer.from('hello'));
  await appendFile(path, '!');
  expect(await blobs.verify(sha256)).toBe(false);
  expect(await blobs.verify('0'.repeat(64))).toBe(false);
  await expect(blobs.get('0'.repeat(64))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  // Putting the same bytes again repairs the altered file.
  await blobs.putBytes(Buffer.from('hello'));
  expect(await blobs.verify(sha256)).toBe(true);
});

it('hands out no damaged bytes to those who ask for whole ones, and putting them again repairs them', async () => {
  const { sha256, path } = await blobs.putBytes(Buffer.from('hello'));
  expect(await blobs.getWhole(sha256)).toBe(path);
  // The size stays, as with a flipped bit.
  await writeFile(path, 'hallo');
  await utimes(path, new Date(), new Date(Date.now() + 5000));
  await expect(blobs.getWhole(sha256)).rejects.toMatchObject({
    code: 'VERIFICATION_FAILED',
    place: { file: path },
    remedy: expect.stringContaining('Import its dataset again') as string,
  });
  await blobs.putBytes(Buffer.from('hello'));
  expect(await blobs.getWhole(sha256)).toBe(path);
});

it('takes nothing but a hash for a name', () => {
  for (const name of ['../../etc/passwd', 'ab', 'A'.repeat(64), `${'a'.repeat(63)}/`]) {
    expect(() => blobs.pathOf(name)).toThrow('is not the hash of an image');
  }
});

it('refuses a file that changes while it is read', async () => {
  const file = join(folder.path, 'growing.png');
  await writeFile(file, Buffer.alloc(200_000));
  let writes = 0;
  const slow = createBlobStore(join(folder.path, 'blobs'), {
    async write(handle, bytes) {
      await handle.write(bytes);
      writes += 1;
      if (writes === 1) await appendFile(file, 'more');
    },
  });
  await expect(slow.putFile(file)).rejects.toMatchObject({
    code: 'BAD_INPUT',
    message: expect.stringContaining('changed while it was read') as string,
  });
  expect(await blobs.list()).toEqual([]);
  expect(await incoming()).toEqual([]);
});

it.each([
  ['ENOSPC', 'DISK_FULL', /The disk is full/],
  ['EIO', 'INTERNAL', /The disk did not read or write .*incoming/],
  ['ESTALE', 'INTERNAL', /The disk did not read or write .*incoming/],
])('leaves nothing behind on a disk that answers %s, and says what to do', async (answer, code, words) => {
  const failing = createBlobStore(join(folder.path, 'blobs'), {
    async write(handle, bytes) {
      await handle.write(bytes.subarray(0, 10));
      throw Object.assign(new Error(`${answer}: write`), { code: answer });
    },
  });
  await expect(failing.putBytes(Buffer.alloc(1000))).rejects.toMatchObject({
    code,
    message: expect.stringMatching(words) as string,
    remedy: expect.any(String) as string,
  });
  expect(await blobs.list()).toEqual([]);
  expect(await incoming()).toEqual([]);
});

it('collects only old blobs that nothing names', async () => {
  const used = await blobs.putBytes(Buffer.from('used'));
  const old = await blobs.putBytes(Buffer.from('old'));
  const young = await blobs.putBytes(Buffer.from('young'));
  const yesterday = new Date(Date.now() - 24 * 3600 * 1000);
  for (const blob of [used, old]) await utimes(blob.path, yesterday, yesterday);
  expect(await blobs.orphans(new Set([used.sha256]))).toEqual([old.sha256]);
  // Putting the same bytes again, as an import in another process would, protects them.
  await blobs.putBytes(Buffer.from('old'));
  expect(await blobs.collect(new Set([used.sha256]))).toBe(0);
  await utimes(old.path, yesterday, yesterday);
  expect(await blobs.collect(new Set([used.sha256]))).toBe(1);
  expect(await blobs.list()).toEqual([used.sha256, young.sha256].sort());
});

it('clears half-written files of dead processes, not its own', async () => {
  await mkdir(join(folder.path, 'blobs', 'incoming'), { recursive: true });
  // Process numbers never get this high.
  await writeFile(join(folder.path, 'blobs', 'incoming', '999999999-dead'), 'half');
  await writeFile(join(folder.path, 'blobs', 'incoming', `${process.pid}-mine`), 'half');
  await blobs.clearIncoming();
  expect(await incoming()).toEqual([`${process.pid}-mine`]);
});

it('takes back what it created, but not what somebody else put again since', async () => {
  const mine = await blobs.putBytes(Buffer.from('mine'));
  const shared = await blobs.putBytes(Buffer.from('shared'));
  const later = new Date(Date.now() + 1000);
  await utimes(shared.path, later, later);
  await blobs.discard(mine);
  await blobs.discard(shared);
  expect(await blobs.list()).toEqual([shared.sha256]);
});
