/** @file The goals for speed and memory, each with its measurement. Without a measurement, a goal is neither met nor missed. Pure. */
import { comparisonFigures, decodeBound, phaseShares, type ComparisonFigures, type PeerFigures } from './figures.ts';
import { percent, signedPercent } from '../../reporting/figures.ts';
import { fitPower } from './least-squares.ts';
import { growthAlong, partOf, photoPoints, type LoadingResult, type PhotoPoint, type Results } from './results.ts';
import type { GrowthAxis } from './works.ts';

export interface Goal {
  goal: string;
  /** The measurement, in words and numbers. */
  measured: string;
  met: boolean | null;
}

/** Phases whose products have many rows, and that take most of a step. */
const GEMM_BOUND = ['reference', 'update'] as const;
/** Of the peak. In bfloat16, casts and norms take a larger part, because products take half as long. */
const SHARE_OF_PEAK = { F32: 0.7, BF16: 0.5 };
const SHARE_OF_BOUND = 0.7;
/** How far a median may be above the best turn. */
const SCATTER = 0.1;
const GIB = 1024 ** 3;
/** An exponent at most this far above 1 may be the scatter of a fit over four points. */
const LINEAR_SLACK = 0.05;
/** Largest power of the image area with which step time may grow once features are cached. */
const HARDLY = 0.35;

export function goalTable(results: Results): Goal[] {
  const torch = 'as plain torch';
  const trl = 'as TRL’s GRPOTrainer';
  return [
    ratioGoal(results, `A whole GRPO step at nano is at least 7 × as fast ${trl}`, 'grpo:nano', 'trl', 7, stepOf),
    ratioGoal(results, `A whole GRPO step at real is at least 8 × as fast ${trl}`, 'grpo:real', 'trl', 8, stepOf),
    ratioGoal(results, `A whole GRPO step at wide2 is at least 3 × as fast ${trl}`, 'grpo:wide2', 'trl', 3, stepOf),
    ratioGoal(results, `A whole GRPO step at full2b is at least 5 × as fast ${trl}`, 'versus:full2b', 'trl', 5, stepOf),
    ratioGoal(
      results,
      'Rollouts at nano are at least 4 × as fast as Hugging Face generate',
      'grpo:nano',
      'hf',
      4,
      rolloutOf,
    ),
    ratioGoal(
      results,
      `A supervised step at nano is at least 2.5 × as fast ${torch}`,
      'sft:nano',
      'torch',
      2.5,
      stepOf,
    ),
    ratioGoal(
      results,
      `A supervised step at wide2 (bfloat16) is at least 2 × as fast ${torch}`,
      'sft:wide2',
      'torch',
      2,
      stepOf,
    ),
    memoryGoal(results, 'wide2', 0.65),
    memoryGoal(results, 'real', 0.4),
    ...['nano', 'wide2', 'real'].map((work) => peakGoal(results, work)),
    ...['wide2', 'real', 'full2b'].map((work) => decodeGoal(results, work)),
    startGoal(results),
    scatterGoal(results),
    carriesTwoBillion(results),
    ...photoGoals(results),
    ...largeModelGoals(results),
    predictionGoal(results),
    leakGoal(results),
    growthGoal(results, 'Step time grows at most linearly with the group size', 'groupSize', 1 + LINEAR_SLACK),
    growthGoal(
      results,
      'Step time grows at most linearly with the completion length',
      'completionTokens',
      1 + LINEAR_SLACK,
    ),
    growthGoal(results, 'Step time hardly grows with image size once features are kept', 'imageSide', 2 * HARDLY),
  ];
}

function figuresOf(results: Results, part: string): ComparisonFigures | null {
  const comparison = partOf(results, part, 'comparison');
  return comparison === null ? null : comparisonFigures(comparison);
}

function stepOf({ step }: ComparisonFigures): number {
  return step.best;
}

function rolloutOf({ rollout }: ComparisonFigures): number {
  return rollout.best;
}

function peerNamed(figures: ComparisonFigures | null, name: string): PeerFigures | null {
  return figures?.peers.find((peer) => peer.name === name) ?? null;
}

function ratioGoal(
  results: Results,
  goal: string,
  part: string,
  peerName: string,
  wanted: number,
  ours: (figures: ComparisonFigures) => number,
): Goal {
  const figures = figuresOf(results, part);
  const peer = peerNamed(figures, peerName);
  if (figures === null || peer === null) return { goal, measured: 'not measured', met: null };
  const own = ours(figures);
  const ratio = peer.seconds.best / own;
  return {
    goal,
    measured: `${ratio.toFixed(2)} ×: ${own.toFixed(3)} s against ${peer.seconds.best.toFixed(3)} s`,
    met: ratio >= wanted,
  };
}

function memoryGoal(results: Results, work: string, most: number): Goal {
  const goal = `Peak resident memory at ${work} is at most ${percent(most, 0)} of TRL’s`;
  const figures = figuresOf(results, `grpo:${work}`);
  const peer = peerNamed(figures, 'trl');
  if (figures === null || peer === null) return { goal, measured: 'not measured', met: null };
  const own = figures.comparison.ours.peakResidentBytes;
  const share = own / peer.peakResidentBytes;
  return {
    goal,
    measured: `${percent(share, 0)}: ${gib(own)} against ${gib(peer.peakResidentBytes)}`,
    met: share <= most,
  };
}

function peakGoal(results: Results, work: string): Goal {
  const comparison = partOf(results, `grpo:${work}`, 'comparison');
  const least = SHARE_OF_PEAK[comparison?.work.model.dtype ?? 'F32'];
  const goal = `Reference and update at ${work} reach at least ${percent(least, 0)} of the measured peak`;
  const shares = comparison === null ? [] : phaseShares(results, comparison);
  const bound = shares.filter(({ phase }) => GEMM_BOUND.some((name) => name === phase));
  if (bound.length === 0) return { goal, measured: 'not measured', met: null };
  return {
    goal,
    measured: bound.map(({ phase, shareOfPeak }) => `${phase} ${percent(shareOfPeak, 0)}`).join(', '),
    met: bound.every(({ shareOfPeak }) => shareOfPeak >= least),
  };
}

function decodeGoal(results: Results, work: string): Goal {
  const goal = `Decoding at ${work} reaches at least ${percent(SHARE_OF_BOUND, 0)} of the bound that reading the weights sets`;
  const comparison = partOf(results, `grpo:${work}`, 'comparison');
  const bound = comparison === null ? null : decodeBound(results, comparison);
  if (bound === null) return { goal, measured: 'not measured', met: null };
  const share = bound.least / bound.seconds;
  return {
    goal,
    measured: `${percent(share, 0)}: ${bound.seconds.toFixed(2)} s, bound ${bound.least.toFixed(2)} s`,
    met: share >= SHARE_OF_BOUND,
  };
}

function startGoal(results: Results): Goal {
  const goal = 'A GRPO run at nano is ready within 2.5 s, and its first step takes at most 2 × a later one';
  const figures = figuresOf(results, 'grpo:nano');
  if (figures === null) return { goal, measured: 'not measured', met: null };
  const { startup, firstStepSeconds } = figures.comparison.ours;
  const ratio = firstStepSeconds / figures.step.median;
  return {
    goal,
    measured: `${startup.ready.toFixed(1)} s, ${ratio.toFixed(1)} ×`,
    met: startup.ready <= 2.5 && ratio <= 2,
  };
}

function scatterGoal(results: Results): Goal {
  const goal = `The median of our turns is at most ${percent(SCATTER, 0)} above the best`;
  const scatter = ['grpo:nano', 'sft:nano', 'grpo:real', 'grpo:wide2', 'sft:wide2'].flatMap((id) => {
    const figures = figuresOf(results, id);
    return figures === null ? [] : [{ id, above: figures.step.median / figures.step.best - 1 }];
  });
  if (scatter.length === 0) return { goal, measured: 'not measured', met: null };
  return {
    goal,
    measured: scatter.map(({ id, above }) => `${id} ${signedPercent(above)}`).join(', '),
    met: scatter.every(({ above }) => above <= SCATTER),
  };
}

function carriesTwoBillion(results: Results): Goal {
  const goal = 'One GRPO step with an adapter at full2b runs inside 6 GiB of resident memory';
  const comparison = partOf(results, 'grpo:full2b', 'comparison');
  if (comparison === null) {
    const error = results.parts['grpo:full2b']?.error;
    return error === undefined
      ? { goal, measured: 'not measured', met: null }
      : { goal, measured: `failed: ${error.split('\n').at(-1)?.slice(0, 120) ?? ''}`, met: false };
  }
  const { peakResidentBytes } = comparison.ours;
  const { step } = comparisonFigures(comparison);
  return {
    goal,
    measured: `${gib(peakResidentBytes)}, ${step.best.toFixed(1)} s per step`,
    met: peakResidentBytes <= 6 * GIB,
  };
}

function photoGoals(results: Results): Goal[] {
  const points = photoPoints(results);
  const ratioOf = (goal: string, most: number, of: (side: NonNullable<PhotoPoint['peer']>) => number): Goal => {
    const ratios = points.flatMap(({ width, height, ours, peer }) =>
      peer === null ? [] : [{ size: `${String(width)} × ${String(height)}`, ratio: of(ours) / of(peer) }],
    );
    if (ratios.length === 0) return { goal, measured: 'not measured', met: null };
    return {
      goal,
      measured: ratios.map(({ size, ratio }) => `${size}: ${ratio.toFixed(2)} ×`).join(', '),
      met: ratios.every(({ ratio }) => ratio <= most),
    };
  };
  return [
    ratioOf('A photo takes at most 1.3 × the memory that transformers takes', 1.3, (side) => side.peakResidentBytes),
    ratioOf('A photo takes no more time than with transformers', 1, (side) => side.seconds),
  ];
}

function largeModelGoals(results: Results): Goal[] {
  const loading = partOf(results, 'loading:full2b', 'loading');
  const best = (of: (turn: LoadingResult['turns'][number]) => number): number =>
    Math.min(...(loading?.turns.map(of) ?? []));
  const seconds = (goal: string, most: number, measured: number): Goal =>
    loading === null
      ? { goal, measured: 'not measured', met: null }
      : { goal, measured: `${measured.toFixed(1)} s`, met: measured <= most };
  const merge = partOf(results, 'merge:full2b', 'merge');
  const rate = merge === null ? NaN : merge.bytes / merge.seconds / 1e6;
  const merges = (goal: string, measured: string, met: boolean): Goal =>
    merge === null ? { goal, measured: 'not measured', met: null } : { goal, measured, met };
  const plan = loading?.training.plan ?? null;
  return [
    {
      goal: 'A GRPO step at 2B in bfloat16 with a photo of 2016 × 1512 fits 24 GiB (as planned)',
      measured: plan === null ? 'not measured' : gib(plan.predictedBytes),
      met: plan === null ? null : plan.predictedBytes <= 24 * GIB,
    },
    seconds(
      'A cached model of 2B weights is loaded within 6 s',
      6,
      best(({ wall, seconds: used }) => wall - used),
    ),
    seconds(
      'The first token after a picture of 640 × 480 takes at most 10 s at 2B',
      10,
      best((turn) => turn.seconds),
    ),
    merges('An adapter is merged into 2B weights at 300 MB/s', `${rate.toFixed(0)} MB/s`, rate >= 300),
    merges(
      'A merge ends within 2 s when it is cancelled',
      `${(merge?.cancelSeconds ?? NaN).toFixed(2)} s`,
      (merge?.cancelSeconds ?? NaN) <= 2,
    ),
  ];
}

function predictionGoal(results: Results): Goal {
  const goal = 'Memory predicted before a run is within 15% of the measured peak, for photos within 10%';
  const shares: { id: string; off: number; most: number }[] = Object.entries(results.parts).flatMap(
    ([id, { result }]) => {
      if (result?.kind !== 'comparison' || result.ours.plan === null) return [];
      return [{ id, off: result.ours.plan.predictedBytes / result.ours.peakResidentBytes - 1, most: 0.15 }];
    },
  );
  for (const { width, height, ours } of photoPoints(results)) {
    if (ours.predictedBytes === null) continue;
    const off = ours.predictedBytes / ours.peakResidentBytes - 1;
    shares.push({ id: `${String(width)} × ${String(height)}`, off, most: 0.1 });
  }
  if (shares.length === 0) return { goal, measured: 'not measured', met: null };
  return {
    goal,
    measured: shares.map(({ id, off }) => `${id} ${signedPercent(off)}`).join(', '),
    met: shares.every(({ off, most }) => Math.abs(off) <= most),
  };
}

function leakGoal(results: Results): Goal {
  const leak = partOf(results, 'leak:nano', 'leak');
  const steps = leak?.report.steps ?? 1000;
  const goal = `Resident memory is flat over ${steps.toLocaleString('en')} steps of nano`;
  if (leak === null) return { goal, measured: 'not measured', met: null };
  const { bytesPerThousandSteps, marginBytes, flat } = leak.report;
  const mib = (bytes: number): string => (bytes / 1024 ** 2).toFixed(1);
  return { goal, measured: `${mib(bytesPerThousandSteps)} ± ${mib(marginBytes)} MiB per 1,000 steps`, met: flat };
}

function growthGoal(results: Results, goal: string, axis: GrowthAxis, limit: number): Goal {
  const points = growthAlong(results, axis);
  if (points.length < 3) return { goal, measured: 'not measured', met: null };
  const { slope } = fitPower(points.map(({ value, step }) => [value, step]));
  const unit =
    axis === 'imageSide' ? `(side)^${slope.toFixed(2)}, pixels^${(slope / 2).toFixed(2)}` : `power ${slope.toFixed(2)}`;
  return { goal, measured: unit, met: slope <= limit };
}

/** A size with the two decimals needed to compare peaks. */
export function gib(size: number): string {
  return `${(size / GIB).toFixed(2)} GiB`;
}
