/** @file Takes in the image files of an import: each is hashed, really decoded and asked what it says about its use, once. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { AtelierError } from '../../contract/errors.ts';
import { decodeImage } from '../../formats/image-decode.ts';
import { tooThin } from '../../formats/image-limits.ts';
import type { Blob, BlobStore } from '../../store/blobs.ts';
import type { ImageRecord } from '../../store/datasets.ts';
import { fileError } from '../../store/store-errors.ts';
import type { C2paReader } from '../../provenance/signals/c2pa-reader.ts';
import type { ImageReading } from '../../provenance/signals/read-image.ts';
import { mapBounded } from './bounded.ts';
import { readSignalsOf } from './image-signals.ts';

/** Decoding holds whole pictures in memory and uses a core each. */
const PARALLEL = 2;

export type TakenImage =
  | { ok: true; record: ImageRecord; frames: number; orientation: number; reading: ImageReading }
  | { ok: false; reason: string };

export type IntakeOptions = {
  /** Given for a real import: the bytes are stored, and those that are new are named in `created`. */
  blobs: BlobStore | undefined;
  created: Blob[];
  c2pa: C2paReader;
  onDone: (done: number) => void;
  signal: AbortSignal | undefined;
};

/**
 * Hashes and decodes the files. With `blobs` their bytes are stored first and it is the stored bytes that are
 * decoded; without, nothing is written. A file that cannot be used is a result; a full disk or a cancel throws.
 */
export async function takeImages(paths: readonly string[], options: IntakeOptions): Promise<Map<string, TakenImage>> {
  const byPath = new Map<string, TakenImage>();
  let done = 0;
  await mapBounded(paths, PARALLEL, async (path) => {
    throwIfCancelled(options.signal);
    byPath.set(path, await takeImage(path, options));
    done += 1;
    options.onDone(done);
  });
  return byPath;
}

async function takeImage(path: string, { blobs, created, c2pa }: IntakeOptions): Promise<TakenImage> {
  try {
    const { sha256, sizeBytes, bytesAt } =
      blobs === undefined ? await hashFile(path) : await store(path, blobs, created);
    const image = await decodeImage(bytesAt, { name: path });
    const thin = tooThin(image.width, image.height);
    // No run could show it to a model, and would only say so after hours.
    if (thin !== null) return { ok: false, reason: thin };
    const record = { sha256, sizeBytes, format: image.format, width: image.width, height: image.height };
    const reading = await readSignalsOf(bytesAt, image, sizeBytes, c2pa);
    return { ok: true, record, frames: image.pages, orientation: image.orientation, reading };
  } catch (error) {
    if (error instanceof AtelierError && (error.code === 'BAD_INPUT' || error.code === 'NOT_FOUND')) {
      return { ok: false, reason: error.message };
    }
    throw error;
  }
}

type Bytes = { sha256: string; sizeBytes: number; bytesAt: string };

async function store(path: string, blobs: BlobStore, created: Blob[]): Promise<Bytes> {
  const blob = await blobs.putFile(path);
  if (blob.created) created.push(blob);
  return { sha256: blob.sha256, sizeBytes: blob.sizeBytes, bytesAt: blob.path };
}

async function hashFile(path: string): Promise<Bytes> {
  try {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
    return { sha256: hash.digest('hex'), sizeBytes: (await stat(path)).size, bytesAt: path };
  } catch (error) {
    throw fileError(error, path);
  }
}

/** @throws AtelierError CANCELLED */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new AtelierError('CANCELLED', 'The import was cancelled. Nothing was imported.', {
    remedy: 'Start it again when you like.',
  });
}
