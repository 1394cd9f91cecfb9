/**
 * @file Deep links: `#/runs/<id>/step/12/sample/<id>`. Everything lives inside the hash, so that one copied
 * address opens the same step again, in the desktop app as well as in a browser.
 */

/** Screens whose address is one word. */
const plainScreens = [
  'datasets',
  'ledger',
  'rewards',
  'train',
  'runs',
  'compare',
  'exam',
  'playground',
  'export',
  'verify',
  'settings',
] as const;

export type PlainScreen = (typeof plainScreens)[number];

export type Route =
  | { screen: 'home' }
  | { screen: PlainScreen }
  /** `#/datasets/<id>`, `#/datasets/<id>/sample/<sample id>` */
  | { screen: 'dataset'; id: string; sample?: string }
  /** `#/ledger/<dataset id>` */
  | { screen: 'ledger-of'; id: string }
  /** `#/runs/<id>`, `#/runs/<id>/step/<n>`, `#/runs/<id>/step/<n>/sample/<sample id>` */
  | { screen: 'run'; id: string; step?: number; sample?: string }
  /** `#/compare/<run id>,<run id>` */
  | { screen: 'compare-of'; ids: string[] }
  /** `#/exam/<experiment id>` */
  | { screen: 'exam-of'; id: string }
  /** `#/evaluations/<evaluation id>`: its items */
  | { screen: 'evaluation'; id: string }
  /** `#/export/<run id>` */
  | { screen: 'export-of'; id: string }
  /** `#/receipt/<export id>` */
  | { screen: 'receipt'; id: string }
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
  const [first, id, ...rest] = parts.map(decode);
  if (first === undefined) return { screen: 'home' };
  if (id === undefined) {
    const plain = plainScreens.find((screen) => screen === first);
    return plain === undefined ? { screen: 'unknown', path } : { screen: plain };
  }
  return pageOf(first, id, rest) ?? { screen: 'unknown', path };
}

/** A screen about one thing; what follows its id must be known as well. */
function pageOf(first: string, id: string, rest: string[]): Route | undefined {
  if (first === 'runs') return runPage(id, rest);
  if (first === 'datasets') {
    const [word, sample, ...more] = rest;
    if (word === undefined) return { screen: 'dataset', id };
    return word === 'sample' && sample !== undefined && more.length === 0
      ? { screen: 'dataset', id, sample }
      : undefined;
  }
  if (rest.length > 0) return undefined;
  if (first === 'ledger') return { screen: 'ledger-of', id };
  if (first === 'compare') return { screen: 'compare-of', ids: id.split(',').filter((part) => part !== '') };
  if (first === 'exam') return { screen: 'exam-of', id };
  if (first === 'evaluations') return { screen: 'evaluation', id };
  if (first === 'export') return { screen: 'export-of', id };
  if (first === 'receipt') return { screen: 'receipt', id };
  return undefined;
}

function runPage(id: string, rest: string[]): Route | undefined {
  const [stepWord, stepText, sampleWord, sample, ...more] = rest;
  if (stepWord === undefined) return { screen: 'run', id };
  const step = Number(stepText);
  if (stepWord !== 'step' || !Number.isInteger(step) || step < 1 || more.length > 0) return undefined;
  if (sampleWord === undefined) return { screen: 'run', id, step };
  return sampleWord === 'sample' && sample !== undefined ? { screen: 'run', id, step, sample } : undefined;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a stray % is part of the name, not an error
  }
}
