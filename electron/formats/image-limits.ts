/** @file Limits of every Qwen2-VL image processor, so that an import can refuse an image before a run fails. Pure. */

/** The model's processor refuses an image whose longer side exceeds the shorter one by more than this factor. */
export const MAX_ASPECT_RATIO = 200;

/** A sentence that says why an image of this size is too long and thin; null if it is not. */
export function tooThin(width: number, height: number): string | null {
  if (Math.max(height, width) / Math.min(height, width) <= MAX_ASPECT_RATIO) return null;
  return `An image of ${width} × ${height} pixels is too long and thin: the ratio of its sides must not exceed ${MAX_ASPECT_RATIO}.`;
}
