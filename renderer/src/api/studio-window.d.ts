/** @file What the preload gives to the page. Absent in a browser. */
export {};

declare global {
  interface Window {
    studio?: {
      /** Path of a file or folder that was dropped on the page. */
      pathForFile?: (file: File) => string;
    };
  }
}
