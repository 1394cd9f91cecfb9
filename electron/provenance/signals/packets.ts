/**
 * @file Finds XMP packets in the bytes of an image: every one, since a prohibition in any of them counts. The decoder's
 * library gives only one; JPEG splits long packets over segments, PNG holds them in several kinds of text chunk.
 */
import { jpegSegments } from './jpeg-segments.ts';
import { pngTexts, rawProfiles } from './png-chunks.ts';
import { MAX_XMP_BYTES } from './xmp-document.ts';

const STANDARD = Buffer.from('http://ns.adobe.com/xap/1.0/\0', 'latin1');
const EXTENSION = Buffer.from('http://ns.adobe.com/xmp/extension/\0', 'latin1');
const APP1 = 0xe1;
const MAX_PACKETS = 32;

export interface Packet {
  bytes: Uint8Array;
  /** Such as `XMP` or `extended XMP`. */
  name: string;
}

/** Every XMP packet of an image. `given` is the one that the decoder's library found; it is used where ours finds none. */
export function packetsOf(bytes: Uint8Array, format: string, given: Uint8Array | undefined): Packet[] {
  const found =
    format === 'jpeg'
      ? jpegPackets(bytes)
      : format === 'png'
        ? pngPackets(bytes)
        : format === 'webp'
          ? webpPackets(bytes)
          : [];
  if (found.length > 0) return found;
  if (given !== undefined && given.length > 0) return [{ bytes: given, name: 'XMP' }];
  return openPackets(bytes);
}

/** The standard packets of a JPEG, and extensions put together by their digests. */
function jpegPackets(image: Uint8Array): Packet[] {
  const packets: Packet[] = [];
  const extensions = new Map<string, { total: number; parts: Map<number, Buffer> }>();
  for (const { marker, payload } of jpegSegments(view(image))) {
    if (marker !== APP1) continue;
    if (payload.subarray(0, STANDARD.length).equals(STANDARD)) {
      packets.push({ bytes: payload.subarray(STANDARD.length), name: 'XMP' });
    } else if (payload.subarray(0, EXTENSION.length).equals(EXTENSION) && payload.length >= EXTENSION.length + 40) {
      const digest = payload.toString('latin1', EXTENSION.length, EXTENSION.length + 32);
      const total = payload.readUInt32BE(EXTENSION.length + 32);
      const offset = payload.readUInt32BE(EXTENSION.length + 36);
      const extension = extensions.get(digest) ?? { total, parts: new Map<number, Buffer>() };
      if (extensions.size < MAX_PACKETS) extensions.set(digest, extension);
      extension.parts.set(offset, payload.subarray(EXTENSION.length + 40));
    }
  }
  for (const { total, parts } of extensions.values()) {
    // Parts beyond the bound are left out; the reader then reports that the packet cannot be read.
    const whole = Buffer.alloc(Math.min(total, MAX_XMP_BYTES + 1));
    for (const [offset, part] of parts) if (offset < whole.length) part.copy(whole, offset);
    packets.push({ bytes: whole, name: 'extended XMP' });
  }
  return packets.slice(0, MAX_PACKETS);
}

/** Text chunks with the keyword of XMP, and the profiles in which ImageMagick and others store it. */
function pngPackets(image: Uint8Array): Packet[] {
  const bytes = view(image);
  const packets = [...pngTexts(bytes)]
    .filter(({ keyword }) => keyword === 'XML:com.adobe.xmp')
    .map(({ bytes: text }): Packet => ({ bytes: text, name: 'XMP' }));
  for (const { type, bytes: profile } of rawProfiles(bytes)) {
    if (type === 'xmp') packets.push({ bytes: profile, name: 'XMP in a raw profile' });
    else if (profile.subarray(0, STANDARD.length).equals(STANDARD))
      packets.push({ bytes: profile.subarray(STANDARD.length), name: 'XMP in a raw profile' });
  }
  return packets.slice(0, MAX_PACKETS);
}

/** Chunks `XMP ` of the RIFF container. */
function webpPackets(image: Uint8Array): Packet[] {
  const bytes = view(image);
  const packets: Packet[] = [];
  for (let at = 12; at + 8 <= bytes.length && packets.length < MAX_PACKETS;) {
    const length = bytes.readUInt32LE(at + 4);
    if (bytes.toString('latin1', at, at + 4) === 'XMP ')
      packets.push({ bytes: bytes.subarray(at + 8, at + 8 + length), name: 'XMP' });
    at += 8 + length + (length % 2);
  }
  return packets;
}

const OPENINGS = ['<?xpacket begin', '<x:xmpmeta'].map((text) => Buffer.from(text, 'latin1'));
const CLOSING = Buffer.from('</x:xmpmeta>', 'latin1');

/** Packets that stand in the bytes as text: those of GIF, and of files whose structure is damaged. */
function openPackets(image: Uint8Array): Packet[] {
  const bytes = view(image);
  const packets: Packet[] = [];
  for (let from = 0; packets.length < MAX_PACKETS;) {
    const starts = OPENINGS.map((opening) => bytes.indexOf(opening, from)).filter((at) => at !== -1);
    if (starts.length === 0) break;
    const start = Math.min(...starts);
    const end = bytes.indexOf(CLOSING, start);
    const stop = end === -1 ? Math.min(bytes.length, start + MAX_XMP_BYTES) : end + CLOSING.length;
    packets.push({ bytes: bytes.subarray(start, stop), name: 'XMP packet' });
    from = stop;
  }
  return packets;
}

function view(image: Uint8Array): Buffer {
  return Buffer.from(image.buffer, image.byteOffset, image.byteLength);
}
