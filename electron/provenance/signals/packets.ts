/**
 * @file Finds XMP packets in the bytes of an image where the decoder's library does not: JPEG's extended XMP, which is
 * split over segments, and packets in the open (GIF, and files whose structure is damaged).
 */
import { MAX_XMP_BYTES } from './xmp-document.ts';

const STANDARD = Buffer.from('http://ns.adobe.com/xap/1.0/\0', 'latin1');
const EXTENSION = Buffer.from('http://ns.adobe.com/xmp/extension/\0', 'latin1');
const MAX_PACKETS = 8;

export interface Packet {
  bytes: Uint8Array;
  /** Such as `XMP` or `extended XMP`. */
  name: string;
}

/** Every XMP packet of a JPEG: the standard ones, and extensions put together by their digests. */
export function jpegPackets(image: Uint8Array): Packet[] {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  const packets: Packet[] = [];
  const extensions = new Map<string, { total: number; parts: Map<number, Buffer> }>();
  for (const segment of segmentsOf(bytes)) {
    if (segment.subarray(0, STANDARD.length).equals(STANDARD)) {
      packets.push({ bytes: segment.subarray(STANDARD.length), name: 'XMP' });
    } else if (segment.subarray(0, EXTENSION.length).equals(EXTENSION) && segment.length >= EXTENSION.length + 40) {
      const digest = segment.toString('latin1', EXTENSION.length, EXTENSION.length + 32);
      const total = segment.readUInt32BE(EXTENSION.length + 32);
      const offset = segment.readUInt32BE(EXTENSION.length + 36);
      const extension = extensions.get(digest) ?? { total, parts: new Map<number, Buffer>() };
      if (extensions.size < MAX_PACKETS) extensions.set(digest, extension);
      extension.parts.set(offset, segment.subarray(EXTENSION.length + 40));
    }
  }
  for (const { total, parts } of extensions.values()) {
    // Parts beyond the bound are left away; the reader then says that the packet cannot be read.
    const whole = Buffer.alloc(Math.min(total, MAX_XMP_BYTES + 1));
    for (const [offset, part] of parts) if (offset < whole.length) part.copy(whole, offset);
    packets.push({ bytes: whole, name: 'extended XMP' });
  }
  return packets.slice(0, MAX_PACKETS);
}

/** Payloads of the APP1 segments before the image data. */
function* segmentsOf(bytes: Buffer): Generator<Buffer> {
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
    if (marker === 0xe1) yield bytes.subarray(at + 4, at + 2 + length);
    at += 2 + length;
  }
}

const OPENINGS = ['<?xpacket begin', '<x:xmpmeta'].map((text) => Buffer.from(text, 'latin1'));
const CLOSING = Buffer.from('</x:xmpmeta>', 'latin1');

/** A packet that stands in the bytes as text; null where there is none. */
export function openPacket(image: Uint8Array): Packet | null {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  const starts = OPENINGS.map((opening) => bytes.indexOf(opening)).filter((at) => at !== -1);
  if (starts.length === 0) return null;
  const start = Math.min(...starts);
  const end = bytes.indexOf(CLOSING, start);
  const stop = end === -1 ? Math.min(bytes.length, start + MAX_XMP_BYTES) : end + CLOSING.length;
  return { bytes: bytes.subarray(start, stop), name: 'XMP packet' };
}
