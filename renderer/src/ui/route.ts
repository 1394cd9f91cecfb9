/**
 * @file Deep links: `#/runs/<id>?step=12`. The query lives inside the hash so that one copied address
 * opens the same step again, in the desktop app as well as in a browser.
 */

export type Route =
  | { screen: 'home' }
  | { screen: 'datasets' }
  | { screen: 'dataset'; id: string }
  | { screen: 'train' }
  | { screen: 'runs' }
  | { screen: 'run'; id: string }
  | { screen: 'settings' }
  | { screen: 'unknown'; path: string };

export type Address = { route: Route; query: URLSearchParams };

/** Reads `location.hash`. An address that names no screen is `unknown`, never an exception. */
export function parseHash(hash: string): Address {
  const text = hash.startsWith('#') ? hash.slice(1) : hash;
  const mark = text.indexOf('?');
  const path = mark === -1 ? text : text.slice(0, mark);
  const query = new URLSearchParams(mark === -1 ? '' : text.slice(mark + 1));
  const parts = path.split('/').filter((part) => part !== '');
  return { route: routeOf(parts, path), query };
}

/** The address of a screen, ready for `href`. Empty and absent query values are left out. */
export function link(path: readonly string[], query: Record<string, string | number | undefined> = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(key, String(value));
  }
  const text = search.toString();
  return `#/${path.map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`;
}

function routeOf(parts: string[], path: string): Route {
  const [first, second, ...rest] = parts.map(decode);
  if (rest.length > 0) return { screen: 'unknown', path };
  if (first === undefined) return { screen: 'home' };
  if (second === undefined) {
    if (first === 'datasets' || first === 'train' || first === 'runs' || first === 'settings') return { screen: first };
    return { screen: 'unknown', path };
  }
  if (first === 'datasets') return { screen: 'dataset', id: second };
  if (first === 'runs') return { screen: 'run', id: second };
  return { screen: 'unknown', path };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a stray % is part of the name, not an error
  }
}
