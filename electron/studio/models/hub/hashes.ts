/** @file Checks a file against the hash that its hub lists: SHA-256 for large files, git's blob hash for the others. */
import { createHash, type Hash } from 'node:crypto';
import { openFile } from '../../../formats/files.ts';
import type { HubFile } from './answers.ts';

function begin({ hash: { kind }, sizeBytes }: Pick<HubFile, 'hash' | 'sizeBytes'>): Hash {
  return kind === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${sizeBytes}\0`);
}

export function hashesTo(bytes: Uint8Array, file: HubFile): boolean {
  return begin(file).update(bytes).digest('hex') === file.hash.hex;
}

/** Reads the file at `path` and says whether it is the listed one. */
export async function fileHashesTo(path: string, file: HubFile, signal?: AbortSignal): Promise<boolean> {
  const { handle, sizeBytes } = await openFile(path);
  try {
    if (sizeBytes !== file.sizeBytes) return false;
    const hash = begin(file);
    const piece = new Uint8Array(1024 * 1024);
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(piece, 0, piece.length);
      if (bytesRead === 0) return hash.digest('hex') === file.hash.hex;
      hash.update(piece.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}
