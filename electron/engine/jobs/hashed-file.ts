/** @file What jobs that write large files share: a file that is hashed on the way to the disk, and its progress. */
import { createHash, type Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { Progress } from '../../contract/model/primitives.ts';
import { writeError } from '../../formats/files.ts';

/** After so many bytes, the disk is asked to begin with what it has, so that the last flush is short. */
const FLUSH_BYTES = 128 * 1024 * 1024;
const PROGRESS_MS = 250;

/** A file that is hashed while it is written. The disk works on one piece while the next is computed. */
export class HashedFile {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #hash: Hash = createHash('sha256');
  #sizeBytes = 0;
  #unflushed = 0;
  #writing: Promise<void> = Promise.resolve();
  #flushing: Promise<unknown> = Promise.resolve();

  private constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#path = path;
  }

  /** @throws AtelierError if the file exists or cannot be created */
  static async create(path: string): Promise<HashedFile> {
    const handle = await open(path, 'wx').catch((cause: unknown) => {
      throw writeError(path, cause);
    });
    return new HashedFile(handle, path);
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#settled(this.#writing);
    this.#writing = this.#put(bytes, this.#sizeBytes);
    // The failure is thrown by the next call.
    this.#writing.catch(() => undefined);
    this.#hash.update(bytes);
    this.#sizeBytes += bytes.length;
  }

  /** Waits until everything is on the disk. */
  async end(): Promise<{ sha256: string; sizeBytes: number }> {
    await this.#settled(this.#writing);
    await this.#settled(this.#flushing);
    await this.#settled(this.#handle.sync());
    return { sha256: this.#hash.digest('hex'), sizeBytes: this.#sizeBytes };
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  async #put(bytes: Uint8Array, at: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      done += (await this.#handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
    }
    this.#unflushed += bytes.length;
    if (this.#unflushed < FLUSH_BYTES) return;
    this.#unflushed = 0;
    await this.#flushing;
    this.#flushing = this.#handle.datasync();
    this.#flushing.catch(() => undefined);
  }

  async #settled(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (cause) {
      throw writeError(this.#path, cause);
    }
  }
}

/** Counts in mebibytes; null between two reports. */
export function progressMeter(phase: string, totalBytes: number): (bytes: number) => Progress | null {
  const started = performance.now();
  let [done, told] = [0, 0];
  return (bytes) => {
    done += bytes;
    const now = performance.now();
    if (now - told < PROGRESS_MS && done < totalBytes) return null;
    told = now;
    const MEBIBYTE = 1024 * 1024;
    return {
      phase: `${phase}, in MiB`,
      done: Math.floor(done / MEBIBYTE),
      total: Math.max(1, Math.ceil(totalBytes / MEBIBYTE)),
      secondsLeft: ((now - started) / 1000 / done) * (totalBytes - done),
    };
  };
}
