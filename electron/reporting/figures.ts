/**
 * @file Figures in words, written the same way everywhere: terminal, page, reports and documents. The rules are in
 * docs/development.md, "How figures are written".
 */

const DASH = '–';

/**
 * A share as a percentage: 0.55 → `55%`, 0.555 → `55.5%`. A trailing zero is dropped.
 *
 * @param digits at most this many decimals
 */
export function percent(share: number | null | undefined, digits = 1): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return DASH;
  return `${decimal(100 * share, digits)}%`;
}

/** A relative difference as a signed whole percentage: −0.034 → `−3%`. */
export function signedPercent(share: number): string {
  const text = percent(share, 0);
  return share > 0 && text !== '0%' ? `+${text}` : text;
}

/** A difference of two shares in percentage points, signed, with one decimal: 0.045 → `+4.5`. No sign where it rounds to 0. */
export function points(difference: number): string {
  if (!Number.isFinite(difference)) return DASH;
  const text = Math.abs(100 * difference).toFixed(1);
  return text === '0.0' ? text : `${difference < 0 ? '−' : '+'}${text}`;
}

/** `p = 0.035`, or `p < 0.001`. */
export function pValue(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`;
}

/** `4.2 s`, `45 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Sizes are written as the engine's messages write them, which may import no more than the method. */
export { bytes } from '../method/byte-size.ts';

/** Three significant digits with separators, never as a power of ten: `0.0123`, `45.7`, `1,235`. */
export function figure(value: number): string {
  if (value === 0) return '0';
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString('en', { maximumFractionDigits: Math.min(decimals, 6) });
}

/** A number with at most so many decimals and no trailing zeros; a true minus sign. */
export function decimal(value: number, digits: number): string {
  const rounded = Number(value.toFixed(digits));
  return (Object.is(rounded, -0) ? '0' : String(rounded)).replace('-', '−');
}
