/** @file Reads a JSON object's fields with types; errors name the file and the field. Pure. */
import { AtelierError, type ErrorPlace } from '../contract/errors/errors.ts';

/** The fields of one JSON object. A null counts as absent, as in the Python code that reads these files. */
export interface Fields {
  has(key: string): boolean;
  /** The names of the fields that are present. */
  keys(): string[];
  /** A finite number greater than zero. */
  number(key: string, fallback: number): number;
  /** A whole number from 1 to `most`. */
  positive(key: string, fallback: number, most?: number): number;
  /** A whole number, including zero. */
  natural(key: string, fallback: number): number;
  /** A list of whole numbers. A single number is a list of one; an absent field is an empty list. */
  naturals(key: string): number[];
  /** A list of texts that allows only the given values; an absent field is an empty list. */
  texts(key: string, allowed: readonly string[]): string[];
  /** A list of exactly three numbers greater than zero. */
  triple(key: string, fallback: readonly [number, number, number]): readonly [number, number, number];
  boolean(key: string, fallback: boolean): boolean;
  text(key: string, fallback: string): string;
  /** A string field that allows only the given values. */
  oneOf(key: string, allowed: readonly string[], fallback: string): string;
  /** A nested object; an absent one is empty. */
  object(key: string): Fields;
  /** Throws if the field is present. */
  refuse(key: string, why: string): void;
  /** The error for a field; `why` continues the sentence after the field's name. */
  bad(key: string, why: string): AtelierError;
}

/**
 * @param json the object
 * @param path its path inside the file, such as `vision_config`; empty at the top level
 */
export function fieldsOf(json: unknown, path: string, place: ErrorPlace): Fields {
  const name = (key: string): string => (path === '' ? key : key === '' ? path : `${path}.${key}`);
  const file = place.file ?? 'The file';
  const bad = (key: string, why: string): AtelierError =>
    new AtelierError('BAD_INPUT', `${name(key) === '' ? file : `${file}: "${name(key)}"`} ${why}.`, {
      place: { ...place, field: name(key) },
    });
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw bad('', 'is not a JSON object');
  const object = json as Record<string, unknown>;
  const value = (key: string): unknown => (Object.hasOwn(object, key) ? (object[key] ?? undefined) : undefined);

  function checked<T>(key: string, fallback: T, fits: (found: unknown) => boolean, what: string): T {
    const found = value(key);
    if (found === undefined) return fallback;
    if (!fits(found)) throw bad(key, `is ${show(found)}, not ${what}`);
    return found as T;
  }
  const text = (key: string, fallback: string): string =>
    checked(key, fallback, (found) => typeof found === 'string', 'a text');
  return {
    has: (key) => value(key) !== undefined,
    keys: () => Object.keys(object).filter((key) => value(key) !== undefined),
    number: (key, fallback) => checked(key, fallback, isPositiveNumber, 'a number greater than zero'),
    positive: (key, fallback, most = Number.MAX_SAFE_INTEGER) => {
      const found = checked(
        key,
        fallback,
        (value) => isNatural(value) && value > 0,
        'a whole number greater than zero',
      );
      if (found > most) throw bad(key, `is ${found}; at most ${most} is supported`);
      return found;
    },
    natural: (key, fallback) => checked(key, fallback, isNatural, 'a whole number'),
    naturals: (key) => {
      const found = value(key);
      if (found === undefined) return [];
      const list: unknown[] = Array.isArray(found) ? found : [found];
      if (!list.every(isNatural)) throw bad(key, `is ${show(found)}, not whole numbers`);
      return list;
    },
    texts: (key, allowed) => {
      const found = value(key) ?? [];
      if (!Array.isArray(found)) throw bad(key, `is ${show(found)}, not a list`);
      const other: unknown = found.find((each) => !allowed.includes(each as string));
      if (other !== undefined) throw bad(key, `holds ${show(other)}; only ${allowed.join(' or ')} is supported`);
      return found as string[];
    },
    triple: (key, fallback) =>
      checked(
        key,
        fallback,
        (found) => Array.isArray(found) && found.length === 3 && found.every(isPositiveNumber),
        'a list of three numbers greater than zero',
      ),
    boolean: (key, fallback) => checked(key, fallback, (found) => typeof found === 'boolean', 'true or false'),
    text,
    oneOf: (key, allowed, fallback) => {
      const found = text(key, fallback);
      if (!allowed.includes(found)) throw bad(key, `is ${show(found)}; only ${allowed.join(' or ')} is supported`);
      return found;
    },
    object: (key) => fieldsOf(value(key) ?? {}, name(key), place),
    refuse: (key, why) => {
      if (value(key) !== undefined) throw bad(key, `is set: ${why}`);
    },
    bad,
  };
}

function isNatural(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isPositiveNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}

function show(value: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(value);
  } catch {
    return 'nested too deeply'; // beyond what the call stack holds
  }
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
