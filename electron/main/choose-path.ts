/** @file The system's dialog for choosing a file or a folder, opened for our own page and nobody else. */
import type { Dialog, IpcMain, IpcMainInvokeEvent } from 'electron';
import { z } from 'zod';
import { isPage } from './page-policy.ts';

export const CHOOSE_CHANNEL = 'atelier:choose';

const Kind = z.enum(['file', 'folder']);

export interface ChoosePathParts {
  ipcMain: Pick<IpcMain, 'handle'>;
  dialog: Pick<Dialog, 'showOpenDialog'>;
  /** True for the contents of one of this app's windows. */
  isOwnContents: (contents: unknown) => boolean;
  onRefused: (url: string) => void;
}

/** Answers the page with the path that the person chose, or null. */
export function lendPathDialog({ ipcMain, dialog, isOwnContents, onRefused }: ChoosePathParts): void {
  ipcMain.handle(CHOOSE_CHANNEL, async (event: IpcMainInvokeEvent, asked: unknown): Promise<string | null> => {
    const frame = event.senderFrame;
    const kind = Kind.safeParse(asked);
    if (
      frame === null ||
      frame.parent !== null ||
      !isPage(frame.url) ||
      !isOwnContents(event.sender) ||
      !kind.success
    ) {
      onRefused(frame?.url ?? '');
      return null;
    }
    const { canceled, filePaths } = await dialog.showOpenDialog({
      properties: kind.data === 'folder' ? ['openDirectory', 'createDirectory'] : ['openFile'],
    });
    return canceled ? null : (filePaths[0] ?? null);
  });
}
