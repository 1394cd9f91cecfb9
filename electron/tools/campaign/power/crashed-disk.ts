/**
 * @file A disk that remembers what was flushed. After each operation it can say how its files would stand if the power
 * failed then. The model is that of ext4 and xfs: flushing a file makes its bytes and its name durable, flushing a
 * folder the names in it; everything else may or may not have reached the disk.
 */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Random } from '../../../starter/random.ts';
import type { Operation } from './write-log.ts';

/**
 * `kept`: everything written so far. `emptied`: names survive, bytes that were not flushed do not. `torn`: each unflushed
 * write survives by chance. `forgotten`: neither names nor bytes survive unless they were flushed.
 */
export const VARIANTS = ['kept', 'emptied', 'torn', 'forgotten'] as const;
export type Variant = (typeof VARIANTS)[number];

type Change = { offset: number; bytes: Buffer } | { size: number };

/** The bytes of one file: as flushed, and what was changed since. */
class Bytes {
  #flushed: Buffer;
  #pending: Change[] = [];
  #now: Buffer;
  position = 0;

  constructor(bytes: Buffer = Buffer.alloc(0)) {
    this.#flushed = bytes;
    this.#now = bytes;
  }

  get now(): Buffer {
    return this.#now;
  }

  change(change: Change): void {
    this.#pending.push(change);
    this.#now = applied(this.#now, change);
  }

  flush(): void {
    this.#flushed = this.#now;
    this.#pending = [];
  }

  after(variant: Variant, random: Random): Buffer {
    if (variant === 'kept') return this.#now;
    if (variant !== 'torn') return this.#flushed;
    return this.#pending.filter(() => random.chance(0.5)).reduce(applied, this.#flushed);
  }
}

function applied(bytes: Buffer, change: Change): Buffer {
  if ('size' in change) {
    const sized = Buffer.alloc(change.size);
    bytes.copy(sized, 0, 0, Math.min(bytes.length, change.size));
    return sized;
  }
  const end = change.offset + change.bytes.length;
  const grown = Buffer.alloc(Math.max(end, bytes.length));
  bytes.copy(grown);
  change.bytes.copy(grown, change.offset);
  return grown;
}

export class CrashedDisk {
  readonly #root: string;
  /** Names as programs see them, and as they are on the disk. */
  readonly #names = new Map<string, Bytes>();
  readonly #durable = new Map<string, Bytes>();

  /** A disk whose content below `root` is that of `start`, all of it flushed. */
  constructor(root: string, start: string | null) {
    this.#root = root;
    if (start === null) return;
    for (const entry of readdirSync(start, { withFileTypes: true, recursive: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      const bytes = new Bytes(readFileSync(file));
      this.#names.set(join(root, file.slice(start.length)), bytes);
      this.#durable.set(join(root, file.slice(start.length)), bytes);
    }
  }

  apply(operation: Operation): void {
    const { path } = operation;
    switch (operation.kind) {
      case 'create': {
        const file = this.#file(path);
        if (operation.truncate && file.now.length > 0) file.change({ size: 0 });
        file.position = operation.append ? file.now.length : 0;
        break;
      }
      case 'write': {
        const file = this.#file(path);
        const offset = operation.offset ?? file.position;
        file.change({ offset, bytes: operation.bytes });
        if (operation.offset === null) file.position = offset + operation.bytes.length;
        break;
      }
      case 'truncate':
        this.#file(path).change({ size: operation.size });
        break;
      case 'copy': {
        const bytes = this.#names.get(operation.from)?.now ?? readFileSync(operation.from);
        this.#file(path).change({ offset: 0, bytes });
        break;
      }
      case 'rename':
        this.#rename(operation.from, path);
        break;
      case 'link':
        this.#names.set(path, this.#file(operation.from));
        break;
      case 'remove':
        this.#names.delete(path);
        break;
      case 'sync':
        this.#sync(path);
        break;
    }
  }

  /** Writes the files as they would stand into the folder `target`, which stands for the root. */
  write(target: string, variant: Variant, random: Random): void {
    mkdirSync(target, { recursive: true });
    for (const [path, bytes] of variant === 'forgotten' ? this.#durable : this.#names) {
      const file = join(target, path.slice(this.#root.length));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes.after(variant, random));
    }
  }

  #file(path: string): Bytes {
    const known = this.#names.get(path);
    if (known !== undefined) return known;
    const created = new Bytes();
    this.#names.set(path, created);
    return created;
  }

  /** A file, or every file below a folder. */
  #rename(from: string, to: string): void {
    for (const [path, bytes] of [...this.#names]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      this.#names.delete(path);
      this.#names.set(to + path.slice(from.length), bytes);
    }
  }

  #sync(path: string): void {
    const file = this.#names.get(path);
    if (file !== undefined) {
      file.flush();
      this.#durable.set(path, file);
      return;
    }
    // A folder: its own names, those of folders renamed into it, and what was removed from it.
    const inside = (name: string): boolean => name.startsWith(`${path}/`);
    for (const [name, bytes] of this.#names) if (inside(name)) this.#durable.set(name, bytes);
    for (const name of [...this.#durable.keys()])
      if (inside(name) && !this.#names.has(name)) this.#durable.delete(name);
  }
}
