/** @file What the preload script exposes to the page. Absent in a browser. */
import type { BridgeAnswer, BridgeRequest } from '../../../electron/contract/api/index.ts';

declare global {
  interface Window {
    studio?: {
      /** Path of a file or folder dropped on the page. */
      pathForFile?: (file: File) => string;
      /** Asks the desktop app for something that only the system can do. */
      ask?: (request: BridgeRequest) => Promise<BridgeAnswer>;
      /** Calls `listener` with each new accent colour of the system, or null. */
      onAccent?: (listener: (colour: unknown) => void) => void;
    };
  }
}
