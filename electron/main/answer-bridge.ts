/**
 * @file Answers what the page asks of the desktop app itself (contract/desktop/bridge.ts), for our own page and nobody
 * else.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dialog, IpcMain, IpcMainInvokeEvent, WebContents } from 'electron';
import {
  BridgeRequest,
  type BridgeAnswer,
  type Language,
  type RevealTarget,
  type ThemeChoice,
} from '../contract/desktop/bridge.ts';
import type { ExportId } from '../contract/model/primitives.ts';
import type { ReportPage, ReportSubject } from '../contract/model/reports.ts';
import { isPage } from './page-policy.ts';
import { said, words } from './words.ts';

/** Must match the preload. */
export const BRIDGE_CHANNEL = 'atelier:ask';
/** Carries a new accent colour to the page. */
export const ACCENT_CHANNEL = 'atelier:accent';

export interface BridgeParts {
  ipcMain: Pick<IpcMain, 'handle'>;
  dialog: Pick<Dialog, 'showOpenDialog' | 'showSaveDialog'>;
  /** Where the dialog for a file to write begins. */
  documents: () => string;
  /** True for the contents of one of this app's windows. */
  isOwnContents: (contents: unknown) => boolean;
  onRefused: (url: string) => void;
  /** The path of something to reveal. @throws if there is none */
  pathOf: (what: RevealTarget) => Promise<string>;
  exists: (path: string) => boolean;
  /** Shows a path in the system's file manager. */
  showInFolder: (path: string) => void;
  /** Starts the system's drag of a file or folder out of the window. */
  startDrag: (contents: WebContents, path: string) => void;
  applyTheme: (theme: ThemeChoice) => void;
  applyLanguage: (language: Language) => void;
  accent: () => string | null;
  /** Lets the camera through once. */
  allowCamera: () => Promise<void>;
  report: (of: ReportSubject) => Promise<ReportPage>;
  /** A page as PDF. */
  printed: (html: string) => Promise<Uint8Array>;
  /** Returns why nothing is restored, or null. */
  restore: () => Promise<string | null>;
}

export function answerBridge(parts: BridgeParts): void {
  parts.ipcMain.handle(BRIDGE_CHANNEL, async (event: IpcMainInvokeEvent, asked: unknown): Promise<BridgeAnswer> => {
    const frame = event.senderFrame;
    const request = BridgeRequest.safeParse(asked);
    const isOurs = frame?.parent === null && isPage(frame.url) && parts.isOwnContents(event.sender);
    if (!isOurs || !request.success) {
      parts.onRefused(frame?.url ?? '');
      return null;
    }
    return await answer(request.data, event.sender, parts);
  });
}

async function answer(request: BridgeRequest, contents: WebContents, parts: BridgeParts): Promise<BridgeAnswer> {
  switch (request.ask) {
    case 'choose': {
      const { canceled, filePaths } = await parts.dialog.showOpenDialog({
        properties: request.kind === 'folder' ? ['openDirectory', 'createDirectory'] : ['openFile'],
      });
      return canceled ? null : (filePaths[0] ?? null);
    }
    case 'save':
      return await placeFor(request.name, parts);
    case 'pdf':
      return await reasonIfFailed(async () => {
        const { fileName, html } = await parts.report(request.what);
        const path = await placeFor(fileName.replace(/\.html$/, '.pdf'), parts);
        if (path !== null) await writeFile(path, await parts.printed(html));
      });
    case 'reveal':
      return await withPath(request.what, parts, parts.showInFolder);
    case 'drag': {
      const what = exportTarget(request.exportId);
      return await withPath(what, parts, (path) => parts.startDrag(contents, path));
    }
    case 'theme':
      parts.applyTheme(request.theme);
      return null;
    case 'camera':
      await parts.allowCamera();
      return null;
    case 'language':
      parts.applyLanguage(request.language);
      return null;
    case 'accent':
      return parts.accent();
    case 'restore':
      return await parts.restore();
  }
}

/** Asks where a file is to be written; null if the person gave up. */
async function placeFor(name: string, { dialog, documents }: BridgeParts): Promise<string | null> {
  const { canceled, filePath } = await dialog.showSaveDialog({ defaultPath: join(documents(), name) });
  return canceled || filePath === '' ? null : filePath;
}

function exportTarget(exportId: ExportId): RevealTarget {
  return { kind: 'export', exportId };
}

/** Acts on the path if something is there; otherwise returns the sentence to show. */
async function withPath(what: RevealTarget, parts: BridgeParts, act: (path: string) => void): Promise<string | null> {
  return await reasonIfFailed(async () => {
    const path = await parts.pathOf(what);
    if (!parts.exists(path)) throw new Error(words().dialog.gone(path));
    act(path);
  });
}

/** The sentence to show if `act` failed. */
async function reasonIfFailed(act: () => Promise<void>): Promise<string | null> {
  try {
    await act();
    return null;
  } catch (error) {
    return error instanceof Error ? said(error.message) : String(error);
  }
}
