/** @file Gives the page one message port to the studio, after checking who is asking. */
import type { IpcMain, IpcMainEvent, MessagePortMain } from 'electron';
import { isPage } from './page-policy.ts';

/** The only channel between preload and main process. */
export const PORT_CHANNEL = 'atelier:port';

export interface StudioPortParts {
  ipcMain: Pick<IpcMain, 'on'>;
  /** True for the contents of one of this app's windows. */
  isOwnContents: (contents: unknown) => boolean;
  /** Speaks the contract over the port. */
  serve: (port: MessagePortMain) => void | Promise<void>;
  onRefused: (url: string) => void;
}

/** Serves a port that comes from our own page in our own window; closes any other. */
export function lendStudioPort(parts: StudioPortParts): void {
  parts.ipcMain.on(PORT_CHANNEL, (event: IpcMainEvent) => {
    const [port, ...others] = event.ports;
    // The frame is null when the page is already gone.
    const url = event.senderFrame?.url ?? '';
    const isMainFrame = event.senderFrame !== null && event.senderFrame.parent === null;
    if (port === undefined || others.length > 0 || !isMainFrame || !isPage(url) || !parts.isOwnContents(event.sender)) {
      for (const each of event.ports) each.close();
      parts.onRefused(url);
      return;
    }
    // Until it is started, the port keeps what the page has already asked.
    Promise.resolve(parts.serve(port)).then(
      () => port.start(),
      () => port.close(),
    );
  });
}
