/** @file Canonical JSON (RFC 8785) and its SHA-256: the same object has the same hash on every machine. */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** The RFC 8785 text of `value`. Throws if JSON cannot represent it (NaN, undefined at the top level). */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('This value has no canonical JSON form.');
  return text;
}

/** Lower-case hex SHA-256 of text (as UTF-8) or bytes. */
export function sha256Hex(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
