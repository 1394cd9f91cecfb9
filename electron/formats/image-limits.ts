/** @file What no Qwen2-VL image processor takes, so that an import can say it before a run meets it. Pure. */

/** Beyond this ratio of the longer to the shorter side the model's processor refuses an image. */
export const MAX_ASPECT_RATIO = 200;

/** Why an image of this size is too long and thin to be seen, as a sentence; null when it is not. */
export function tooThin(width: number, height: number): string | null {
  if (Math.max(height, width) / Math.min(height, width) <= MAX_ASPECT_RATIO) return null;
  return `An image of ${width} × ${height} pixels is too long and thin: the ratio of its sides must not exceed ${MAX_ASPECT_RATIO}.`;
}
