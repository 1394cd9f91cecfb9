/** @file Small files in which the desktop app remembers things: written aside, then renamed. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { z } from 'zod';

/** What the file holds; null if there is none or it cannot be read. */
export function readSmallFile<T>(file: string, schema: z.ZodType<T>): T | null {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

/** Replaces the file. A full disk loses only what it would have remembered. */
export function writeSmallFile(file: string, value: unknown): void {
  const aside = `${file}.${String(process.pid)}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(aside, JSON.stringify(value));
    renameSync(aside, file);
  } catch {
    // The next start begins without it.
  }
}
