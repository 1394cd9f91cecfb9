/** @file A share in words, written as the page writes it (English: 0.555 → “55.5%”). */

/** @param digits after the point */
export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)}%`;
}
