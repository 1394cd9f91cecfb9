/** @file The cache returns exactly what was stored, or nothing at all. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { restore, store } from './cache.mjs';

const LARGE_BYTES = 33_000_000;
const FILES = ['lib/small.node', 'lib/large.so.2', 'lib/large.so'];
let folder;
let source;
let target;

beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), 'atelier-cache-'));
  [folder, source, target] = ['cache', 'source', 'target'].map((name) => join(root, name));
  mkdirSync(join(source, 'lib'), { recursive: true });
  writeFileSync(join(source, 'lib', 'small.node'), 'native');
  writeFileSync(join(source, 'lib', 'large.so.2'), Buffer.alloc(LARGE_BYTES, 7));
  symlinkSync('large.so.2', join(source, 'lib', 'large.so'));
});

const put = () => store({ folder, key: 'part-1', source, files: FILES, note: { version: '1' } });
const take = () => restore({ folder, key: 'part-1', target });

describe('the cache of native parts', () => {
  it('gives back the files, the links and the note', async () => {
    expect(await put()).toBe(true);
    expect(readdirSync(folder)).toEqual(['part-1']);
    expect(await take()).toEqual({ version: '1' });
    expect(readFileSync(join(target, 'lib', 'small.node'), 'utf8')).toBe('native');
    expect(statSync(join(target, 'lib', 'large.so')).size).toBe(LARGE_BYTES);
  });

  it('shares the bytes of a large file and copies a small one', async () => {
    await put();
    await take();
    const inode = (...path) => statSync(join(...path)).ino;
    expect(inode(target, 'lib', 'large.so.2')).toBe(inode(source, 'lib', 'large.so.2'));
    expect(inode(target, 'lib', 'small.node')).not.toBe(inode(folder, 'part-1', 'lib', 'small.node'));
  });

  it('drops an entry whose bytes have changed, and takes nothing from it', async () => {
    await put();
    writeFileSync(join(folder, 'part-1', 'lib', 'small.node'), 'broken');
    expect(await take()).toBeNull();
    expect(existsSync(join(target, 'lib', 'small.node'))).toBe(false);
    expect(existsSync(join(folder, 'part-1'))).toBe(false);
  });

  it('is not a failure if it is off, empty or cannot be written', async () => {
    expect(await restore({ folder: null, key: 'part-1', target })).toBeNull();
    expect(await take()).toBeNull();
    writeFileSync(join(source, 'a-file'), '');
    expect(await store({ folder: join(source, 'a-file'), key: 'x', source, files: FILES, note: {} })).toBe(false);
  });
});
