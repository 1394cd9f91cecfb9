/** @file Which charts the results allow. Pure. */
import { lines, stackedBars, type Bar, type Series } from './charts.ts';
import { comparisonFigures, phaseShares } from './figures.ts';
import { growthAlong, partOf, type Results } from './results.ts';
import type { GrowthAxis } from './works.ts';

/** SVG by name; a chart without measurements is left out. */
export function performanceCharts(results: Results): Record<string, string> {
  const charts: Record<string, string> = {};
  const steps = stepBars(results);
  if (steps.length > 0) charts['steps'] = stackedBars('One whole GRPO step', 's', steps);
  const shares = shareBars(results);
  if (shares.length > 0) charts['shares'] = stackedBars('Share of the measured matrix-product peak', '%', shares);
  const leak = partOf(results, 'leak:nano', 'leak');
  if (leak !== null) {
    charts['resident'] = lines('Resident memory while steps go on', { x: 'step', y: 'MiB', log: false }, [
      { name: leak.work, points: leak.report.curve.map(([step, bytes]) => [step, bytes / 1024 ** 2]) },
    ]);
  }
  const length = seriesOf(results, { groupSize: 'group size', completionTokens: 'completion tokens' });
  const size = seriesOf(results, { imageSide: 'image side', numLayers: 'layers', hiddenSize: 'width' });
  const axes = { x: 'value', y: 'seconds per step', log: true };
  if (length.length > 0) charts['growth-length'] = lines('Growth with what is rolled out', axes, length);
  if (size.length > 0) charts['growth-size'] = lines('Growth with image and model', axes, size);
  return charts;
}

function stepBars(results: Results): Bar[] {
  return ['nano', 'wide2', 'real'].flatMap((work) => {
    const comparison = partOf(results, `grpo:${work}`, 'comparison');
    if (comparison === null) return [];
    const { phases, peers } = comparisonFigures(comparison);
    const parts = Object.entries(phases ?? {}).map(([name, value]) => ({ name, value }));
    const bars: Bar[] = [{ label: `${work}: Atelier`, parts }];
    const trl = peers.find(({ name }) => name === 'trl');
    if (trl !== undefined) bars.push({ label: `${work}: TRL`, parts: peerParts(trl.seconds.best, trl.parts) });
    return bars;
  });
}

/** TRL's parts under our names: its policy pass lies inside the loss, its reference pass is the other forward. */
function peerParts(seconds: number, parts: Record<string, number>): Bar['parts'] {
  const { generate = 0, forward = 0, loss = 0, backward = 0 } = parts;
  const reference = Math.max(0, forward - loss);
  const known = generate + reference + loss + backward;
  return [
    { name: 'generate', value: generate },
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

function seriesOf(results: Results, names: Partial<Record<GrowthAxis, string>>): Series[] {
  return Object.entries(names).flatMap(([axis, name]) => {
    const points = growthAlong(results, axis as GrowthAxis).map(({ value, step }) => [value, step] as const);
    return points.length < 2 ? [] : [{ name, points }];
  });
}
