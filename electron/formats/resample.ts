/**
 * @file Resizing of 8-bit RGB, equal byte for byte to Pillow's `Image.resize` with BICUBIC and LANCZOS.
 * The algorithm is that of Pillow's Resample.c (MIT-CMU licence): support widened by the
 * scale when shrinking, 22-bit fixed-point weights, horizontal pass first, 8 bits after each pass.
 */

/** 8-bit RGB, row-major, three bytes per pixel. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

const CHANNELS = 3;
/** 32-bit sums, minus 8 bits for a pixel and 2 bits for the overshoot of the filter. */
const PRECISION_BITS = 22;

interface Filter {
  /** Distance beyond which the weight is zero, in pixels of the smaller size. */
  readonly support: number;
  weight(offset: number): number;
}

interface Weights {
  /** First source index of each output index. */
  readonly first: Int32Array;
  /** How many source values each output index takes. */
  readonly count: Int32Array;
  /** `stride` fixed-point weights for each output index. */
  readonly fixed: Int32Array;
  readonly stride: number;
}

/** The image at `width` × `height`. A side that does not change is not resampled, as in Pillow. */
export function resizeBicubic(image: RgbImage, width: number, height: number): RgbImage {
  return resize(image, width, height, BICUBIC);
}

/** The same with Pillow's LANCZOS. */
export function resizeLanczos(image: RgbImage, width: number, height: number): RgbImage {
  return resize(image, width, height, LANCZOS);
}

function resize(image: RgbImage, width: number, height: number, filter: Filter): RgbImage {
  let { rgb } = image;
  if (width !== image.width) rgb = resizeRows(rgb, image.width, image.height, width, filter);
  if (height !== image.height) rgb = resizeColumns(rgb, width, image.height, height, filter);
  return { width, height, rgb };
}

function resizeRows(source: Uint8Array, width: number, height: number, newWidth: number, filter: Filter): Uint8Array {
  const { first, count, fixed, stride } = weightsFor(width, newWidth, filter);
  const target = new Uint8Array(newWidth * height * CHANNELS);
  for (let y = 0; y < height; y++) {
    const row = y * width * CHANNELS;
    let out = y * newWidth * CHANNELS;
    for (let x = 0; x < newWidth; x++) {
      let r = 1 << (PRECISION_BITS - 1);
      let g = r;
      let b = r;
      const weight = x * stride;
      let from = row + first[x]! * CHANNELS;
      for (let k = 0; k < count[x]!; k++, from += CHANNELS) {
        const w = fixed[weight + k]!;
        r += source[from]! * w;
        g += source[from + 1]! * w;
        b += source[from + 2]! * w;
      }
      target[out++] = toByte(r);
      target[out++] = toByte(g);
      target[out++] = toByte(b);
    }
  }
  return target;
}

function resizeColumns(
  source: Uint8Array,
  width: number,
  height: number,
  newHeight: number,
  filter: Filter,
): Uint8Array {
  const { first, count, fixed, stride } = weightsFor(height, newHeight, filter);
  const rowBytes = width * CHANNELS;
  const target = new Uint8Array(newHeight * rowBytes);
  const sums = new Int32Array(rowBytes);
  for (let y = 0; y < newHeight; y++) {
    sums.fill(1 << (PRECISION_BITS - 1));
    for (let k = 0; k < count[y]!; k++) {
      const w = fixed[y * stride + k]!;
      const from = (first[y]! + k) * rowBytes;
      for (let i = 0; i < rowBytes; i++) sums[i]! += source[from + i]! * w;
    }
    const out = y * rowBytes;
    for (let i = 0; i < rowBytes; i++) target[out + i] = toByte(sums[i]!);
  }
  return target;
}

function toByte(sum: number): number {
  const value = sum >> PRECISION_BITS;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

function weightsFor(inSize: number, outSize: number, filter: Filter): Weights {
  const scale = inSize / outSize;
  const filterScale = Math.max(scale, 1);
  const support = filter.support * filterScale;
  const stride = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(outSize);
  const count = new Int32Array(outSize);
  const fixed = new Int32Array(outSize * stride);
  const weights = new Float64Array(stride);
  for (let out = 0; out < outSize; out++) {
    const center = (out + 0.5) * scale;
    const low = Math.max(0, Math.trunc(center - support + 0.5));
    const n = Math.min(inSize, Math.trunc(center + support + 0.5)) - low;
    // As in C: multiply by the inverse rather than divide, so the last bits agree.
    const inverse = 1 / filterScale;
    let total = 0;
    for (let k = 0; k < n; k++) {
      const w = filter.weight((k + low - center + 0.5) * inverse);
      weights[k] = w;
      total += w;
    }
    first[out] = low;
    count[out] = n;
    for (let k = 0; k < n; k++) {
      const w = total === 0 ? weights[k]! : weights[k]! / total;
      fixed[out * stride + k] = Math.trunc(w * (1 << PRECISION_BITS) + (w < 0 ? -0.5 : 0.5));
    }
  }
  return { first, count, fixed, stride };
}

const BICUBIC: Filter = { support: 2, weight: bicubic };
const LANCZOS: Filter = { support: 3, weight: lanczos };

/** Keys' cubic with a = -0.5. */
function bicubic(offset: number): number {
  const a = -0.5;
  const x = Math.abs(offset);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/** A sinc windowed by a sinc three times as wide. */
function lanczos(offset: number): number {
  return offset >= -3 && offset < 3 ? sinc(offset) * sinc(offset / 3) : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}
