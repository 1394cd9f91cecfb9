/** @file What only the desktop app can do, over its bridge. In a browser, none of it is offered. */
import type { BridgeRequest, ExportId, RevealTarget } from '../../../electron/contract/api/index.ts';

/** Whether the page is shown by the desktop app. */
export function isDesktop(): boolean {
  return typeof window !== 'undefined' && window.studio?.ask !== undefined;
}

/** Asks the desktop app; null in a browser. */
export async function askDesktop(request: BridgeRequest): Promise<string | null> {
  return (await window.studio?.ask?.(request)) ?? null;
}

/** Shows something in the system's file manager. Returns the reason if that was not possible. */
export async function reveal(what: RevealTarget): Promise<string | null> {
  return askDesktop({ ask: 'reveal', what });
}

/** Turns a drag that begins on the page into a drag of the exported folder. Returns the reason if that failed. */
export async function dragExport(event: DragEvent, exportId: ExportId): Promise<string | null> {
  // The system's drag replaces the page's own.
  event.preventDefault();
  return askDesktop({ ask: 'drag', exportId });
}
