/** @file Decodes image files to 8-bit sRGB pixels as Pillow's `Image.open(…).convert("RGB")` does, within bounds. */
import { open, readFile, stat, type FileHandle } from 'node:fs/promises';
import { decode as decodeBitmap } from 'bmp-ts';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { AtelierError } from '../contract/errors/errors.ts';
import { existsFile, readError } from './files.ts';
import { unreadableImage } from './unreadable-image.ts';

export interface ImageProbe {
  /** As stored, before any EXIF rotation. */
  readonly width: number;
  readonly height: number;
  /** For example `png`, `jpeg` or `webp`. */
  readonly format: string;
  /** More than 1 for animations and multi-page files. */
  readonly pages: number;
  readonly hasAlpha: boolean;
  /** EXIF orientation 1…8; 1 if none is given. */
  readonly orientation: number;
}

export interface DecodedImage extends ImageProbe {
  /** Three bytes per pixel, row-major. */
  readonly rgb: Uint8Array;
  /** The XMP packet as stored in the container. */
  readonly xmp: Uint8Array | undefined;
  readonly hasExifOrIptc: boolean;
}

export interface DecodeOptions {
  /** Images with more pixels are refused before they are decoded. */
  readonly maxPixels?: number;
  /**
   * Rotates the image by its EXIF orientation, as do `ImageOps.exif_transpose`, every viewer, transformers'
   * `load_image` and datasets' `Image`. False: the pixels as stored.
   */
  readonly autoOrient?: boolean;
  /** The image's name in errors if it is given as bytes. */
  readonly name?: string;
}

// libvips caches results by file name, so a replaced file would return its old pixels.
sharp.cache(false);

export const DEFAULT_MAX_IMAGE_PIXELS = 64_000_000;

/** Four bytes for each pixel of the largest picture, and room for its header and padding. */
const MAX_BITMAP_BYTES = 4 * DEFAULT_MAX_IMAGE_PIXELS + 64 * 1024 * 1024;

const FORMATS = new Set(['png', 'jpeg', 'webp', 'gif', 'tiff', 'avif', 'bmp']);

/** Remedies for common image formats that cannot be read. */
const REMEDIES: Record<string, string> = {
  raw: 'Develop it in the program that you use for raw files, and export it as JPEG or PNG.',
  heif: 'Open it in Photos (macOS, Windows) or another image program and export it as JPEG; on an iPhone, set Camera > Formats to "Most Compatible" for new photographs.',
};

/**
 * Reads an image's size and kind from its header alone.
 * @throws AtelierError NOT_FOUND for a missing file, BAD_INPUT for anything that is not a readable image
 */
export async function probeImage(
  source: string | Uint8Array,
  options: Pick<DecodeOptions, 'name'> = {},
): Promise<ImageProbe> {
  return (await openImage(source, options)).probe;
}

/**
 * The first frame of an image as 8-bit RGB. Alpha is dropped (not blended), grey is repeated, palettes are looked up
 * and colour profiles are not applied, all as in Pillow, so a model sees the same pixels in both. CMYK is
 * converted with Pillow's plain formula; 16-bit channels keep their upper 8 bits (Pillow clips 16-bit grey to white).
 * @throws AtelierError NOT_FOUND or BAD_INPUT naming the file: unreadable, truncated, or above `maxPixels`
 */
export async function decodeImage(source: string | Uint8Array, options: DecodeOptions = {}): Promise<DecodedImage> {
  const { probe, metadata, name, read } = await openImage(source, options);
  refuseTooLarge(probe, name, options.maxPixels);
  try {
    const pixels = await read(options.autoOrient === true);
    if (pixels.rgb.length !== pixels.width * pixels.height * 3) throw bad(name, 'did not decode to three channels');
    return {
      ...probe,
      ...pixels,
      xmp: metadata.xmp,
      // A TIFF is its own EXIF: it has no separate block.
      hasExifOrIptc: metadata.exif !== undefined || metadata.iptc !== undefined || probe.format === 'tiff',
    };
  } catch (cause) {
    throw cause instanceof AtelierError ? cause : unreadable(name, cause);
  }
}

/** @throws AtelierError BAD_INPUT if an image has more pixels than are decoded, as its header states */
export function refuseTooLarge(
  { width, height }: Pick<ImageProbe, 'width' | 'height'>,
  name: string,
  maxPixels = DEFAULT_MAX_IMAGE_PIXELS,
): void {
  if (width * height <= maxPixels) return;
  throw bad(
    name,
    `has ${width} × ${height} pixels, above the limit of ${maxPixels}`,
    'Make the image smaller. Models see far fewer pixels than that.',
  );
}

type Pixels = Pick<DecodedImage, 'width' | 'height' | 'rgb'>;

async function readRgb(image: Sharp): Promise<Pixels> {
  // Dropping alpha keeps the colours under it; toColourspace by itself expands grey to RGB and reduces 16 bits to 8.
  const { data, info } = await image.removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgb: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}

/** Pillow's conversion: each ink absorbs its share of the light that black leaves. */
async function readCmyk(image: Sharp): Promise<Pixels> {
  const { data, info } = await image
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const count = info.width * info.height;
  const rgb = new Uint8Array(count * 3);
  if (info.channels < 4) return { width: info.width, height: info.height, rgb: new Uint8Array() };
  for (let pixel = 0; pixel < count; pixel++) {
    const from = pixel * info.channels;
    const light = 255 - data[from + 3]!;
    for (let ink = 0; ink < 3; ink++) {
      const product = data[from + ink]! * light + 128; // ink × light / 255, rounded
      rgb[pixel * 3 + ink] = Math.max(0, light - (((product >> 8) + product) >> 8));
    }
  }
  return { width: info.width, height: info.height, rgb };
}

interface OpenedImage {
  readonly probe: ImageProbe;
  readonly metadata: Pick<Metadata, 'xmp' | 'exif' | 'iptc'>;
  readonly name: string;
  /** Decodes the pixels, rotated by the EXIF orientation if requested. */
  read(autoOrient: boolean): Promise<Pixels>;
}

async function openImage(source: string | Uint8Array, options: Pick<DecodeOptions, 'name'>): Promise<OpenedImage> {
  const name = options.name ?? (typeof source === 'string' ? source : 'The image');
  if (typeof source === 'string' && !(await existsFile(source))) {
    throw new AtelierError('NOT_FOUND', `${name} does not exist.`, { place: { file: name } });
  }
  const kind = kindOf(await firstBytes(source));
  if (kind === null) throw unreadable(name, new Error('it is empty or of no known kind'));
  // Only known formats reach the decoders: an SVG or a PDF is closer to a program than to a picture.
  if (!FORMATS.has(kind))
    throw bad(
      name,
      `is a file of the format "${kind}", which is not supported`,
      REMEDIES[kind] ?? 'Save it as PNG, JPEG or WebP.',
    );
  if (kind === 'bmp') return await openBitmap(source, name);
  let image: Sharp;
  let metadata: Metadata;
  try {
    // A truncated file is an error, not a half-grey picture. decodeImage checks the number of pixels itself.
    image = sharp(source, { failOn: 'truncated', limitInputPixels: false, pages: 1, ignoreIcc: true });
    metadata = await image.metadata();
  } catch (cause) {
    throw unreadable(name, cause);
  }
  const { width, height } = metadata;
  const format = metadata.format === 'heif' ? kind : metadata.format;
  if (!FORMATS.has(format)) {
    throw bad(name, `is a file of the format "${format}", which is not supported`, 'Save it as PNG, JPEG or WebP.');
  }
  return {
    metadata,
    name,
    read: (autoOrient) => {
      const oriented = autoOrient ? image.autoOrient() : image;
      return metadata.space === 'cmyk' ? readCmyk(oriented) : readRgb(oriented);
    },
    probe: {
      width,
      height: metadata.pageHeight ?? height,
      format,
      pages: metadata.pages ?? 1,
      hasAlpha: metadata.hasAlpha,
      orientation: metadata.orientation ?? 1,
    },
  };
}

/** Windows bitmaps, which libvips does not read. Alpha and the unused fourth byte are dropped, as Pillow does. */
async function openBitmap(source: string | Uint8Array, name: string): Promise<OpenedImage> {
  const fileBytes = typeof source === 'string' ? (await stat(source)).size : source.length;
  const { width, height } = bitmapSize(await firstBytes(source), fileBytes, name);
  const probe = { width, height, format: 'bmp', pages: 1, hasAlpha: false, orientation: 1 };
  const read = async (): Promise<Pixels> => {
    if (fileBytes > MAX_BITMAP_BYTES) throw bad(name, `has ${fileBytes} bytes, far more than its pixels need`);
    // Four bytes per pixel: alpha, blue, green, red.
    const { data } = decodeBitmap(typeof source === 'string' ? await readFile(source) : Buffer.from(source));
    if (data.length !== width * height * 4) throw new Error('its pixels are not complete');
    const rgb = new Uint8Array(width * height * 3);
    for (let pixel = 0; pixel < width * height; pixel++)
      for (let channel = 0; channel < 3; channel++) rgb[pixel * 3 + channel] = data[pixel * 4 + 3 - channel]!;
    return { width, height, rgb };
  };
  return { metadata: {}, name, probe, read };
}

/** Reads the size from the header before decoding, because the decoder allocates whatever the header claims. */
function bitmapSize(start: Buffer, fileBytes: number, name: string): { width: number; height: number } {
  if (start.length < 54 || start.readUInt32LE(14) < 40) throw unreadable(name, new Error('its header is not complete'));
  const [width, height] = [start.readInt32LE(18), Math.abs(start.readInt32LE(22))];
  const [bits, compression] = [start.readUInt16LE(28), start.readUInt32LE(30)];
  const rowBytes = Math.ceil((width * bits) / 32) * 4;
  const isPacked = compression === 1 || compression === 2;
  if (width <= 0 || height === 0 || (!isPacked && start.readUInt32LE(10) + rowBytes * height > fileBytes))
    throw unreadable(name, new Error('its pixels are not complete'));
  return { width, height };
}

async function firstBytes(source: string | Uint8Array): Promise<Buffer> {
  if (typeof source !== 'string') return Buffer.from(source.buffer, source.byteOffset, Math.min(512, source.length));
  let handle: FileHandle;
  try {
    handle = await open(source);
  } catch (cause) {
    throw readError(source, cause);
  }
  try {
    const buffer = Buffer.alloc(512);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Detects a file's format from its first bytes, never from its name; null if it is unknown. */
function kindOf(start: Buffer): string | null {
  const text = start.toString('latin1');
  if (text.startsWith('\x89PNG\r\n')) return 'png';
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'webp';
  if (text.startsWith('GIF8')) return 'gif';
  if (/^(?:FUJIFILMCCD-RAW|IIR[OS]|MMOR|IIU\0|FOVb)/.test(text) || text.startsWith('ftypcrx', 4)) return 'raw';
  if (/^(?:II[*+]\0|MM\0[*+])/.test(text)) return isRawTiff(start) ? 'raw' : 'tiff';
  if (text.slice(4, 8) === 'ftyp') return /avi[fs]/.test(text.slice(8, 64)) ? 'avif' : 'heif';
  if (text.startsWith('%PDF')) return 'pdf';
  if (text.startsWith('BM')) return 'bmp';
  return /<svg[\s>]|<\?xml|<!DOCTYPE svg/i.test(start.toString('utf8').replaceAll('\0', '')) ? 'svg' : null;
}

/**
 * Most raw files of cameras are TIFFs whose first picture is a small preview (NewSubfileType 1), or carry DNG's version
 * or Canon's mark. Read as an ordinary TIFF, the preview would pass for the photograph.
 */
function isRawTiff(start: Buffer): boolean {
  if (start.toString('latin1', 8, 10) === 'CR') return true;
  const little = start[0] === 0x49;
  const short = (at: number): number => (little ? start.readUInt16LE(at) : start.readUInt16BE(at));
  const long = (at: number): number => (little ? start.readUInt32LE(at) : start.readUInt32BE(at));
  if (start.length < 10) return false;
  const directory = long(4);
  if (directory + 2 > start.length) return false;
  for (let entry = 0; entry < short(directory); entry++) {
    const at = directory + 2 + 12 * entry;
    if (at + 12 > start.length) return false;
    const tag = short(at);
    if (tag === NEW_SUBFILE_TYPE && (long(at + 8) & 1) === 1) return true;
    if (tag === DNG_VERSION) return true;
  }
  return false;
}

/** Tags of TIFF 6.0 and DNG 1.7. */
const NEW_SUBFILE_TYPE = 254;
const DNG_VERSION = 50706;

function bad(name: string, why: string, remedy?: string): AtelierError {
  return new AtelierError('BAD_INPUT', `${name} ${why}.`, {
    place: { file: name },
    ...(remedy === undefined ? {} : { remedy }),
  });
}

function unreadable(name: string, cause: unknown): AtelierError {
  const why = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]!.trim();
  return unreadableImage(name, why, cause);
}
