/** @file A log that keeps at most two files of a fixed size: the current one and the previous one. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Longest tail kept in memory, to be quoted if a process ends without explanation. */
const TAIL_CHARACTERS = 4000;

/**
 * What TensorFlow prints at every start, whatever its log level: informational lines that never explain why a process
 * ended, with their line breaks.
 */
const CHATTER = /^(?:I\d{4} |WARNING: All log messages before absl::InitializeLog).*(?:\r?\n|$)/gm;

export class BoundedLog {
  readonly path: string;
  readonly #maxBytes: number;
  #sizeBytes = 0;
  #tail = '';

  constructor(path: string, maxBytes = 1024 * 1024) {
    this.path = path;
    this.#maxBytes = maxBytes;
    try {
      // `atelier doctor` may be the first to make the data folder, which belongs to one user of the machine.
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      this.#sizeBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    } catch {
      // The disk is full or can only be read.
    }
  }

  /** Appends `text` without chatter; a disk that is full or read-only loses the line but never interrupts the work. */
  write(given: string): void {
    const text = given.replace(CHATTER, '');
    if (text === '') return;
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
      // Logging must never cause a failure.
    }
  }

  /** The last line written in this session that is not empty. Null if there is none. */
  lastLine(): string | null {
    return (
      this.#tail
        .split('\n')
        .findLast((line) => line.trim() !== '')
        ?.trim() ?? null
    );
  }
}
