/** @file What the studio may ask about a picture. Only small answers come back: never the pixels of a photograph. */
import type { PixelLimits } from '../contract/model/detail.ts';
import type { TaskStarter } from '../contract/model/primitives.ts';
import type { DecodedImage } from '../formats/image-decode.ts';
import type { PerceptualHash } from '../formats/perceptual-hash.ts';

export type ExaminedPicture = Omit<DecodedImage, 'rgb'> & {
  look: PerceptualHash;
  /** SHA-256 (hex) of the picture without its metadata: equal for files with the same pixels. */
  pixels: string;
};

export type ShownPicture = {
  path: string;
  /** Whether to turn the picture according to its EXIF orientation; false: show it as stored. */
  upright: boolean;
};

/** What lies over a picture: RGBA pixels, one for each cell, row by row. */
export type Veil = { rows: number; columns: number; rgba: Uint8Array };

export interface Pictures {
  /**
   * Decodes a picture once, to the end, and says what it is.
   * @param source the file, or its bytes
   * @param name the picture's name in errors
   * @throws AtelierError NOT_FOUND, or BAD_INPUT naming the picture if it cannot be read
   */
  examine(source: string | Uint8Array, name: string): Promise<ExaminedPicture>;
  /** A small WebP of the picture with a longer side of at most `size` pixels. */
  thumbnail(picture: ShownPicture, size: number): Promise<Uint8Array>;
  /**
   * The whole picture as PNG if a browser would not show its file as a model sees it: a bitmap, or a photograph that is
   * used as stored although its EXIF data asks for rotation. Null if the file itself can be shown.
   */
  redrawn(picture: ShownPicture): Promise<Uint8Array | null>;
  /**
   * The picture as a model sees it, turned and resized by the code that the engine uses, as PNG, which loses nothing.
   * @param limits of the model's image processor, with the limit that applies
   */
  seen(picture: ShownPicture, limits: PixelLimits): Promise<Uint8Array>;
  /** The picture as PNG with the veil stretched over it, without smoothing. A small picture is enlarged, so that its cells show. */
  veiled(picture: ShownPicture, veil: Veil): Promise<Uint8Array>;
  /**
   * Draws the example dataset of a learning task as a folder that can be imported.
   * @param artFolder the icons with their catalogue
   */
  drawExample(task: TaskStarter, artFolder: string, folder: string): Promise<void>;
  /** The versions of the decoder, and of the Node that runs it. */
  decoder(): Promise<{ sharp: string; libvips: string; node: string }>;
  close(): Promise<void>;
}

/** The calls that cross to the picture process. */
export type PictureWork = Omit<Pictures, 'close'>;
