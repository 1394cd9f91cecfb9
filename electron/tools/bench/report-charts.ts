/** @file The charts that the results allow. Pure. */
import { lines, stackedBars, type Bar, type Series } from '../../reporting/print-charts.ts';
import { comparisonFigures, phaseShares } from './figures.ts';
import { growthAlong, partOf, type Results } from './results.ts';
import { GROWTH_AXES, WORKLOAD_NAMES, type GrowthAxis, type WorkloadName } from './works.ts';

/** SVG by name; a chart without measurements is left out. */
export function performanceCharts(results: Results): Record<string, string> {
  const charts: Record<string, string> = {};
  for (const work of WORKLOAD_NAMES) {
    const bars = stepBars(results, work);
    if (bars.length > 1) charts[`step-${work}`] = stackedBars(`One whole GRPO step at ${work}`, 's', bars);
  }
  const shares = shareBars(results);
  if (shares.length > 0) charts['shares'] = stackedBars('Share of the measured matrix-product peak', '%', shares);
  const leak = partOf(results, 'leak:nano', 'leak');
  if (leak !== null) {
    charts['resident'] = lines('Resident memory while steps go on', { x: 'step', y: 'MiB', log: false }, [
      { name: leak.work, points: leak.report.curve.map(([step, bytes]) => [step, bytes / 1024 ** 2]) },
    ]);
  }
  const growth = growthSeries(results);
  if (growth.length > 0) {
    const axes = { x: 'times the smallest value', y: 'times the step at the smallest value', log: true };
    charts['growth'] = lines('Growth of step time', axes, growth);
  }
  return charts;
}

/** Rollouts, reference and update on both sides; the page's tables break ours down further. */
function stepBars(results: Results, work: WorkloadName): Bar[] {
  const comparison = partOf(results, `versus:${work}`, 'comparison') ?? partOf(results, `grpo:${work}`, 'comparison');
  if (comparison === null) return [];
  const { phases, peers } = comparisonFigures(comparison);
  const trl = peers.find(({ name }) => name === 'trl');
  if (phases === null || trl === undefined) return [];
  const { encode, prefill, decode, reference, update, rest } = phases;
  const own = [
    { name: 'rollouts', value: encode + prefill + decode },
    { name: 'reference', value: reference },
    { name: 'update', value: update },
    { name: 'rest', value: rest },
  ];
  return [
    { label: 'Atelier', parts: own },
    { label: 'TRL', parts: peerParts(trl.seconds.best, trl.parts) },
  ];
}

/** TRL's parts under our names: its policy pass is part of the loss, its reference pass is the other forward. */
function peerParts(seconds: number, parts: Record<string, number>): Bar['parts'] {
  const { generate = 0, forward = 0, loss = 0, backward = 0 } = parts;
  const reference = Math.max(0, forward - loss);
  const known = generate + reference + loss + backward;
  return [
    { name: 'rollouts', value: generate },
    { name: 'reference', value: reference },
    { name: 'update', value: loss + backward },
    { name: 'rest', value: Math.max(0, seconds - known) },
  ];
}

function shareBars(results: Results): Bar[] {
  return ['nano', 'wide2', 'real', 'full2b'].flatMap((work) => {
    const comparison = partOf(results, `grpo:${work}`, 'comparison');
    if (comparison === null) return [];
    return phaseShares(results, comparison).map(({ phase, shareOfPeak }) => ({
      label: `${work}: ${phase}`,
      parts: [{ name: 'share', value: shareOfPeak * 100 }],
    }));
  });
}

const AXIS_NAMES: Record<GrowthAxis, string> = {
  groupSize: 'group size',
  completionTokens: 'completion tokens',
  imageSide: 'image side',
  numLayers: 'layers',
  hiddenSize: 'width',
};

/** Every dimension relative to its smallest value, so that slopes can be compared with linear growth. */
function growthSeries(results: Results): Series[] {
  const series = GROWTH_AXES.flatMap((axis) => {
    const points = growthAlong(results, axis);
    const [first] = points;
    if (first === undefined || points.length < 2) return [];
    return [
      {
        name: AXIS_NAMES[axis],
        points: points.map(({ value, step }) => [value / first.value, step / first.step] as const),
      },
    ];
  });
  if (series.length === 0) return [];
  const furthest = Math.max(...series.flatMap(({ points }) => points.map(([x]) => x)));
  const linear = [
    [1, 1],
    [furthest, furthest],
  ] as const;
  return [...series, { name: 'linear growth', points: linear }];
}
