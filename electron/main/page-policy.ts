/** @file What the page may load and where it may go: nothing outside this application. */

export const PAGE_SCHEME = 'studio';
export const MEDIA_SCHEME = 'media';
export const PAGE_URL = `${PAGE_SCHEME}://app/`;
/** Answers with a sentence about what the studio is doing while it opens; empty once it is open. */
export const OPENING_URL = `${PAGE_URL}opening`;

/** Sent with every response of the `studio:` protocol. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    `img-src 'self' blob: data: ${MEDIA_SCHEME}:`,
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

function partsOf(url: string): { scheme: string; host: string } | null {
  try {
    const { protocol, host } = new URL(url);
    return { scheme: protocol.slice(0, -1), host };
  } catch {
    return null;
  }
}

/** True for an address of the page itself, the only one that may send messages or be navigated to. */
export function isPage(url: string): boolean {
  const parts = partsOf(url);
  return parts !== null && parts.scheme === PAGE_SCHEME && parts.host === 'app';
}

/** True for data that the page itself created in memory. */
export function isOwnBlob(url: string): boolean {
  return url.startsWith('blob:') && isPage(url.slice('blob:'.length));
}

/**
 * True for addresses that never leave the machine. Everything else is cancelled before a connection is made, so "makes
 * no network connections" holds by construction.
 * @param allowDevtools allows developer tools to load their own pages; they exist only in development
 */
export function isLocal(url: string, { allowDevtools = false } = {}): boolean {
  const parts = partsOf(url);
  if (parts === null) return false;
  if (isPage(url) || parts.scheme === MEDIA_SCHEME) return true;
  if (parts.scheme === 'data') return true;
  if (isOwnBlob(url)) return true;
  return allowDevtools && (parts.scheme === 'devtools' || parts.scheme === 'chrome-extension');
}

/**
 * For Chromium's own background tasks: prevents it from looking up names or fetching anything behind the page's back.
 */
export const OFFLINE_SWITCHES: readonly [name: string, value?: string][] = [
  ['host-resolver-rules', 'MAP * ~NOTFOUND'],
  ['disable-background-networking'],
  ['disable-component-update'],
  ['disable-domain-reliability'],
  ['no-pings'],
];

/** Dialogs of the page that the menu can open over any screen. */
export type OverlayName = 'about' | 'help';

/** The address of a dialog over the screen that `url` shows; over Home if it shows none. */
export function addressOver(url: string, overlay: OverlayName): string {
  const shown = isPage(url) ? (url.split('#')[1] ?? '/') : '/';
  return `${shown}${shown.includes('?') ? '&' : '?'}${overlay}=1`;
}
