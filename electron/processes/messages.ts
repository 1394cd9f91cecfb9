/**
 * @file How messages cross between two processes: as JSON text, with bytes in base64. Not in V8's own format, because its version
 * grows with V8: Electron's V8 may be newer than the one of the Node that it starts, which then could not read a message.
 */

import { AtelierError } from '../contract/errors/errors.ts';

/** Marks bytes in the text. No message has a field of this name. */
const BYTES = '$bytes';

/**
 * @param message plain data and bytes (`Uint8Array`, `ArrayBuffer`); fields that are undefined are left out
 * @throws TypeError for a bigint or a cycle; AtelierError BAD_INPUT if the text would be longer than a string can be
 */
export function encodeMessage(message: unknown): string {
  try {
    return JSON.stringify(message, function (this: Record<string, unknown>, key: string, value: unknown) {
      // What the field holds: a Buffer has already turned itself into an object of numbers in `value`.
      const bytes = bytesOf(this[key]);
      return bytes === null ? value : { [BYTES]: bytes.toString('base64') };
    });
  } catch (cause) {
    if (!isTooLong(cause)) throw cause;
    throw new AtelierError(
      'BAD_INPUT',
      'This is more than Atelier can hand to another of its processes at once (512 MiB).',
      {
        remedy: 'Use fewer samples or smaller pictures at once.',
        cause,
      },
    );
  }
}

/** Whether a string would have been longer than V8 allows (2^29 − 24 characters). */
function isTooLong(cause: unknown): boolean {
  return cause instanceof RangeError || (cause as NodeJS.ErrnoException | null)?.code === 'ERR_STRING_TOO_LONG';
}

/** The message that `encodeMessage` made into text; bytes come back as `Uint8Array`. */
export function decodeMessage(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) => {
    const bytes = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[BYTES] : undefined;
    return typeof bytes === 'string' ? new Uint8Array(Buffer.from(bytes, 'base64')) : value;
  });
}

function bytesOf(value: unknown): Buffer | null {
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return value instanceof ArrayBuffer ? Buffer.from(value) : null;
}
