/**
 * @file Blocks everything that a page could try and must not do: leave, open windows, attach guests, ask for devices,
 * reach the network. The parts of Electron are passed in as arguments, so that this can run in tests.
 */
import type { App, Session, WebContents } from 'electron';
import type { CameraGate } from './camera-gate.ts';
import { isLocal, isOwnBlob, isPage } from './page-policy.ts';

/** Addresses that a click on a link may open in the user's own browser. */
const BROWSER_HOSTS = new Set(['arxiv.org', 'spdx.org', 'creativecommons.org', 'www.apache.org']);

/** True if a link may be opened in the user's own browser: https, and one of a few known places. */
export function mayOpenInBrowser(url: string): boolean {
  try {
    const { protocol, host, username, password } = new URL(url);
    return protocol === 'https:' && BROWSER_HOSTS.has(host) && username === '' && password === '';
  } catch {
    return false;
  }
}

export interface HardeningOptions {
  openInBrowser: (url: string) => void;
  onBlocked: (what: string, url: string) => void;
  allowDevtools: boolean;
  /** Open for a moment after a person has asked for the camera. */
  camera: CameraGate;
}

/** Always granted: a copy button on our own page may write text to the clipboard. Nothing reads it. */
function isAllowed(permission: string, origin: string): boolean {
  return permission === 'clipboard-sanitized-write' && isPage(origin);
}

/** Refuses every other permission and every request that would leave the machine. */
export function hardenSession(session: Session, options: HardeningOptions): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    const { requestingUrl, isMainFrame } = details;
    const wanted = 'mediaTypes' in details ? details.mediaTypes : undefined;
    const camera = permission === 'media' && wanted?.length === 1 && wanted[0] === 'video' && isPage(requestingUrl);
    const allowed = isMainFrame && (isAllowed(permission, requestingUrl) || (camera && options.camera.take()));
    if (!allowed) options.onBlocked('permission', permission);
    answer(allowed);
  });
  session.setPermissionCheckHandler(
    (_contents, permission, origin, { mediaType }) =>
      isAllowed(permission, origin) ||
      (permission === 'media' && mediaType === 'video' && isPage(origin) && options.camera.isOpen),
  );
  session.setDevicePermissionHandler(() => false);
  // Prompts are in any language. Without the first line, Chromium asks for a dictionary as soon as a page opens.
  session.setSpellCheckerLanguages([]);
  session.setSpellCheckerEnabled(false);
  session.webRequest.onBeforeRequest(({ url }, answer) => {
    const cancel = !isLocal(url, { allowDevtools: options.allowDevtools });
    if (cancel) options.onBlocked('request', url);
    answer({ cancel });
  });
  session.on('will-download', (event, item) => {
    // Files that the page itself created, such as a recipe, are saved where the user chooses.
    if (isOwnBlob(item.getURL())) return;
    options.onBlocked('download', item.getURL());
    event.preventDefault();
  });
}

/** Keeps every page from navigating away, whatever it contains. */
export function hardenContents(app: App, options: HardeningOptions): void {
  app.on('web-contents-created', (_event, contents: WebContents) => {
    contents.on('will-navigate', (event) => {
      if (isPage(event.url)) return;
      options.onBlocked('navigation', event.url);
      event.preventDefault();
    });
    contents.on('will-redirect', (event) => {
      options.onBlocked('redirect', event.url);
      event.preventDefault();
    });
    contents.on('will-frame-navigate', (event) => {
      if (event.isMainFrame && isPage(event.url)) return;
      options.onBlocked('frame navigation', event.url);
      event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      if (mayOpenInBrowser(url)) options.openInBrowser(url);
      else options.onBlocked('window', url);
      return { action: 'deny' };
    });
  });
}
