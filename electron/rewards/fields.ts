/**
 * @file Answers that are the fields of a document as JSON: `{"shop": "Hof", "total": 12.5}`. A JSON Schema says which
 * fields there are, of which types, and how far a number may be off; without one, the reference's own fields do.
 */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { AccuracyParams } from '../contract/model/rewards.ts';
import { unwrapMarkup } from './markup.ts';
import { DEFAULT_NORMALISATION, normaliseTranscript } from './transcripts.ts';

type Leaf = string | number | boolean;
/** From the path of each field (`/items/0/price`) to its value. Fields that are null or empty are left out. */
export type Fields = ReadonlyMap<string, Leaf>;
export type FieldSchema = { validate: ValidateFunction; tolerances: ReadonlyMap<string, Tolerance> };
type Tolerance = { absolute: number; relative: number };

/** What a schema may use. Patterns and references could take any time to check. */
export const SCHEMA_KEYWORDS = [
  'type',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'enum',
  'const',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'title',
  'description',
  'tolerance',
  'relativeTolerance',
] as const;

const MOST_FIELDS = 200;
const DEEPEST = 8;
/** An answer may have this many times the fields of the reference, plus two. */
const MOST_TIMES = 2;
const STRING = /"(?:[^"\\]|\\.)*"(\s*:)?/g;
const KEPT_SCHEMAS = 50;
const schemas = new Map<string, FieldSchema | string>();

/** All fields of one JSON object; null for anything else, and for a field that is named twice. */
export function readFields(text: string): { value: Record<string, unknown>; fields: Fields } | null {
  const inner = unwrapMarkup(text.trim());
  let value: unknown;
  try {
    value = JSON.parse(inner);
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  // A field that is named twice in one object would hide a guess.
  const written = [...inner.matchAll(STRING)].filter((match) => match[1] !== undefined).length;
  const fields = new Map<string, Leaf>();
  const keys = collect(value, '', fields, 0);
  return keys === null || keys !== written || fields.size > MOST_FIELDS ? null : { value, fields };
}

/** Reads a schema once and keeps it. A text instead says what is wrong with it. */
export function readSchema(text: string): FieldSchema | string {
  const known = schemas.get(text);
  if (known !== undefined) return known;
  const read = compile(text);
  if (schemas.size >= KEPT_SCHEMAS) schemas.clear();
  schemas.set(text, read);
  return read;
}

/** Paths of the fields whose values the schema does not allow. */
export function faultyPaths(value: unknown, { validate }: FieldSchema): ReadonlySet<string> {
  if (validate(value)) return new Set();
  return new Set((validate.errors ?? []).map(pathOf));
}

export function hasTooManyFields(given: Fields, reference: Fields): boolean {
  return given.size > MOST_TIMES * reference.size + 2;
}

/**
 * F1 over fields: twice the fields with the right value, divided by the fields of both sides. A field with a value that
 * the schema does not allow is wrong whatever it holds.
 */
export function fieldF1(
  given: Fields,
  reference: Fields,
  faulty: ReadonlySet<string>,
  params: AccuracyParams,
  schema: FieldSchema | null,
): number {
  let right = 0;
  for (const [path, expected] of reference) {
    const said = given.get(path);
    if (said === undefined || isUnder(path, faulty)) continue;
    if (sameLeaf(said, expected, toleranceAt(path, params, schema), params)) right += 1;
  }
  return (2 * right) / (given.size + reference.size);
}

function sameLeaf(said: Leaf, expected: Leaf, { absolute, relative }: Tolerance, params: AccuracyParams): boolean {
  if (typeof expected === 'number') {
    if (typeof said !== 'number') return false;
    const off = Math.max(absolute, relative * Math.abs(expected));
    return Math.abs(said - expected) <= off + Number.EPSILON * Math.abs(expected);
  }
  if (typeof expected === 'boolean') return said === expected;
  const how = params.normalise ?? DEFAULT_NORMALISATION;
  return typeof said === 'string' && normaliseTranscript(said, how) === normaliseTranscript(expected, how);
}

function toleranceAt(path: string, params: AccuracyParams, schema: FieldSchema | null): Tolerance {
  return (
    schema?.tolerances.get(path.replace(/\/\d+(?=\/|$)/g, '/*')) ?? {
      absolute: params.tolerance ?? 0,
      relative: params.relativeTolerance ?? 0,
    }
  );
}

function isUnder(path: string, faulty: ReadonlySet<string>): boolean {
  return [...faulty].some((place) => path === place || path.startsWith(`${place}/`));
}

/** Where an error lies. A field that is missing or too much is no fault of the object around it: F1 counts that. */
function pathOf({ instancePath, keyword, params }: ErrorObject): string {
  if (keyword === 'additionalProperties' || keyword === 'required') {
    const name = (params as { additionalProperty?: string; missingProperty?: string })[
      keyword === 'required' ? 'missingProperty' : 'additionalProperty'
    ];
    return `${instancePath}/${pointer(name ?? '')}`;
  }
  return instancePath;
}

/** Collects the fields, and returns how many keys there are; null if they lie too deep. */
function collect(value: unknown, path: string, fields: Map<string, Leaf>, depth: number): number | null {
  if (depth > DEEPEST || fields.size > MOST_FIELDS) return null;
  if (value === null) return 0;
  if (typeof value !== 'object') {
    if (value !== '') fields.set(path, value as Leaf);
    return 0;
  }
  const entries = Object.entries(value);
  let keys = Array.isArray(value) ? 0 : entries.length;
  for (const [key, part] of entries) {
    const inside = collect(part, `${path}/${pointer(key)}`, fields, depth + 1);
    if (inside === null) return null;
    keys += inside;
  }
  return keys;
}

function compile(text: string): FieldSchema | string {
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  if (!isRecord(schema) || schema['type'] !== 'object' || !isRecord(schema['properties'])) {
    return 'it does not say {"type": "object", "properties": …}';
  }
  const tolerances = new Map<string, Tolerance>();
  const fault = checkKeywords(schema, '', tolerances, 0);
  if (fault !== null) return fault;
  try {
    const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true });
    for (const keyword of ['tolerance', 'relativeTolerance']) ajv.addKeyword({ keyword, schemaType: 'number' });
    return { validate: ajv.compile(schema), tolerances };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function checkKeywords(
  schema: Record<string, unknown>,
  path: string,
  tolerances: Map<string, Tolerance>,
  depth: number,
): string | null {
  if (depth > DEEPEST) return `it is deeper than ${String(DEEPEST)} levels`;
  const strange = Object.keys(schema).find((keyword) => !(SCHEMA_KEYWORDS as readonly string[]).includes(keyword));
  if (strange !== undefined) return `the keyword "${strange}" is not one of ${SCHEMA_KEYWORDS.join(', ')}`;
  const { tolerance, relativeTolerance, properties, items, additionalProperties = false } = schema;
  if (typeof additionalProperties !== 'boolean') return '"additionalProperties" is neither true nor false';
  for (const value of [tolerance, relativeTolerance]) {
    if (value !== undefined && !(typeof value === 'number' && value >= 0)) return 'a tolerance is not 0 or more';
  }
  if (tolerance !== undefined || relativeTolerance !== undefined) {
    tolerances.set(path, { absolute: Number(tolerance ?? 0), relative: Number(relativeTolerance ?? 0) });
  }
  const parts: [string, unknown][] = [
    ...Object.entries(isRecord(properties) ? properties : {}).map(([name, part]): [string, unknown] => [
      `${path}/${pointer(name)}`,
      part,
    ]),
    ...(items === undefined ? [] : [[`${path}/*`, items] satisfies [string, unknown]]),
  ];
  for (const [inside, part] of parts) {
    const fault = isRecord(part)
      ? checkKeywords(part, inside, tolerances, depth + 1)
      : 'a field is not described by an object';
    if (fault !== null) return fault;
  }
  return null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A name as a part of a JSON pointer (RFC 6901). */
function pointer(name: string): string {
  return name.replace(/~/g, '~0').replace(/\//g, '~1');
}
