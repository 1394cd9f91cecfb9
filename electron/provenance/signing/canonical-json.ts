/** @file Canonical JSON (RFC 8785) and SHA-256, the basis of every hash in a bundle. */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/**
 * RFC 8785 text of a JSON value: keys sorted by UTF-16 units, shortest numbers, no spaces.
 * Throws on NaN, Infinity and any value without a JSON form.
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('This value cannot be written as JSON, so it cannot be hashed.');
  return text;
}

/** Lower-case hex SHA-256 of the exact bytes, or of a string's UTF-8 bytes. */
export function sha256Hex(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Readable JSON with keys sorted at every level: equal facts give equal bytes. Ends with a newline. */
export function stableJson(value: unknown): string {
  return `${JSON.stringify(JSON.parse(canonicalJson(value)), null, 2)}\n`;
}

/** One canonical JSON value per line, each line ended by a newline. */
export function stableJsonLines(values: readonly unknown[]): string {
  return values.map((value) => `${canonicalJson(value)}\n`).join('');
}

/** Orders strings by Unicode code points, as Python and UTF-8 byte order do (not by UTF-16 units). */
export function compareCodePoints(left: string, right: string): number {
  const a = Array.from(left);
  const b = Array.from(right);
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i]?.codePointAt(0) ?? 0) - (b[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
