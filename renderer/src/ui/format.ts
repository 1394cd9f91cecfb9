/** @file Numbers, times and sizes as text, by Intl; one place so that every screen writes them alike. */

const locale = 'en';
const integer = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
const dash = '–';

/** A number with exactly so many decimals. */
function fixed(value: number, decimals: number): string {
  return new Intl.NumberFormat(locale, {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(value);
}

export function formatCount(value: number): string {
  return integer.format(value);
}

/** A measured value with a fixed number of significant digits, so that a column of them keeps its width. */
export function formatValue(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return dash;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(digits - 2);
  const decimals = size >= 100 ? 1 : size >= 10 ? 2 : digits;
  return fixed(value, decimals);
}

/** A setting as a person would type it: 0.04, 1e-3, 16. */
export function formatSetting(value: number, digits = 6): string {
  if (value !== 0 && Math.abs(value) < 1e-3) return Number(value.toPrecision(digits)).toExponential();
  return new Intl.NumberFormat(locale, { maximumSignificantDigits: digits, useGrouping: false }).format(value);
}

export function formatShare(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? dash : percent.format(value);
}

/** A difference of two shares in points, with its sign: 0.23 → “+23.0”. */
export function formatPoints(share: number): string {
  if (!Number.isFinite(share)) return dash;
  const text = fixed(Math.abs(share * 100), 1);
  if (text === fixed(0, 1)) return text;
  return `${share > 0 ? '+' : '−'}${text}`;
}

/** 75 → “1 min 15 s”; at most two units, so that a countdown does not change its length every second. */
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

/** An estimate claims no more than it knows: whole minutes from two minutes on, tens of minutes from two hours on. */
export function formatRoughSeconds(seconds: number): string {
  if (seconds < 10) return `${String(Math.ceil(seconds))} s`;
  if (seconds < 120) return `${String(Math.round(seconds / 10) * 10)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${String(minutes)} min`;
  return formatSeconds(Math.round(minutes / 10) * 600);
}

export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return dash;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${fixed(value, unit === 0 || value >= 100 ? 0 : 1)} ${units[unit] ?? 'B'}`;
}

/** 4060000 → “4.1 M”. */
export function formatLarge(value: number): string {
  return new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 }).format(value);
}

export function formatDate(iso: string): string {
  return dateTime.format(new Date(iso));
}

/** “3 minutes ago”, seen from `now`. */
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
