/** @file Reads statements about an image's use from its original bytes. */
import { readFile } from 'node:fs/promises';
import type { DecodedImage } from '../../../formats/image-decode.ts';
import type { C2paReader } from '../../../provenance/signals/c2pa-reader.ts';
import { makeSignal } from '../../../provenance/signals/make-signal.ts';
import { readImage, type ImageReading } from '../../../provenance/signals/read-image.ts';
import { fileError } from '../../../store/connection/store-errors.ts';

/** Larger files are not searched; even uncompressed, the largest decodable picture is smaller than this. */
const MAX_FILE_BYTES = 512 * 1024 * 1024;

/** @param bytesAt the original bytes or their path, never a re-encoded copy */
export async function readSignalsOf(
  bytesAt: string | Uint8Array,
  image: Pick<DecodedImage, 'format' | 'xmp' | 'hasExifOrIptc'>,
  sizeBytes: number,
  c2pa: C2paReader,
): Promise<ImageReading> {
  if (sizeBytes > MAX_FILE_BYTES) return tooLarge(sizeBytes);
  const bytes = typeof bytesAt === 'string' ? await bytesOf(bytesAt) : bytesAt;
  const { format, xmp, hasExifOrIptc } = image;
  return await readImage({ bytes, format, xmp, hasExifOrIptc }, c2pa);
}

async function bytesOf(path: string): Promise<Uint8Array> {
  return await readFile(path).catch((error: unknown) => {
    throw fileError(error, path);
  });
}

function tooLarge(sizeBytes: number): ImageReading {
  const signal = makeSignal({
    kind: 'c2pa-integrity',
    value: 'error',
    scope: 'any',
    trust: 'unsigned',
    locator: 'file',
    raw: `${sizeBytes} bytes`,
    statement: `The file is too large to be searched for signals (${sizeBytes} bytes).`,
  });
  return { signals: [signal], facts: [] };
}
