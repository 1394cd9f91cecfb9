/** @file What the preload script exposes to the page. Absent in a browser. */
export {};

declare global {
  interface Window {
    studio?: {
      /** Path of a file or folder dropped on the page. */
      pathForFile?: (file: File) => string;
      /** Opens the system's dialog; null if the person cancels it. */
      choose?: (kind: 'file' | 'folder') => Promise<string | null>;
    };
  }
}
