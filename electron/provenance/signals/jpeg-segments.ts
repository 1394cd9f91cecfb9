/** @file The segments of a JPEG file. */

/** Marker and payload of each segment of a JPEG before its image data. */
export function* jpegSegments(bytes: Buffer): Generator<{ marker: number; payload: Buffer }> {
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0xda || marker === 0xd9) return;
    const length = bytes.readUInt16BE(at + 2);
    if (length < 2) return;
    yield { marker, payload: bytes.subarray(at + 4, at + 2 + length) };
    at += 2 + length;
  }
}
