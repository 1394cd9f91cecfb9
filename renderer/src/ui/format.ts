/** @file Numbers, times and sizes as text. The reporting kit's formats keep page, terminal and reports consistent. */
import { bytes, percent, points } from '../../../electron/reporting/figures.ts';

const locale = 'en';
const integer = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
const dash = '–';

/** A number with exactly `decimals` decimal places. */
function fixed(value: number, decimals: number): string {
  return new Intl.NumberFormat(locale, {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(value);
}

export function formatCount(value: number): string {
  return integer.format(value);
}

/** A measured value with a fixed number of significant digits, so that a column keeps its width. */
export function formatValue(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return dash;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(digits - 2);
  const decimals = size >= 100 ? 1 : size >= 10 ? 2 : digits;
  return fixed(value, decimals);
}

/** A setting as you would type it: 0.04, 1e-3, 16. */
export function formatSetting(value: number, digits = 6): string {
  if (value !== 0 && Math.abs(value) < 1e-3) return Number(value.toPrecision(digits)).toExponential();
  return new Intl.NumberFormat(locale, { maximumSignificantDigits: digits, useGrouping: false }).format(value);
}

export function formatShare(value: number | null | undefined): string {
  return percent(value);
}

/** A difference between two shares in points, with its sign: 0.23 → “+23.0”. */
export function formatPoints(share: number): string {
  return points(share);
}

/** 75 → “1 min 15 s”; at most two units, so that a countdown does not change length every second. */
export function formatSeconds(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return dash;
  if (seconds < 10) return `${fixed(seconds, 1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${String(whole)} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${String(minutes)} min ${String(whole % 60).padStart(2, '0')} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${String(hours)} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${String(Math.floor(hours / 24))} d ${String(hours % 24)} h`;
}

/** Avoids false precision: whole minutes from two minutes up, tens of minutes from two hours up. */
export function formatRoughSeconds(seconds: number): string {
  if (seconds < 10) return `${String(Math.ceil(seconds))} s`;
  if (seconds < 120) return `${String(Math.round(seconds / 10) * 10)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${String(minutes)} min`;
  return formatSeconds(Math.round(minutes / 10) * 600);
}

export function formatBytes(size: number | null | undefined): string {
  return bytes(size);
}

/** 4060000 → “4.1 M”. */
export function formatLarge(value: number): string {
  return new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 }).format(value);
}

export function formatDate(iso: string): string {
  return dateTime.format(new Date(iso));
}

/** “3 minutes ago”, relative to `now`. */
export function formatAgo(iso: string, now: Date = new Date()): string {
  const seconds = (new Date(iso).getTime() - now.getTime()) / 1000;
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ];
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return relative.format(0, 'second');
}
