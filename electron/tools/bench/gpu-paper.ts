/**
 * @file What the kernels of a compiled step should take on three cards, on paper: the longer of bytes over bandwidth and operations over
 * rate, as the makers publish them. No card reaches either; a measurement can be held against it.
 */
import type { KernelCount } from '../../engine/runtime/wgsl/counts.ts';

interface Card {
  name: string;
  /** Bytes and float32 operations a second. */
  bandwidth: number;
  rate: number;
}

/** The makers' figures (docs/engine.md says where they were looked up): GB/s of memory and TFLOP/s in float32 without matrix units. The A770 is the one with 16 GB at 17.5 Gbit/s. */
const CARDS: readonly Card[] = [
  { name: 'GeForce RTX 4090', bandwidth: 1008e9, rate: 82.6e12 },
  { name: 'Radeon RX 7900 XTX', bandwidth: 960e9, rate: 61.4e12 },
  { name: 'Arc A770', bandwidth: 560e9, rate: 19.7e12 },
];

/** @param kernels of a whole step, by kind */
export function paperTable(work: string, kernels: ReadonlyMap<string, KernelCount>): string {
  const seconds = ({ bytes, operations }: KernelCount, { bandwidth, rate }: Card): number =>
    Math.max(bytes / bandwidth, operations / rate);
  const text = (value: number): string => `${(1000 * value).toFixed(2)} ms`;
  const rows = [...kernels]
    .sort(([, a], [, b]) => b.bytes - a.bytes)
    .map(([label, count]) => [label, String(count.dispatches), ...CARDS.map((card) => text(seconds(count, card)))]);
  const sums = CARDS.map((card) => text([...kernels.values()].reduce((sum, count) => sum + seconds(count, card), 0)));
  return [
    `### ${work}, compiled: the least that a step can take, on paper`,
    '',
    `| kernel | dispatches | ${CARDS.map(({ name }) => name).join(' | ')} |`,
    `| --- | ---: |${CARDS.map(() => ' ---: |').join('')}`,
    ...[...rows, ['together', '', ...sums]].map((row) => `| ${row.join(' | ')} |`),
    '',
  ].join('\n');
}
