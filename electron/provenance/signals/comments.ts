/** @file Comments inside image files: JPEG comment segments and GIF comment extensions. */
import type { Signal } from '../../contract/model/signals.ts';
import { jpegSegments } from './jpeg-segments.ts';
import { textOf } from './text-bytes.ts';
import { signalsOfWords } from './words-signal.ts';

const MAX_COMMENTS = 100;
const MAX_GIF_BLOCKS = 200_000;
const COM = 0xfe;

/** What comments say against training. `format` is the decoder's name; formats without comments have none. */
export function readComments(image: Uint8Array, format: string): Signal[] {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  const texts = format === 'jpeg' ? jpegComments(bytes) : format === 'gif' ? gifComments(bytes) : [];
  return texts.slice(0, MAX_COMMENTS).flatMap((comment) =>
    signalsOfWords({
      text: textOf(comment),
      place: 'description',
      name: 'the comment in the file',
      locator: `image, ${format.toUpperCase()} comment`,
      kind: 'exif',
    }),
  );
}

function jpegComments(bytes: Buffer): Buffer[] {
  return [...jpegSegments(bytes)].filter(({ marker }) => marker === COM).map(({ payload }) => payload);
}

/** Walks the blocks of a GIF (GIF89a, section 24); a damaged block ends the walk, what stands before it counts. */
function gifComments(bytes: Buffer): Buffer[] {
  const comments: Buffer[] = [];
  const tableBytes = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));
  let at = 13 + tableBytes(bytes[10] ?? 0);
  for (let blocks = 0; blocks < MAX_GIF_BLOCKS && at < bytes.length; blocks += 1) {
    const kind = bytes[at];
    if (kind === 0x21) {
      const isComment = bytes[at + 1] === 0xfe;
      const { data, end } = subBlocks(bytes, at + 2, isComment);
      if (isComment) comments.push(data);
      at = end;
    } else if (kind === 0x2c) {
      at = subBlocks(bytes, at + 10 + tableBytes(bytes[at + 9] ?? 0) + 1, false).end;
    } else {
      return comments;
    }
  }
  return comments;
}

/** Length-prefixed blocks up to an empty one. */
function subBlocks(bytes: Buffer, start: number, isKept: boolean): { data: Buffer; end: number } {
  const parts: Buffer[] = [];
  let at = start;
  for (;;) {
    const length = bytes[at] ?? 0;
    if (length === 0) return { data: Buffer.concat(parts), end: at + 1 };
    if (isKept) parts.push(bytes.subarray(at + 1, at + 1 + length));
    at += 1 + length;
  }
}
