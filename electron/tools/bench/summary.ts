/** @file The results as plain text for a terminal. Pure. */
import { oneRowSection } from './report-one-row.ts';
import { comparisonFigures, measuredPeak, phaseShares } from './figures.ts';
import { percent } from '../../reporting/figures.ts';
import { gib, goalTable } from './goals.ts';
import { fitPower } from './least-squares.ts';
import { growthAlong, type Comparison, type PhotoPoint, type PhotosResult, type Results } from './results.ts';
import { GROWTH_AXES } from './works.ts';

export function summarise(results: Results): string {
  const lines: string[] = [];
  const peak = measuredPeak(results);
  if (peak !== null) {
    const { F32, BF16 } = peak;
    lines.push(`Matrix products: float32 ${F32.toFixed(0)}, bfloat16 ${BF16.toFixed(0)} GFLOP/s at best`);
  }
  for (const [id, { result, error }] of Object.entries(results.parts)) {
    if (error !== undefined) lines.push('', `${id}: ${error}`);
    if (result?.kind === 'photos') lines.push('', ...photoLines(result));
    if (result?.kind === 'one-row') lines.push('', ...oneRowSection(results));
    if (result?.kind === 'comparison') lines.push('', ...comparisonLines(id, results, result));
    if (result?.kind === 'profile') {
      for (const [entry, ops] of Object.entries(result.entries)) {
        lines.push('', `${id} ${entry}, op by op:`);
        for (const { op, calls, seconds } of ops.slice(0, 12))
          lines.push(
            `  ${op.padEnd(28)}${String(calls).padStart(7)} calls ${(seconds * 1000).toFixed(1).padStart(9)} ms`,
          );
      }
    }
  }
  for (const axis of GROWTH_AXES) {
    const points = growthAlong(results, axis);
    if (points.length < 2) continue;
    const exponent = (of: 'step' | 'generate' | 'update'): string =>
      fitPower(points.map((point) => [point.value, point[of]])).slope.toFixed(2);
    lines.push(
      `Growth with ${axis}: step ^${exponent('step')}, rollouts ^${exponent('generate')}, update ^${exponent('update')}`,
    );
  }
  lines.push('', 'Goals');
  for (const { goal, measured, met } of goalTable(results))
    lines.push(`  ${met === null ? ' ?  ' : met ? 'met ' : 'MISS'}  ${goal}: ${measured}`);
  return lines.join('\n');
}

function photoLines({ points }: PhotosResult): string[] {
  const side = ({ seconds, peakResidentBytes }: NonNullable<PhotoPoint['peer']>): string =>
    `${gib(peakResidentBytes)}, ${seconds.toFixed(1)} s`;
  return points.map(
    ({ width, height, ours, peer }) =>
      `${String(width)} × ${String(height)}: ${side(ours)}${peer === null ? '' : `; transformers ${side(peer)}`}`,
  );
}

function comparisonLines(id: string, results: Results, comparison: Comparison): string[] {
  const figures = comparisonFigures(comparison);
  const { ours } = comparison;
  const seconds = (value: number): string => `${value.toFixed(3)} s`;
  const lines = [
    `${id}: step ${seconds(figures.step.best)} (median ${seconds(figures.step.median)}, known images ${seconds(figures.cachedStep.best)}), ` +
      `peak ${gib(ours.peakResidentBytes)}${ours.plan === null ? '' : ` (predicted ${gib(ours.plan.predictedBytes)})`}, ready after ${ours.startup.ready.toFixed(1)} s, first step ${seconds(ours.firstStepSeconds)}`,
  ];
  const shares = new Map(phaseShares(results, comparison).map((share) => [share.phase as string, share]));
  for (const [phase, value] of Object.entries(figures.phases ?? {})) {
    const share = shares.get(phase);
    const held =
      share === undefined
        ? ''
        : `  best ${seconds(share.seconds)}, ${percent(share.shareOfPeak, 0)} of peak, products alone ${seconds(share.productsAlone ?? NaN)}`;
    lines.push(`  ${phase.padEnd(10)}${seconds(value).padStart(9)}${held}`);
  }
  if (comparison.method === 'grpo') {
    lines.push(
      `  rollouts ${figures.rolloutTokensPerSecond.toFixed(0)} tokens/s, training ${figures.trainingTokensPerSecond.toFixed(0)} tokens/s`,
    );
  }
  for (const peer of figures.peers) {
    const own = peer.name === 'hf' ? figures.rollout.best : figures.step.best;
    const parts = Object.entries(peer.parts).map(([part, value]) => `${part} ${value.toFixed(2)}`);
    lines.push(
      `  ${peer.name}: ${seconds(peer.seconds.best)} (median ${seconds(peer.seconds.median)}), ratio ${(peer.seconds.best / own).toFixed(2)}, ` +
        `peak ${gib(peer.peakResidentBytes)}, attention ${peer.attention}${parts.length > 0 ? `; ${parts.join(', ')}` : ''}`,
    );
  }
  return lines;
}
