/** @file For tests: JSON of a kind, damaged in one place. */
import fc from 'fast-check';

/** A value that hardly any reader expects where it stands. */
export const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    -1e308,
    '',
    'constructor',
    '__proto__',
    '\u0000',
    '../..',
    [],
    {},
  ),
  fc.constantFrom<unknown>([null], [[]], [{}], { constructor: 1 }, JSON.parse('{"__proto__": {"a": 1}}')),
  fc.constantFrom(2 ** 31, 2 ** 53, '9'.repeat(400), 'x'.repeat(10_000)),
  fc.constantFrom(nested('['), nested('{"a":')),
  fc.jsonValue({ maxDepth: 2 }),
);

/** JSON nested 20,000 levels deep. */
export function nested(open: '[' | '{"a":'): unknown {
  const depth = 20_000;
  return JSON.parse(`${open.repeat(depth)}1${(open === '[' ? ']' : '}').repeat(depth)}`);
}

/** `original` with one value in it replaced, removed, or put under another name. */
export function damaged(original: unknown): fc.Arbitrary<unknown> {
  return fc.tuple(fc.nat(), fc.nat(3), odd).map(([at, how, value]) => {
    const places: { parent: unknown[] | Record<string, unknown>; key: string | number }[] = [];
    const copy = structuredClone(original);
    const look = (part: unknown, depth: number): void => {
      if (typeof part !== 'object' || part === null || depth > 6) return;
      // Of a long list, the first few entries stand for the others.
      const keys = Array.isArray(part) ? [...part.keys()].slice(0, 4) : Object.keys(part).slice(0, 40);
      for (const key of keys) {
        places.push({ parent: part as Record<string, unknown>, key });
        look((part as Record<string | number, unknown>)[key], depth + 1);
      }
    };
    look(copy, 0);
    const place = places[at % Math.max(1, places.length)];
    if (place === undefined || at % 97 === 0) return value;
    const parent = place.parent as Record<string | number, unknown>;
    if (how === 0 && !Array.isArray(parent)) Reflect.deleteProperty(parent, place.key);
    else if (how === 1 && !Array.isArray(parent))
      Object.defineProperty(parent, 'constructor', { value, enumerable: true });
    else parent[place.key] = value;
    return copy;
  });
}

/** JSON text of any value, however deep. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
    // Deeper than JSON.stringify goes: written level by level.
    let open = '';
    let close = '';
    let part: unknown = value;
    while (typeof part === 'object' && part !== null) {
      const isList = Array.isArray(part);
      const [key] = Object.keys(part);
      open += isList ? '[' : `{${JSON.stringify(key ?? 'a')}:`;
      close = (isList ? ']' : '}') + close;
      part = (part as Record<string, unknown>)[key ?? 'a'];
    }
    return `${open}1${close}`;
  }
}
