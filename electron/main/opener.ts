/** @file Opens what the system, the menu or the list of recent paths names, and remembers what was opened. */
import { existsSync } from 'node:fs';
import { addressOf, openedAt, openedPath } from './opened-path.ts';
import type { RecentList } from './recent-list.ts';
import { words } from './words.ts';

export interface OpenerParts {
  recent: RecentList;
  /** Shows a screen of the page. */
  show: (address: string) => void;
  /** Tells the user why a path was not opened. */
  refuse: (path: string, why: string) => void;
}

export class Opener {
  readonly #parts: OpenerParts;

  constructor(parts: OpenerParts) {
    this.#parts = parts;
  }

  /** Shows a bundle or pictures; says so if the path is neither. */
  open(path: string): void {
    const opened = openedPath(path);
    if (opened !== null) {
      this.#parts.show(addressOf(opened));
      return;
    }
    this.#parts.recent.remove(path);
    const why = existsSync(path) ? words().dialog.notOurs : words().dialog.nothingThere;
    this.#parts.refuse(path, why);
  }

  /** Keeps what the page shows, however it was opened: by the menu, a drop or a typed path. */
  remember(url: string): void {
    const shown = openedAt(url);
    const opened = shown === null ? null : openedPath(shown.path);
    if (opened !== null) this.#parts.recent.add(opened);
  }
}
