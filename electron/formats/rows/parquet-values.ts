/**
 * @file Parquet values as lossless text and numbers: decimals with all their digits, float32 in its shortest spelling,
 * dates and times as ISO 8601. Types: https://parquet.apache.org/docs/file-format/types/logicaltypes/
 */
import type { FileMetaData, SchemaElement, SchemaTree } from 'hyparquet';
import { float16ToFloat32, float32ToFloat16 } from '../float-bits.ts';
import { parseJsonExactly } from './exact-json.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Dates and times as text; the library's own parsers use JavaScript dates, which stop at milliseconds. */
export const EXACT_PARSERS = {
  dateFromDays: (days: number | null | undefined) => (isNothing(days) ? days : isoDate(days)),
  timestampFromMilliseconds: (value: bigint | null | undefined) => (isNothing(value) ? value : isoTime(value, 3)),
  timestampFromMicroseconds: (value: bigint | null | undefined) => (isNothing(value) ? value : isoTime(value, 6)),
  timestampFromNanoseconds: (value: bigint | null | undefined) => (isNothing(value) ? value : isoTime(value, 9)),
  jsonFromBytes: (bytes: Uint8Array | undefined) => bytes && parseJsonExactly(UTF8.decode(bytes)),
};

/** The metadata without the type annotations that make the library convert decimals to doubles. */
export function withRawDecimals(metadata: FileMetaData): FileMetaData {
  return {
    ...metadata,
    schema: metadata.schema.map((element) => {
      if (!isDecimal(element)) return element;
      const { converted_type: _converted, logical_type: _logical, ...raw } = element;
      return raw;
    }),
  };
}

/** The exact form of a value that the library returned. `node` is its column in the file's own schema. */
export function exactValue(value: unknown, node: SchemaTree): unknown {
  if (isNothing(value)) return null;
  if (value instanceof Uint8Array) return leafValue(value, node.element);
  if (Array.isArray(value) || ArrayBuffer.isView(value))
    return Array.from(value as unknown[], (part) => exactValue(part, elementOf(node)));
  if (node.children.length === 0) return leafValue(value, node.element);
  if (typeof value !== 'object') return leafValue(value, elementOf(node).element);
  const isMap = node.element.converted_type === 'MAP' || node.element.logical_type?.type === 'MAP';
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => {
      const child = isMap
        ? node.children[0]?.children[1]
        : (node.children.find(({ element }) => element.name === name) ?? undefined);
      return [name, child === undefined ? plain(part) : exactValue(part, child)];
    }),
  );
}

/** A list's element: inside the two levels that Parquet wraps around it, or the node itself if it merely repeats. */
function elementOf(node: SchemaTree): SchemaTree {
  const { converted_type: converted, logical_type: logical } = node.element;
  if (converted !== 'LIST' && logical?.type !== 'LIST') return node;
  const repeated = node.children[0];
  if (repeated === undefined) return node;
  return repeated.children.length === 1 ? (repeated.children[0] ?? repeated) : repeated;
}

function leafValue(value: unknown, element: SchemaElement): unknown {
  if (isDecimal(element)) {
    const { logical_type: logical } = element;
    const scale = element.scale ?? (logical?.type === 'DECIMAL' ? logical.scale : 0);
    return decimalText(unscaled(value), scale);
  }
  const { converted_type: converted, logical_type: logical, type } = element;
  if (type === 'FLOAT' && typeof value === 'number') return shortestFloat(value, Math.fround);
  if (logical?.type === 'FLOAT16' && typeof value === 'number')
    return shortestFloat(value, (number) => float16ToFloat32(float32ToFloat16(number)));
  const unit = logical?.type === 'TIME' ? TIME_UNITS[logical.unit] : TIME_UNITS[converted ?? ''];
  if (unit !== undefined && (typeof value === 'number' || typeof value === 'bigint'))
    return isoTime(BigInt(value), unit).slice('1970-01-01T'.length);
  return plain(value);
}

const TIME_UNITS: Record<string, number> = { MILLIS: 3, MICROS: 6, NANOS: 9, TIME_MILLIS: 3, TIME_MICROS: 6 };

/** Converts 64-bit numbers, and text stored as plain bytes. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Uint8Array) return textOfBytes(value) ?? value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
  return value;
}

/** Null for bytes that are not text: an image always contains bytes that text never does. */
function textOfBytes(bytes: Uint8Array): string | null {
  try {
    const text = UTF8.decode(bytes);
    // eslint-disable-next-line no-control-regex -- that is what is looked for
    return /[\0-\x08\x0e-\x1f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}

function isDecimal({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return converted === 'DECIMAL' || logical?.type === 'DECIMAL';
}

/** Decodes two's complement, most significant byte first. */
function unscaled(value: unknown): bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return BigInt(value);
  const bytes = value instanceof Uint8Array ? value : new Uint8Array();
  let number = 0n;
  for (const byte of bytes) number = (number << 8n) | BigInt(byte);
  return BigInt.asIntN(bytes.length * 8, number);
}

/** `12345` with the scale 2 is `123.45`. */
export function decimalText(unscaledValue: bigint, scale: number): string {
  if (scale <= 0) return String(unscaledValue * 10n ** BigInt(-scale));
  const digits = String(unscaledValue < 0n ? -unscaledValue : unscaledValue).padStart(scale + 1, '0');
  return `${unscaledValue < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** The number with the fewest digits that rounds to `value` in its own narrower type: 0.1 for the float32 0.1. */
export function shortestFloat(value: number, narrow: (value: number) => number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  for (let digits = 1; digits <= 9; digits += 1) {
    const candidate = Number(value.toPrecision(digits));
    if (narrow(candidate) === value) return candidate;
  }
  return value;
}

function isoDate(days: number): string {
  return new Date(days * 86_400_000).toISOString().replace(/T.*$/, '');
}

/** An instant or time of day with as many decimals of a second as it needs, such as `2024-01-01T12:30:00.25`. */
function isoTime(value: bigint | number, decimals: number): string {
  const count = BigInt(value);
  const perSecond = 10n ** BigInt(decimals);
  const fraction = ((count % perSecond) + perSecond) % perSecond;
  const seconds = Number((count - fraction) / perSecond);
  const whole = new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, '');
  const rest = String(fraction).padStart(decimals, '0').replace(/0+$/, '');
  return rest === '' ? whole : `${whole}.${rest}`;
}

function isNothing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}
