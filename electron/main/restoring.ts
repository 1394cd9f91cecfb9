/**
 * @file Restoring a backup in the desktop app. If the store does not open, a box says why and offers to restore a backup;
 * Settings offers it at any time, and then Atelier starts again to do it, because nothing may have the store open.
 */
import { basename } from 'node:path';
import type { MessageBoxOptions } from 'electron';
import { AtelierError } from '../contract/errors/errors.ts';
import { language, said, words } from './words.ts';

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
    const { restore, show, open } = words().restore;
    switch (box.buttons[response]) {
      case restore: {
        const chosen = await parts.chooseBackup();
        if (chosen !== null) return chosen;
        break;
      }
      case show:
        parts.showFolder();
        break;
      case open:
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
    ? saidError(error).join('\n\n')
    : words().restore.bug(String(error instanceof Error ? error.stack : error));
}

/** The message, and the remedy if there is one. */
function saidError({ message, remedy }: AtelierError): string[] {
  return [message, ...(remedy === undefined ? [] : [remedy])].map(said);
}

/** Says why the studio is not open. */
export function closedBox(error: unknown, damaged: boolean): Box {
  const text = words().restore;
  if (damaged && error instanceof AtelierError) {
    return {
      type: 'error',
      title: 'Atelier',
      message: text.damaged,
      detail: text.damagedAbout(said(error.message)),
      buttons: [text.restore, text.show, text.quit],
      defaultId: 0,
      cancelId: 2,
    };
  }
  return {
    type: 'error',
    title: 'Atelier',
    message: text.notStarted,
    detail: wordsOf(error),
    buttons: [text.quit],
    defaultId: 0,
    cancelId: 0,
  };
}

function notRestoredBox(file: string, error: unknown): Box {
  const text = words().restore;
  return {
    type: 'error',
    title: 'Atelier',
    message: text.notRestored(basename(file)),
    detail: wordsOf(error),
    buttons: [text.open, text.restore, text.quit],
    defaultId: 0,
    cancelId: 2,
  };
}

function restoredBox({ createdAt, previous, modelsMissing }: RestoredReport): Box {
  const text = words().restore;
  const missing = modelsMissing.map(({ name, path }) => text.modelMissing(name, path));
  return {
    type: 'info',
    title: 'Atelier',
    message: text.restored(momentOf(createdAt)),
    detail: [text.kept(previous), ...missing].join('\n\n'),
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
    const text = words().restore;
    const { response } = await parts.ask({
      type: 'question',
      title: 'Atelier',
      message: text.ask(momentOf(createdAt)),
      detail: text.askAbout(files.length),
      buttons: [text.restoreNow, text.cancel],
      defaultId: 1,
      cancelId: 1,
    });
    if (response === 0) parts.startAgainWith(file);
    return null;
  } catch (error) {
    return error instanceof AtelierError ? saidError(error).join(' ') : String(error);
  }
}

/** A moment in words, as this computer writes it. */
function momentOf(iso: string): string {
  return new Date(iso).toLocaleString(language(), { dateStyle: 'long', timeStyle: 'short' });
}
