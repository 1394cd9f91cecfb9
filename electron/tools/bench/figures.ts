/** @file Figures that follow from the results: phases, minima, ratios, shares of the peak. Pure. */
import type { StepTiming } from './engine-process.ts';
import {
  decodedWeights,
  flopsOf,
  grpoProducts,
  repeatedFlops,
  supervisedProducts,
  type Phase,
  type Product,
} from './flops.ts';
import { shapeKey, shapeOf } from './product-shapes.ts';
import { partOf, type Comparison, type PeerSide, type Results } from './results.ts';
import type { BenchModel } from './works.ts';

export interface Spread {
  best: number;
  median: number;
  count: number;
}

/** Smallest value and median; NaN if there are none. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { best: sorted[0] ?? NaN, median: sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN, count: sorted.length };
}

export type PhaseSeconds = Record<Phase, number> & { rest: number };

/** One step by phase. Time between the phases (rewards, text, feeding) is `rest`. */
export function phasesOf(step: StepTiming): PhaseSeconds {
  const entry = (name: string): number => step.entries[name]?.seconds ?? 0;
  const encode = entry('encode');
  const prefill = entry('prefill');
  // Models that run block by block have entries per block; their reference time is the scoring time.
  const reference = entry('reference') || step.score;
  const phases = { encode, prefill, decode: Math.max(0, step.generate - prefill), reference, update: step.update };
  const sum = Object.values(phases).reduce((total, seconds) => total + seconds, 0);
  return { ...phases, rest: Math.max(0, step.seconds - sum) };
}

/** Rollout time, measured like a peer's `generate`: images encoded, prompts run, all tokens drawn. */
export function rolloutSeconds(step: StepTiming): number {
  const { encode, prefill, decode } = phasesOf(step);
  return encode + prefill + decode;
}

/** The fastest step; taking all phases from one step makes them add up. */
export function bestStep(steps: readonly StepTiming[]): StepTiming | null {
  return steps.reduce<StepTiming | null>(
    (best, step) => (best === null || step.seconds < best.seconds ? step : best),
    null,
  );
}

export interface PeerFigures {
  name: string;
  attention: string;
  tried: Record<string, number>;
  seconds: Spread;
  /** Of the fastest turn, by part. */
  parts: Record<string, number>;
  peakResidentBytes: number;
}

export function peerFigures(name: string, side: PeerSide): PeerFigures {
  const fastest = side.turns.reduce(
    (best, turn) => (turn.seconds < best.seconds ? turn : best),
    side.turns[0] ?? { seconds: NaN },
  );
  const parts = Object.fromEntries(Object.entries(fastest.entries ?? {}).map(([part, { seconds }]) => [part, seconds]));
  return {
    name,
    attention: side.attention,
    tried: side.tried,
    seconds: spread(side.turns.map(({ seconds }) => seconds)),
    parts,
    peakResidentBytes: side.peakResidentBytes,
  };
}

export interface ComparisonFigures {
  comparison: Comparison;
  /** Steps on new images, which are compared with the peers. */
  step: Spread;
  cachedStep: Spread;
  rollout: Spread;
  phases: PhaseSeconds | null;
  cachedPhases: PhaseSeconds | null;
  rolloutTokensPerSecond: number;
  /** Tokens of prompts (once per group) and completions through the update, per second of it. */
  trainingTokensPerSecond: number;
  peers: PeerFigures[];
}

export function comparisonFigures(comparison: Comparison): ComparisonFigures {
  const { ours, work, method } = comparison;
  const all = [...ours.turns, ...ours.cached];
  const rows = work.prompts * work.groupSize;
  const trained =
    method === 'sft'
      ? work.supervisedBatch * (work.promptTokens + work.completionTokens)
      : work.prompts * work.promptTokens + rows * work.completionTokens;
  const rollout = spread(ours.turns.map(rolloutSeconds));
  const [fresh, kept] = [bestStep(ours.turns), bestStep(ours.cached)];
  return {
    comparison,
    step: spread(ours.turns.map(({ seconds }) => seconds)),
    cachedStep: spread(ours.cached.map(({ seconds }) => seconds)),
    rollout,
    phases: fresh === null ? null : phasesOf(fresh),
    cachedPhases: kept === null ? null : phasesOf(kept),
    rolloutTokensPerSecond: (rows * work.completionTokens) / rollout.best,
    trainingTokensPerSecond: trained / spread(all.map(({ update }) => update)).best,
    peers: Object.entries(comparison.peers).map(([name, side]) => peerFigures(name, side)),
  };
}

export interface PhaseShare {
  phase: Phase;
  seconds: number;
  gflop: number;
  /** Of the best rate measured for any shape in the work's type of weights. */
  shareOfPeak: number;
  /** Seconds its products alone would take, each at the rate measured for its shape; null without rates. */
  productsAlone: number | null;
}

/** The best rate of matrix products by type of weights, in GFLOP/s, over all its measurements; null if not measured. */
export function measuredPeak(results: Results): Record<BenchModel['dtype'], number> | null {
  const peaks = Object.values(results.parts).flatMap(({ result }) =>
    result?.kind === 'products' ? [result.peak] : [],
  );
  if (peaks.length === 0) return null;
  return { F32: Math.max(...peaks.map(({ F32 }) => F32)), BF16: Math.max(...peaks.map(({ BF16 }) => BF16)) };
}

/** Each phase's fastest time compared with the machine's product rates. Empty if the products were not measured. */
export function phaseShares(results: Results, comparison: Comparison): PhaseShare[] {
  const products = partOf(results, 'products', 'products');
  const peaks = measuredPeak(results);
  if (products === null || peaks === null) return [];
  const { work, method, ours } = comparison;
  const { dtype } = work.model;
  const rates = new Map(products.rates.map((rate) => [shapeKey(rate), rate.gflops]));
  const needed: Partial<Record<Phase, Product[]>> = method === 'sft' ? supervisedProducts(work) : grpoProducts(work);
  const steps = [...ours.turns, ...ours.cached].map(phasesOf);
  return Object.entries(needed).flatMap(([name, list]) => {
    const phase = name as Phase;
    // A phase that did not run (images already known) has no time.
    const seconds = spread(steps.map((step) => step[phase]).filter((value) => value > 0)).best;
    if (!Number.isFinite(seconds)) return [];
    const peak = peaks[dtype];
    const alone = list.reduce(
      (sum, product) => sum + flopsOf([product]) / 1e9 / (rates.get(shapeKey(shapeOf(product, dtype))) ?? peak),
      0,
    );
    const gflop = flopsOf(list) / 1e9;
    return [{ phase, seconds, gflop, shareOfPeak: gflop / seconds / peak, productsAlone: alone }];
  });
}

/** Bytes read from memory per second, at best over all measurements; null if not measured. */
export function readingRate(results: Results): number | null {
  const rates = Object.values(results.parts).flatMap(({ result }) =>
    result?.kind === 'products' && result.readPerSecond !== undefined ? [result.readPerSecond] : [],
  );
  return rates.length === 0 ? null : Math.max(...rates);
}

export interface DecodeBound {
  /** Seconds of the fastest decoding of a step. */
  seconds: number;
  /** Weights that a position reads, whatever the number of rows. */
  bytesPerToken: number;
  /** Seconds in which a step's positions could read them, one after another. */
  least: number;
}

/** How long decoding must take because each position reads all weights; null if reading or decoding was not measured. */
export function decodeBound(results: Results, comparison: Comparison): DecodeBound | null {
  const rate = readingRate(results);
  const { work, method, ours } = comparison;
  if (rate === null || method === 'sft') return null;
  const steps = [...ours.turns, ...ours.cached].map((step) => phasesOf(step).decode);
  const bytesPerToken = decodedWeights(work) * (work.model.dtype === 'BF16' ? 2 : 4);
  const least = ((work.completionTokens - 1) * bytesPerToken) / rate;
  return { seconds: spread(steps).best, bytesPerToken, least };
}

/** Operations of a step with shared prompts and images, and with a copy of both per rollout, in GFLOP. */
export function operations(comparison: Comparison): { shared: number; repeated: number } {
  const shared = Object.values(grpoProducts(comparison.work)).reduce((sum, list) => sum + flopsOf(list), 0);
  return { shared: shared / 1e9, repeated: repeatedFlops(comparison.work) / 1e9 };
}
