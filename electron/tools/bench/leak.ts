/** @file Does resident memory grow as steps continue? Pure. */
import { fitLine } from './least-squares.ts';

export interface LeakReport {
  steps: number;
  /** Initial steps that are skipped while buffers reach their full size. */
  settled: number;
  /** Bytes per 1,000 steps, and the half width of its 95 % interval. */
  bytesPerThousandSteps: number;
  marginBytes: number;
  firstBytes: number;
  lastBytes: number;
  peakBytes: number;
  /** True if the growth is indistinguishable from zero, or below one percent of resident memory per 1,000 steps. */
  flat: boolean;
  /** Means of consecutive steps, for a chart: [step, bytes]. */
  curve: [number, number][];
}

const BLOCKS = 20;
/** Growth below this share of resident memory per 1,000 steps counts as flat. */
const NEGLIGIBLE_SHARE = 0.01;

/**
 * A line through the means of 20 blocks of steps (neighbouring steps are not independent, blocks nearly are).
 * @param residentBytes after each step, in order; at least 40
 */
export function leakReport(residentBytes: readonly number[]): LeakReport {
  const settled = Math.floor(residentBytes.length / 10);
  const kept = residentBytes.slice(settled);
  const size = Math.floor(kept.length / BLOCKS);
  if (size < 2) throw new RangeError('A leak check needs at least 40 steps.');
  const curve = Array.from({ length: BLOCKS }, (_, block): [number, number] => {
    const part = kept.slice(block * size, (block + 1) * size);
    return [settled + (block + 0.5) * size, part.reduce((sum, bytes) => sum + bytes, 0) / part.length];
  });
  const line = fitLine(curve);
  const growth = line.slope * 1000;
  const margin = line.slopeMargin * 1000;
  const last = residentBytes.at(-1) ?? 0;
  return {
    steps: residentBytes.length,
    settled,
    bytesPerThousandSteps: growth,
    marginBytes: margin,
    firstBytes: residentBytes[0] ?? 0,
    lastBytes: last,
    peakBytes: residentBytes.reduce((most, bytes) => Math.max(most, bytes), 0),
    flat: growth - margin <= 0 || growth < NEGLIGIBLE_SHARE * last,
    curve,
  };
}
