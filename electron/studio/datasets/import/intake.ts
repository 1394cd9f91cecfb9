/** @file Takes in each image of an import once: hashes, stores and decodes it, and reads its usage statements. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { AtelierError } from '../../../contract/errors/errors.ts';
import { tooThin } from '../../../formats/image-limits.ts';
import type { Pictures } from '../../../pictures/pictures.ts';
import type { C2paReader } from '../../../provenance/signals/c2pa-reader.ts';
import type { ImageReading } from '../../../provenance/signals/read-image.ts';
import type { Blob, BlobStore } from '../../../store/connection/blobs.ts';
import { errorCode, fileError } from '../../../store/connection/store-errors.ts';
import { readSignalsOf } from './image-signals.ts';
import type { PictureCache } from '../../../store/import/picture-cache.ts';
import type { Picture } from './staging.ts';

export type TakenImage = { ok: true; picture: Picture; fromCache: boolean } | { ok: false; reason: string };

export type ImageInput = { path: string; shown: string } | { bytes: Uint8Array; shown: string };

export type IntakeOptions = {
  /** Set for a real import: the bytes are stored, and new blobs are added to `created`. */
  blobs: BlobStore | undefined;
  created: Blob[];
  cache: PictureCache<ImageReading>;
  c2pa: C2paReader;
  pictures: Pick<Pictures, 'examine'>;
};

/**
 * Hashes and decodes an image. With `blobs`, it stores the bytes first and decodes the stored copy; without, it writes
 * nothing. An unusable image is returned as a result; a full disk throws.
 */
export async function takeImage(input: ImageInput, options: IntakeOptions): Promise<TakenImage> {
  const { blobs, created, cache, c2pa, pictures } = options;
  try {
    const { sha256, sizeBytes, bytesAt } =
      blobs === undefined ? await hashed(input) : await stored(input, blobs, created);
    const known = await cache.get(sha256);
    if (known !== undefined) return { ok: true, picture: known, fromCache: true };
    const image = await pictures.examine(bytesAt, input.shown);
    const thin = tooThin(image.width, image.height);
    // No run could show it to a model, but the run would fail only after hours.
    if (thin !== null) return { ok: false, reason: thin };
    const picture: Picture = {
      record: { sha256, sizeBytes, format: image.format, width: image.width, height: image.height },
      frames: image.pages,
      orientation: image.orientation,
      look: image.look,
      pixels: image.pixels,
      reading: await readSignalsOf(bytesAt, image, sizeBytes, c2pa),
    };
    return { ok: true, picture, fromCache: false };
  } catch (error) {
    if (error instanceof AtelierError && (error.code === 'BAD_INPUT' || error.code === 'NOT_FOUND')) {
      const message = 'path' in input ? error.message.replaceAll(input.path, input.shown) : error.message;
      return { ok: false, reason: error.remedy === undefined ? message : `${message} ${error.remedy}` };
    }
    throw error;
  }
}

type Bytes = { sha256: string; sizeBytes: number; bytesAt: string | Uint8Array };

async function stored(input: ImageInput, blobs: BlobStore, created: Blob[]): Promise<Bytes> {
  const blob = 'path' in input ? await blobs.putFile(input.path) : await blobs.putBytes(input.bytes);
  if (blob.created) created.push(blob);
  return { sha256: blob.sha256, sizeBytes: blob.sizeBytes, bytesAt: blob.path };
}

async function hashed(input: ImageInput): Promise<Bytes> {
  const hash = createHash('sha256');
  if ('bytes' in input) {
    const sha256 = hash.update(input.bytes).digest('hex');
    return { sha256, sizeBytes: input.bytes.length, bytesAt: input.bytes };
  }
  try {
    const before = await stat(input.path);
    for await (const chunk of createReadStream(input.path)) hash.update(chunk as Uint8Array);
    const after = await stat(input.path);
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs || after.ino !== before.ino) {
      throw new AtelierError('BAD_INPUT', `The file ${input.path} changed while it was read.`, {
        place: { file: input.path },
        remedy: 'Wait until nothing writes into that folder and import again.',
      });
    }
    return { sha256: hash.digest('hex'), sizeBytes: after.size, bytesAt: input.path };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      throw new AtelierError('NOT_FOUND', `The file ${input.path} went away while it was read.`, {
        place: { file: input.path },
        cause: error,
      });
    }
    throw fileError(error, input.path);
  }
}

/** @throws AtelierError CANCELLED */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new AtelierError('CANCELLED', 'The import was cancelled. Nothing was imported.', {
    remedy: 'Start it again when you like.',
  });
}
