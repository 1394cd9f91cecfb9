/** @file The size at which Qwen2-VL sees an image (`smart_resize` in its image processor). */
import { AtelierError } from '../contract/errors/errors.ts';
import { tooThin } from './image-limits.ts';

export interface ResizeLimits {
  /** Side of one merged token in pixels: patch size × merge size (28). */
  readonly factor: number;
  readonly minPixels: number;
  readonly maxPixels: number;
}

/** Height and width in pixels. */
export interface Size {
  readonly height: number;
  readonly width: number;
}

/**
 * Rounds both sides to multiples of `factor`, keeps the number of pixels within the limits, and preserves the aspect
 * ratio as far as possible.
 * @throws AtelierError BAD_INPUT if one side is more than 200 times the other
 */
export function smartResize(size: Size, limits: ResizeLimits): Size {
  const { height, width } = size;
  const { factor, minPixels, maxPixels } = limits;
  if (!(Number.isInteger(height) && Number.isInteger(width) && height > 0 && width > 0)) {
    throw new AtelierError('BAD_INPUT', `An image of ${width} × ${height} pixels cannot be used.`);
  }
  const thin = tooThin(width, height);
  if (thin !== null) throw new AtelierError('BAD_INPUT', thin, { remedy: 'Crop the image.' });
  const rounded = {
    height: roundHalfToEven(height / factor) * factor,
    width: roundHalfToEven(width / factor) * factor,
  };
  if (rounded.height * rounded.width > maxPixels) {
    const shrink = Math.sqrt((height * width) / maxPixels);
    return {
      height: Math.max(factor, Math.floor(height / shrink / factor) * factor),
      width: Math.max(factor, Math.floor(width / shrink / factor) * factor),
    };
  }
  if (rounded.height * rounded.width < minPixels) {
    const grow = Math.sqrt(minPixels / (height * width));
    return {
      height: Math.ceil((height * grow) / factor) * factor,
      width: Math.ceil((width * grow) / factor) * factor,
    };
  }
  return rounded;
}

/** Nearest integer, with halves to even, like Python's `round` and unlike `Math.round`. */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
