/**
 * @file Caches built native parts in the user's cache folder so that a second clone need not build them again. An entry
 * is a folder with its files and a manifest of their hashes; a single rename creates it, and it is checked before use.
 * The cache is optional: without it, everything is built.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  copyFile,
  link,
  lstat,
  mkdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const MANIFEST = 'manifest.json';

export async function sha256Of(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** Small files are copied, so that a later build that overwrites them leaves the cache intact. */
const COPY_BELOW_BYTES = 32_000_000;

/** Puts `from` at `to`, without copying its bytes if the file system allows that. */
async function place(from, to, { mayLink }) {
  await mkdir(dirname(to), { recursive: true });
  await rm(to, { force: true });
  if ((await stat(from)).size < COPY_BELOW_BYTES) return copyFile(from, to);
  const ways = [() => link(from, to), ...(mayLink ? [() => symlink(from, to)] : []), () => copyFile(from, to)];
  for (const [index, way] of ways.entries()) {
    try {
      return await way();
    } catch (error) {
      if (index === ways.length - 1) throw error;
    }
  }
}

/**
 * Restores the entry `key` from the cache into `target`. If any file's hash no longer matches, the whole entry is
 * invalid and is removed.
 * @param {{ folder: string | null, key: string, target: string }} options
 * @returns {Promise<object | null>} the note stored with the entry, or null if there is no valid entry
 */
export async function restore({ folder, key, target }) {
  if (folder === null) return null;
  const entry = join(folder, key);
  try {
    const manifest = JSON.parse(await readFile(join(entry, MANIFEST), 'utf8'));
    for (const file of manifest.files) {
      if ((await sha256Of(join(entry, file.path))) !== file.sha256) throw new Error(`${file.path} has changed`);
    }
    for (const file of manifest.files) await place(join(entry, file.path), join(target, file.path), { mayLink: true });
    for (const { path, to } of manifest.links) {
      await rm(join(target, path), { force: true });
      await symlink(to, join(target, path));
    }
    return manifest.note;
  } catch (error) {
    if (error.code !== 'ENOENT') await rm(entry, { recursive: true, force: true }).catch(() => undefined);
    return null;
  }
}

/**
 * Stores files of `source` as the entry `key`. A cache that cannot be written is not an error: returns false.
 * @param {{ folder: string | null, key: string, source: string, files: string[], note: object }} options
 */
export async function store({ folder, key, source, files, note }) {
  if (folder === null) return false;
  const entry = join(folder, key);
  const aside = `${entry}.${process.pid}.part`;
  try {
    await rm(aside, { recursive: true, force: true });
    await mkdir(aside, { recursive: true });
    const manifest = { key, note, files: [], links: [] };
    for (const path of files) {
      if ((await lstat(join(source, path))).isSymbolicLink() && !isAbsolute(await readlink(join(source, path)))) {
        manifest.links.push({ path, to: await readlink(join(source, path)) });
        continue;
      }
      await place(join(source, path), join(aside, path), { mayLink: false });
      const { size } = await stat(join(aside, path));
      manifest.files.push({ path, sizeBytes: size, sha256: await sha256Of(join(aside, path)) });
    }
    await writeFile(join(aside, MANIFEST), JSON.stringify(manifest, null, 2));
    await rm(entry, { recursive: true, force: true });
    await rename(aside, entry);
    return true;
  } catch {
    await rm(aside, { recursive: true, force: true }).catch(() => undefined);
    return false;
  }
}
