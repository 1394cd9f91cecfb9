/**
 * @file How messages cross between two processes: as JSON text, with bytes in base64. Not in V8's own format, because its version
 * grows with V8: Electron's V8 may be newer than the one of the Node that it starts, which then could not read a message.
 */

/** Marks bytes in the text. No message has a field of this name. */
const BYTES = '$bytes';

/**
 * @param message plain data and bytes (`Uint8Array`, `ArrayBuffer`); fields that are undefined are left out
 * @throws TypeError for a bigint or a cycle
 */
export function encodeMessage(message: unknown): string {
  return JSON.stringify(message, function (this: Record<string, unknown>, key: string, value: unknown) {
    // What the field holds: a Buffer has already turned itself into an object of numbers in `value`.
    const bytes = bytesOf(this[key]);
    return bytes === null ? value : { [BYTES]: bytes.toString('base64') };
  });
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
