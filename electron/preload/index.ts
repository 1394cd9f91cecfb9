/**
 * @file The preload: gives the page one port to the studio, the path of any file dropped on it, and one channel for the
 * few requests that only the system can answer (contract/desktop/bridge.ts). Nothing else of Electron reaches the page.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';

/** The few parts of the page's window used here; this room is compiled without the DOM. */
declare const window: {
  addEventListener: (type: 'load', listener: () => void, options: { once: boolean }) => void;
  postMessage: (message: string, targetOrigin: string, transfer: unknown[]) => void;
};

const PORT_CHANNEL = 'atelier:port';
const BRIDGE_CHANNEL = 'atelier:ask';
const ACCENT_CHANNEL = 'atelier:accent';

contextBridge.exposeInMainWorld('studio', {
  pathForFile: (file: File) => webUtils.getPathForFile(file),
  // The main process checks every request against its schema.
  ask: (request: unknown) => ipcRenderer.invoke(BRIDGE_CHANNEL, request),
  onAccent: (listener: (colour: unknown) => void) => {
    ipcRenderer.on(ACCENT_CHANNEL, (_event, colour: unknown) => listener(colour));
  },
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
