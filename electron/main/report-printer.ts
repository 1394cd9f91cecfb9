/** @file Prints a report to PDF in a window that nobody sees, without scripts and without the bridge. */
import { randomUUID } from 'node:crypto';
import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron';
import { PAGE_HEADERS, PAGE_URL } from './page-policy.ts';

export const PRINT_WINDOW: BrowserWindowConstructorOptions = {
  show: false,
  webPreferences: { sandbox: true, javascript: false, contextIsolation: true },
};

type OpenWindow = () => Pick<BrowserWindow, 'loadURL' | 'webContents' | 'destroy'>;

export class ReportPrinter {
  readonly #open: OpenWindow;
  /** Address → page, while it is printed. */
  readonly #pages = new Map<string, string>();

  constructor(open: OpenWindow) {
    this.#open = open;
  }

  /** The page behind an address that is being printed; null for any other. */
  answer(url: string): Response | null {
    const html = this.#pages.get(url);
    return html === undefined
      ? null
      : new Response(html, { headers: { ...PAGE_HEADERS, 'Content-Type': 'text/html; charset=utf-8' } });
  }

  /** @returns a PDF of A4 pages, in the page's light colours */
  async print(html: string): Promise<Uint8Array> {
    const address = `${PAGE_URL}report/${randomUUID()}`;
    this.#pages.set(address, html);
    const window = this.#open();
    try {
      await window.loadURL(address);
      return await window.webContents.printToPDF({ pageSize: 'A4', printBackground: true, preferCSSPageSize: true });
    } finally {
      window.destroy();
      this.#pages.delete(address);
    }
  }
}
