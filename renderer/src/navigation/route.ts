/**
 * @file The page's addresses, such as `#/runs/<id>/step/12/sample/<id>`. They live in the hash, so a copied
 * address opens the same place, both in the desktop app (`studio:` protocol) and in a browser.
 */

/**
 * The table of routes: each screen and the patterns that lead to it. Parameters of the first pattern are always set,
 * those of the others only if the address names them. `screens.ts` in the shell defines what each screen shows.
 */
const patterns = {
  home: ['/'],
  datasets: ['/datasets'],
  dataset: ['/datasets/:id', '/datasets/:id/sample/:sample'],
  labels: ['/labels/:id'],
  ledger: ['/ledger', '/ledger/:id'],
  rewards: ['/rewards'],
  train: ['/train'],
  runs: ['/runs'],
  run: ['/runs/:id', '/runs/:id/step/:step', '/runs/:id/step/:step/sample/:sample'],
  compare: ['/compare', '/compare/:ids'],
  evaluation: ['/evaluations/:id'],
  exam: ['/exam', '/exam/:id'],
  playground: ['/playground'],
  export: ['/export', '/export/:id', '/export/:id/step/:step'],
  receipt: ['/receipt/:id'],
  verify: ['/verify'],
  settings: ['/settings'],
} as const satisfies Record<string, readonly [string, ...string[]]>;

/** Parameters that are not plain text. A reader returns undefined for invalid text, and then nothing matches. */
const readers = {
  step: (text: string): number | undefined => {
    const step = Number(text);
    return Number.isInteger(step) && step >= 1 ? step : undefined;
  },
  ids: (text: string): string[] | undefined => text.split(',').filter((id) => id !== ''),
};

type NamesIn<Pattern extends string> = Pattern extends `${string}/:${infer Name}/${infer Rest}`
  ? Name | NamesIn<`/${Rest}`>
  : Pattern extends `${string}/:${infer Name}`
    ? Name
    : never;
type Value<Name extends string> = Name extends keyof typeof readers
  ? NonNullable<ReturnType<(typeof readers)[Name]>>
  : string;
type Required<Screen extends ScreenName> = NamesIn<(typeof patterns)[Screen][0]>;
type Optional<Screen extends ScreenName> = Exclude<NamesIn<(typeof patterns)[Screen][number]>, Required<Screen>>;

export type ScreenName = keyof typeof patterns;

/** The parameters in a screen's address. */
export type ParamsOf<Screen extends ScreenName> = { [Name in Required<Screen>]: Value<Name> } & {
  [Name in Optional<Screen>]?: Value<Name>;
};

export type Route =
  { [Screen in ScreenName]: { screen: Screen } & ParamsOf<Screen> }[ScreenName] | { screen: 'unknown'; path: string };

export type Address = { route: Route; query: URLSearchParams };

/** Reads `location.hash`. An address that matches no screen gives `unknown`, never an exception. */
export function parseHash(hash: string): Address {
  const text = hash.startsWith('#') ? hash.slice(1) : hash;
  const mark = text.indexOf('?');
  const path = mark === -1 ? text : text.slice(0, mark);
  const query = new URLSearchParams(mark === -1 ? '' : text.slice(mark + 1));
  return { route: routeOf(path), query };
}

/** The address of a screen, ready for `href`. Omits empty and absent query values. */
export function link(path: readonly string[], query: Record<string, string | number | undefined> = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(key, String(value));
  }
  const text = search.toString();
  return `#/${path.map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`;
}

function routeOf(path: string): Route {
  const parts = partsOf(path).map(decode);
  for (const [screen, ways] of Object.entries(patterns)) {
    for (const pattern of ways) {
      const params = match(partsOf(pattern), parts);
      // The type is derived from the table above.
      if (params !== undefined) return { screen, ...params } as Route;
    }
  }
  return { screen: 'unknown', path };
}

function match(pattern: string[], parts: string[]): Record<string, unknown> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const params: Record<string, unknown> = {};
  for (const [index, word] of pattern.entries()) {
    const part = parts[index] ?? '';
    if (!word.startsWith(':')) {
      if (word !== part) return undefined;
      continue;
    }
    const name = word.slice(1);
    const value = name in readers ? readers[name as keyof typeof readers](part) : part;
    if (value === undefined) return undefined;
    params[name] = value;
  }
  return params;
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // A stray % is part of the name, not an error.
  }
}
