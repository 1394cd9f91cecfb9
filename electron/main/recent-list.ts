/** @file The bundles and pictures that were opened last, newest first, for File ▸ Open Recent. */
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { OpenedPath } from './opened-path.ts';
import { readSmallFile, writeSmallFile } from './small-file.ts';

const MOST = 10;
const Entries = z.array(OpenedPath).max(MOST);

export interface RecentParts {
  /** Where the list is kept, `<home>/recent.json`. */
  file: string;
  /** Called after every change, to draw the menu again and to tell the system. */
  onChange: (entries: readonly OpenedPath[]) => void;
}

export class RecentList {
  readonly #parts: RecentParts;
  #entries: readonly OpenedPath[];

  constructor(parts: RecentParts) {
    this.#parts = parts;
    this.#entries = readSmallFile(parts.file, Entries) ?? [];
  }

  get entries(): readonly OpenedPath[] {
    return this.#entries;
  }

  add(opened: OpenedPath): void {
    const [first] = this.#entries;
    if (first?.path === opened.path && first.kind === opened.kind) return;
    this.#keep([opened, ...this.#without(opened.path)].slice(0, MOST));
  }

  /** Forgets a path, such as one that no longer exists. */
  remove(path: string): void {
    this.#keep(this.#without(path));
  }

  clear(): void {
    this.#keep([]);
  }

  #without(path: string): OpenedPath[] {
    return this.#entries.filter((entry) => entry.path !== path);
  }

  #keep(entries: readonly OpenedPath[]): void {
    this.#entries = entries;
    writeSmallFile(this.#parts.file, entries);
    this.#parts.onChange(entries);
  }
}

/** How the menu names an entry: its name, then the folder that holds it, with `~` for the user's own. */
export function recentLabel({ path }: OpenedPath, userHome: string): string {
  const folder = dirname(path);
  const shown = folder === userHome || folder.startsWith(`${userHome}/`) ? `~${folder.slice(userHome.length)}` : folder;
  // A single & would mark the next letter as a shortcut.
  return `${basename(path)} — ${shown}`.replaceAll('&', '&&');
}
