/**
 * @file Numbers, times and sizes as text, in the language of the page. In English they are written as the reporting kit
 * writes them, so that page, terminal and reports agree.
 */
import { bytes, percent, points } from '../../../electron/reporting/figures.ts';
import { language, type Language } from '../messages/language.ts';

const dash = '–';
const second = 1000;

/** Every format in one language. */
export function formatsIn(locale: Language) {
  const integer = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const exact = new Intl.NumberFormat(locale);
  const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
  const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const signed = new Intl.NumberFormat(locale, {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
    signDisplay: 'exceptZero',
  });

  /** A figure of the reporting kit, which groups nothing, with the marks of this language. */
  const ofKit = (text: string): string => (locale === 'de' ? text.replace('.', ',').replace('%', '\u00a0%') : text);

  /** A number with exactly `decimals` decimal places. */
  const fixed = (value: number, decimals: number): string =>
    new Intl.NumberFormat(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(value);

  /** 75 → “1 min 15 s”; at most two units, so that a countdown does not change length every second. */
  function formatSeconds(seconds: number | null | undefined): string {
    if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return dash;
    if (seconds === 0) return '0 s';
    if (seconds > 0 && seconds < 0.05) return `< ${fixed(0.1, 1)} s`;
    if (seconds < 10) return `${fixed(seconds, 1)} s`;
    const whole = Math.round(seconds);
    if (whole < 60) return `${String(whole)} s`;
    const minutes = Math.floor(whole / 60);
    if (minutes < 60) return `${String(minutes)} min ${String(whole % 60).padStart(2, '0')} s`;
    const hours = Math.floor(minutes / 60);
    if (hours < 48) return `${String(hours)} h ${String(minutes % 60).padStart(2, '0')} min`;
    return `${String(Math.floor(hours / 24))} d ${String(hours % 24)} h`;
  }

  return {
    formatCount: (value: number): string => integer.format(value),

    /** The mark of an axis, with as many decimals as it has. */
    formatTick: (value: number): string => exact.format(value),

    /** With its sign and two decimals: “+0.25”; nothing has none. */
    formatSigned: (value: number): string => signed.format(value),

    /** A measured value with a fixed number of significant digits, so that a column keeps its width. */
    formatValue(value: number | null | undefined, digits = 3): string {
      if (value === null || value === undefined || !Number.isFinite(value)) return dash;
      const size = Math.abs(value);
      if (size !== 0 && (size < 1e-3 || size >= 1e6)) return ofKit(value.toExponential(digits - 2));
      const decimals = size >= 100 ? 1 : size >= 10 ? 2 : digits;
      return fixed(value, decimals);
    },

    /** A setting as you would type it: 0.04, 1e-3, 16. */
    formatSetting(value: number, digits = 6): string {
      if (value !== 0 && Math.abs(value) < 1e-3) return ofKit(Number(value.toPrecision(digits)).toExponential());
      return new Intl.NumberFormat(locale, { maximumSignificantDigits: digits, useGrouping: false }).format(value);
    },

    formatShare: (value: number | null | undefined): string => ofKit(percent(value)),

    /** A difference between two shares in points, with its sign: 0.23 → “+23.0”. */
    formatPoints: (share: number): string => ofKit(points(share)),

    formatSeconds,

    /** What is left of a wait: the last second is not counted in tenths. */
    formatTimeLeft: (seconds: number | null | undefined): string =>
      typeof seconds === 'number' && seconds < 1 ? '< 1 s' : formatSeconds(seconds),

    /** Avoids false precision: whole minutes from two minutes up, tens of minutes from two hours up. From an hour up, with hours. */
    formatRoughSeconds(seconds: number): string {
      if (seconds < 10) return `${String(Math.ceil(seconds))} s`;
      if (seconds < 120) return `${String(Math.round(seconds / 10) * 10)} s`;
      const minutes = Math.round(seconds / 60);
      if (minutes < 60) return `${String(minutes)} min`;
      if (minutes < 120) return formatSeconds(minutes * 60);
      return formatSeconds(Math.round(minutes / 10) * 600);
    },

    formatBytes: (size: number | null | undefined): string => ofKit(bytes(size)),

    /** 4060000 → “4.1M”. */
    formatLarge: (value: number): string => compact.format(value),

    formatDate: (iso: string): string => dateTime.format(new Date(iso)),

    /** “3 minutes ago”, relative to `now`. */
    formatAgo(iso: string, now: Date = new Date()): string {
      const seconds = (new Date(iso).getTime() - now.getTime()) / second;
      const steps: [Intl.RelativeTimeFormatUnit, number][] = [
        ['day', 86_400],
        ['hour', 3600],
        ['minute', 60],
      ];
      for (const [unit, size] of steps) {
        if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
      }
      return relative.format(0, 'second');
    },
  };
}

export const {
  formatAgo,
  formatBytes,
  formatCount,
  formatDate,
  formatLarge,
  formatPoints,
  formatRoughSeconds,
  formatSeconds,
  formatSetting,
  formatShare,
  formatSigned,
  formatTick,
  formatTimeLeft,
  formatValue,
} = formatsIn(language);
