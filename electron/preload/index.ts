/**
 * @file The preload: gives the page one port to the studio, the path of any file dropped on it, and the system's dialog
 * for choosing a file or folder. Nothing else of Electron reaches the page.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';

/** The few parts of the page's window used here; this room is compiled without the DOM. */
declare const window: {
  addEventListener: (type: 'load', listener: () => void, options: { once: boolean }) => void;
  postMessage: (message: string, targetOrigin: string, transfer: unknown[]) => void;
};

const PORT_CHANNEL = 'atelier:port';
const CHOOSE_CHANNEL = 'atelier:choose';

contextBridge.exposeInMainWorld('studio', {
  pathForFile: (file: File) => webUtils.getPathForFile(file),
  choose: (kind: 'file' | 'folder') => ipcRenderer.invoke(CHOOSE_CHANNEL, kind),
});

// By `load` the page's modules have run, so its listener is ready. A reload brings a new port.
window.addEventListener(
  'load',
  () => {
    const { port1, port2 } = new MessageChannel();
    ipcRenderer.postMessage(PORT_CHANNEL, null, [port1 as never]);
    window.postMessage(PORT_CHANNEL, '*', [port2]);
  },
  { once: true },
);
