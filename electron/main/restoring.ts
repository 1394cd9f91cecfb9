/**
 * @file Restoring a backup in the desktop app. If the store does not open, a box says why and offers to restore a backup;
 * Settings offers it at any time, and then Atelier starts again to do it, because nothing may have the store open.
 */
import { basename } from 'node:path';
import type { MessageBoxOptions } from 'electron';
import { AtelierError } from '../contract/errors/errors.ts';

export type Box = MessageBoxOptions & { buttons: string[] };
/** `response` is the index of the button that was pressed. */
export type Ask = (box: Box) => Promise<{ response: number }>;

/** The person chose to quit, or the app is quitting. */
export class Quitting extends Error {}

export interface RestoredReport {
  createdAt: string;
  /** Where the previous content is now. */
  previous: string;
  modelsMissing: readonly { name: string; path: string }[];
}

export interface OpeningParts<Opened> {
  /** Opens the studio. */
  open: () => Promise<Opened>;
  restore: (file: string) => Promise<RestoredReport>;
  /** True if a backup may help against this error of `open`. */
  isDamaged: (error: unknown) => boolean;
  ask: Ask;
  /** Asks for the file of a backup; null if there was none chosen. */
  chooseBackup: () => Promise<string | null>;
  showFolder: () => void;
  /** Fires when the app is asked to quit; ends the box, and the restore unless it is being put in place. */
  signal: AbortSignal;
}

const QUIT = 'Quit Atelier';
const RESTORE = 'Restore a backup…';
const SHOW = 'Show data folder';
const OPEN = 'Open without restoring';

/**
 * Opens the studio, and asks what to do as long as it does not open.
 * @param file a backup to restore first
 * @throws Quitting
 */
export async function openOrRestore<Opened>(parts: OpeningParts<Opened>, file: string | null): Promise<Opened> {
  let backup = file;
  for (;;) {
    let tried = backup;
    if (isAborted(parts.signal)) throw new Quitting();
    try {
      if (tried !== null) {
        const report = await parts.restore(tried);
        // From here on, an error comes from opening what is in place.
        tried = null;
        // The studio opens behind this box.
        void parts.ask(restoredBox(report)).catch(() => undefined);
      }
      return await parts.open();
    } catch (error) {
      backup = await decide(parts, tried, error);
    }
  }
}

/** Asks until there is something to try. Returns the backup to restore, or null to open the studio as it is. */
async function decide<Opened>(
  parts: OpeningParts<Opened>,
  tried: string | null,
  error: unknown,
): Promise<string | null> {
  const box = tried === null ? closedBox(error, parts.isDamaged(error)) : notRestoredBox(tried, error);
  for (;;) {
    if (isAborted(parts.signal)) throw new Quitting();
    const { response } = await parts.ask(box);
    // A signal closes the box like a person who cancels it.
    if (isAborted(parts.signal)) throw new Quitting();
    switch (box.buttons[response]) {
      case RESTORE: {
        const chosen = await parts.chooseBackup();
        if (chosen !== null) return chosen;
        break;
      }
      case SHOW:
        parts.showFolder();
        break;
      case OPEN:
        return null;
      default:
        throw new Quitting();
    }
  }
}

/** A call, because a check of the property would hold for the rest of the block. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** The message and the remedy, or the whole story of a bug. */
export function wordsOf(error: unknown): string {
  return error instanceof AtelierError
    ? [error.message, error.remedy].filter(Boolean).join('\n\n')
    : `Something went wrong inside Atelier.\n\n${String(error instanceof Error ? error.stack : error)}`;
}

/** Says why the studio is not open. */
export function closedBox(error: unknown, damaged: boolean): Box {
  if (damaged && error instanceof AtelierError) {
    return {
      type: 'error',
      title: 'Atelier',
      message: 'Your store is damaged, so Atelier cannot open it.',
      detail: `${error.message}\n\nRestore a backup: every file in it is checked first, and what is in the data folder now is kept. The folder “backups” there holds copies from before each update.`,
      buttons: [RESTORE, SHOW, QUIT],
      defaultId: 0,
      cancelId: 2,
    };
  }
  return {
    type: 'error',
    title: 'Atelier',
    message: 'Atelier could not start.',
    detail: wordsOf(error),
    buttons: [QUIT],
    defaultId: 0,
    cancelId: 0,
  };
}

function notRestoredBox(file: string, error: unknown): Box {
  return {
    type: 'error',
    title: 'Atelier',
    message: `The backup ${basename(file)} was not restored.`,
    detail: wordsOf(error),
    buttons: [OPEN, RESTORE, QUIT],
    defaultId: 0,
    cancelId: 2,
  };
}

function restoredBox({ createdAt, previous, modelsMissing }: RestoredReport): Box {
  const missing = modelsMissing.map(({ name, path }) => `The model ${name} is not in ${path}.`);
  return {
    type: 'info',
    title: 'Atelier',
    message: `Everything is as it was on ${momentOf(createdAt)}.`,
    detail: [`What was in the data folder before is kept in ${previous}`, ...missing].join('\n\n'),
    buttons: ['OK'],
  };
}

export interface OfferParts {
  ask: Ask;
  chooseBackup: () => Promise<string | null>;
  /** What a backup says about itself. */
  describe: (file: string) => Promise<{ createdAt: string; files: readonly unknown[] }>;
  /** Starts Atelier again, to restore this backup first. */
  startAgainWith: (file: string) => void;
}

/** Asks for a backup and whether to restore it. Returns why that is not possible, or null. */
export async function offerRestore(parts: OfferParts): Promise<string | null> {
  const file = await parts.chooseBackup();
  if (file === null) return null;
  try {
    const { createdAt, files } = await parts.describe(file);
    const { response } = await parts.ask({
      type: 'question',
      title: 'Atelier',
      message: `Restore the backup of ${momentOf(createdAt)}?`,
      detail: `Atelier starts again, checks all ${files.length} files of the backup, and puts them in place. What is in the data folder now is kept in a folder of its own. A run that is training first writes a checkpoint.`,
      buttons: ['Restore and start again', 'Cancel'],
      defaultId: 1,
      cancelId: 1,
    });
    if (response === 0) parts.startAgainWith(file);
    return null;
  } catch (error) {
    return error instanceof AtelierError ? [error.message, error.remedy].filter(Boolean).join(' ') : String(error);
  }
}

/** A moment in words, as this computer writes it. */
function momentOf(iso: string): string {
  return new Date(iso).toLocaleString('en', { dateStyle: 'long', timeStyle: 'short' });
}
