/** @file Ways to damage bytes, as fast-check arbitraries: one seed always gives the same damage. */
import fc from 'fast-check';

export interface Damage {
  kind: 'flip' | 'set' | 'insert' | 'remove' | 'repeat' | 'cut' | 'digits';
  /** Where, as a share of the length. */
  at: number;
  size: number;
  bytes: Uint8Array;
}

/** Values at which readers of sizes and texts go wrong. */
const HOSTILE = [
  ...['\0', '"', '{', '[', ']', '}', ',', '\n', '\r\n', '\\u0000', '%s', '../', '-1', '1e999', '99999999999999999999'],
  ...[
    'null',
    'true',
    '[null]',
    '{"__proto__":1}',
    '\ufeff',
    '\u202e',
    '\u{1f600}',
    '<!ENTITY a "b">',
    '{% for i in range(999999999) %}',
  ],
].map((text) => new TextEncoder().encode(text));
const SIZES = [
  [0, 0, 0, 0],
  [255, 255, 255, 255],
  [255, 255, 255, 127],
  [0, 0, 0, 128],
  [1, 0, 0, 0],
].map((size) => Uint8Array.from(size));

export const damages: fc.Arbitrary<Damage[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('flip', 'set', 'insert', 'remove', 'repeat', 'cut', 'digits' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    size: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 4096 })),
    bytes: fc.oneof(
      fc.constantFrom(...HOSTILE),
      fc.constantFrom(...SIZES),
      fc.uint8Array({ minLength: 1, maxLength: 16 }),
    ),
  }),
  { minLength: 1, maxLength: 6 },
) as fc.Arbitrary<Damage[]>;

/** The bytes after all damages, in order. */
export function damaged(bytes: Buffer, all: readonly Damage[]): Buffer {
  return all.reduce(one, Buffer.from(bytes));
}

function one(bytes: Buffer, { kind, at, size, bytes: given }: Damage): Buffer {
  const from = Math.floor(at * bytes.length);
  const to = Math.min(bytes.length, from + size);
  const splice = (middle: Uint8Array, end: number): Buffer =>
    Buffer.concat([bytes.subarray(0, from), middle, bytes.subarray(end)]);
  switch (kind) {
    case 'flip':
      if (from < bytes.length) bytes.writeUInt8(bytes.readUInt8(from) ^ (1 << (size % 8)), from);
      return bytes;
    case 'set':
      return splice(given, Math.min(bytes.length, from + given.length));
    case 'insert':
      return splice(given, from);
    case 'remove':
      return splice(new Uint8Array(), to);
    case 'repeat':
      return splice(Buffer.concat(Array.from({ length: 3 }, () => bytes.subarray(from, to))), to);
    case 'cut':
      return bytes.subarray(0, from);
    case 'digits': {
      // The next number in a text becomes a hostile one.
      const text = bytes.toString('latin1');
      const match = /\d+/.exec(text.slice(from));
      if (match === null) return bytes;
      const start = from + match.index;
      const value = ['0', '-1', '3000000', '1e308', '18446744073709551616'][size % 5] ?? '0';
      return Buffer.from(text.slice(0, start) + value + text.slice(start + match[0].length), 'latin1');
    }
  }
}
