/**
 * @file Serves sample images by dataset and sample id, never by path: the original bytes, or a small thumbnail that is
 * generated once. The loopback host and the desktop app's `media:` protocol share this code.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PixelLimits } from '../contract/model/detail.ts';
import type { ModelId, SampleId } from '../contract/model/primitives.ts';
import type { Pictures, ShownPicture } from '../pictures/pictures.ts';

/** Longest edge of a thumbnail in pixels; a request must specify one of these. */
export const THUMBNAIL_SIZES = [160, 320, 480, 640] as const;

export interface MediaSource {
  home: string;
  pictures: Pick<Pictures, 'thumbnail' | 'redrawn' | 'seen'>;
  /** The blob of a sample's image, and whether it is rotated. Throws an AtelierError NOT_FOUND if there is none. */
  picture(sampleId: SampleId, datasetId?: string): Promise<ShownPicture>;
  /** The pixel limits of a model's image processor. Throws an AtelierError NOT_FOUND if there is none. */
  pixelLimits(modelId: ModelId): Promise<PixelLimits>;
}

export interface MediaAnswer {
  status: 200 | 400 | 404;
  headers: Record<string, string>;
  body: Uint8Array;
}

const inFlight = new Map<string, Promise<Uint8Array>>();

/**
 * Answers `/<datasetId>/<sampleId>`: the picture as imported, with `?size=160|320|480|640` a thumbnail, and with
 * `?pixels=N&model=ID` the picture as that model sees it when it is limited to N pixels.
 * @param path the part after `/media`, still percent-encoded
 */
export async function answerMedia(source: MediaSource, path: string, query: URLSearchParams): Promise<MediaAnswer> {
  const match = /^\/([^/]+)\/([^/]+)$/.exec(path);
  if (match === null) return failure(404, 'An image is named by its dataset and its sample.');
  const sizeText = query.get('size');
  const size = sizeText === null ? null : (THUMBNAIL_SIZES.find((known) => String(known) === sizeText) ?? undefined);
  if (size === undefined) return failure(400, `size must be one of ${THUMBNAIL_SIZES.join(', ')}.`);
  const pixels = query.get('pixels');
  if (pixels !== null && !/^[1-9]\d{0,8}$/.test(pixels)) return failure(400, 'pixels must be a whole number.');
  try {
    const datasetId = decodeURIComponent(match[1] ?? '');
    const picture = await source.picture(decodeURIComponent(match[2] ?? '') as SampleId, datasetId);
    const body =
      pixels !== null
        ? await seen(source, picture, query.get('model') ?? '', Number(pixels))
        : size === null
          ? ((await source.pictures.redrawn(picture)) ?? (await readFile(picture.path)))
          : await thumbnail(source, picture, size);
    return {
      status: 200,
      headers: {
        'Content-Type': mediaTypeOf(body),
        // A sample's image never changes: a different image would have a different id.
        'Cache-Control': 'private, max-age=31536000, immutable',
        'Content-Security-Policy': "default-src 'none'; sandbox",
      },
      body,
    };
  } catch {
    return failure(404, 'There is no such image.');
  }
}

async function seen(source: MediaSource, picture: ShownPicture, model: string, maxPixels: number): Promise<Uint8Array> {
  const { home, pictures } = source;
  const limits = { ...(await source.pixelLimits(model as ModelId)), maxPixels };
  const name = nameOf(`${keyOf(picture)}\0${JSON.stringify(limits)}`);
  const cached = join(home, 'cache', 'thumbnails', 'seen', name.slice(0, 2), `${name}.png`);
  return await cachedFile(cached, () => pictures.seen(picture, limits));
}

async function thumbnail({ home, pictures }: MediaSource, picture: ShownPicture, size: number): Promise<Uint8Array> {
  const name = nameOf(keyOf(picture));
  const cached = join(home, 'cache', 'thumbnails', String(size), name.slice(0, 2), `${name}.webp`);
  return await cachedFile(cached, () => pictures.thumbnail(picture, size));
}

function keyOf({ path, upright }: ShownPicture): string {
  return upright ? path : `${path}\0as stored`;
}

function nameOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Drawn once, even if it is asked for twice at the same time. */
async function cachedFile(cached: string, draw: () => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await readFile(cached);
  } catch {
    // Not drawn yet.
  }
  const pending = inFlight.get(cached) ?? drawFile(cached, draw).finally(() => inFlight.delete(cached));
  inFlight.set(cached, pending);
  return pending;
}

async function drawFile(cached: string, draw: () => Promise<Uint8Array>): Promise<Uint8Array> {
  const body = await draw();
  try {
    await mkdir(dirname(cached), { recursive: true });
    const aside = `${cached}.${randomUUID()}`;
    await writeFile(aside, body);
    await rename(aside, cached);
  } catch {
    // With a full disk the thumbnail is not cached, but still sent.
  }
  return body;
}

/** Detected from the first bytes, never from the name. SVG is not allowed as a sample's image. */
function mediaTypeOf(body: Uint8Array): string {
  const start = Buffer.from(body.subarray(0, 12)).toString('latin1');
  if (start.startsWith('\x89PNG')) return 'image/png';
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (start.startsWith('RIFF') && start.endsWith('WEBP')) return 'image/webp';
  if (start.startsWith('GIF8')) return 'image/gif';
  if (start.slice(4).startsWith('ftypavif')) return 'image/avif';
  return 'application/octet-stream';
}

function failure(status: 400 | 404, sentence: string): MediaAnswer {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: Buffer.from(`${sentence}\n`) };
}
