/** @file A log file that keeps at most two files of a fixed size: the current one and the one before. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Longest tail kept in memory, to be quoted when a process ends without a word. */
const TAIL_CHARACTERS = 4000;

/** What TensorFlow says whenever it starts: informational lines, which explain no end. */
const CHATTER = /^(I\d{4} |WARNING: All log messages before absl::InitializeLog)/;

export class BoundedLog {
  readonly path: string;
  readonly #maxBytes: number;
  #sizeBytes: number;
  #tail = '';

  constructor(path: string, maxBytes = 1024 * 1024) {
    this.path = path;
    this.#maxBytes = maxBytes;
    mkdirSync(dirname(path), { recursive: true });
    this.#sizeBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Appends `text`; a disk that is full loses the line but never the work. */
  write(text: string): void {
    this.#tail = (this.#tail + text).slice(-TAIL_CHARACTERS);
    const sizeBytes = Buffer.byteLength(text);
    try {
      if (this.#sizeBytes > 0 && this.#sizeBytes + sizeBytes > this.#maxBytes) {
        renameSync(this.path, `${this.path}.1`);
        this.#sizeBytes = 0;
      }
      appendFileSync(this.path, text);
      this.#sizeBytes += sizeBytes;
    } catch {
      // Logging is never a reason to fail.
    }
  }

  /** The last line written in this session that tells something: no empty one, no chatter. Null where there is none. */
  lastLine(): string | null {
    return (
      this.#tail
        .split('\n')
        .findLast((line) => line.trim() !== '' && !CHATTER.test(line.trim()))
        ?.trim() ?? null
    );
  }
}
