/** @file Set-up's findings, kept in node_modules/.atelier so that later starts are quick. */
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NOTES } from '../places.mjs';

/** Reads a note; null when there is none. */
export function readNote(name, folder = NOTES) {
  try {
    return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
  } catch {
    return null;
  }
}

/** Writes a note to a temporary file and renames it into place. */
export function writeNote(name, note, folder = NOTES) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.json`);
  writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(note, null, 2)}\n`);
  renameSync(`${file}.${process.pid}`, file);
}

/**
 * A short fingerprint that changes with the files, the Node version or the machine type: enough to know that a part
 * that once loaded still does, without loading it again.
 */
export function fingerprint(files) {
  const parts = files.map((file) => {
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats ? `${stats.size}:${Math.round(stats.mtimeMs)}` : 'absent';
  });
  return [process.platform, process.arch, `napi${process.versions.napi}`, ...parts].join(' ');
}
