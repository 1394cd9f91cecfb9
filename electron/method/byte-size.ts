/** @file How sizes in bytes are written, on every screen and in every message. Pure. */

const DASH = '–';
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** A size in powers of 1024 with the unit's binary name: `1.4 GiB`. One decimal below 100, none above. */
export function bytes(size: number | null | undefined): string {
  if (size === null || size === undefined || !Number.isFinite(size)) return DASH;
  let [value, unit] = [size, 0];
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(unit === 0 || value >= 100 ? 0 : 1)} ${UNITS[unit] ?? 'B'}`;
}

/** How much of a size is done, with the unit once if both have it: `1.2 of 4.4 GiB`. */
export function bytesOf(done: number, total: number): string {
  const [part, whole] = [bytes(done), bytes(total)];
  const [value, unit] = part.split(' ');
  return `${whole.endsWith(` ${unit ?? ''}`) ? (value ?? part) : part} of ${whole}`;
}
