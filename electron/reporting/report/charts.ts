/** @file The charts of a report: those of a run, the most telling first, and what both models can do. */
import type { PassComparison } from '../../contract/model/evaluations.ts';
import type { HeldOutPoint, StepMetrics } from '../../contract/model/runs.ts';
import type { Series } from '../line-chart.ts';
import { lineChart, smooth } from '../line-chart.ts';
import type { Markup } from '../html.ts';
import { html } from '../html.ts';

const COLOURS = ['var(--accent)', 'var(--second)', 'var(--third)', 'var(--good)'];

/** pass@k of both models, with the intervals as bands. */
export function passChart({ first, second, perQuestion, questions }: PassComparison): Markup {
  const title = `What is right in at least one of k sampled answers (pass@k, k = 1 to ${perQuestion})`;
  const series = [
    { label: 'base', colour: 'var(--second)', curve: first, dashed: true },
    { label: 'tuned', colour: 'var(--accent)', curve: second, dashed: false },
  ].map(({ label, colour, curve, dashed }): Series => ({
    label,
    colour,
    dashed,
    values: curve.map(({ value }) => value),
    band: { low: curve.map(({ low }) => low), high: curve.map(({ high }) => high) },
  }));
  return html`<figure>
    <h3>${title}</h3>
    <figcaption>
      Share of ${questions} held-out questions, read leniently, at temperature 1. The bands are 95% intervals over
      questions.
    </figcaption>
    ${lineChart({ title, steps: first.map(({ k }) => k), series, fromZero: true })} ${legend(series)}
  </figure>`;
}

/** How a run learned: its curves, those without a value left out. */
export function learningSection(metrics: readonly StepMetrics[], heldOut: readonly HeldOutPoint[] = []): Markup {
  return html`<section>
    <h2>How it learned</h2>
    <p>Thick lines are smoothed; thin lines show each step.</p>
    ${runCharts(metrics, heldOut)}
  </section>`;
}

function runCharts(metrics: readonly StepMetrics[], heldOut: readonly HeldOutPoint[]): Markup {
  if (metrics.length === 0) return html`<p class="empty">The run recorded no step.</p>`;
  const steps = metrics.map((metric) => metric.step);
  const figure = (
    title: string,
    caption: string,
    series: Series[],
    { fromZero = true, at = steps }: { fromZero?: boolean; at?: readonly number[] } = {},
  ): Markup | null =>
    series.every(({ values }) => values.every((value) => value === null))
      ? null
      : html`<figure class="card">
          <h3>${title}</h3>
          <figcaption>${caption}</figcaption>
          ${lineChart({ title, steps: at, series, fromZero })} ${legend(series)}
        </figure>`;
  const figures = [
    figure(
      'Reward',
      'Mean reward of the completions of a step. The band is one standard deviation within a group.',
      rewardSeries(metrics),
    ),
    heldOut.length < 2
      ? null
      : figure(
          'Held-out accuracy',
          `Correct answers to the same ${heldOut[0]?.accuracy.n ?? 0} held-out questions during training. The band is the 95% interval.`,
          heldOutSeries(heldOut),
          { at: heldOut.map(({ step }) => step) },
        ),
    figure('Reward by function', 'Each reward on its own, before its weight.', functionSeries(metrics)),
    figure(
      'KL and its weight β',
      'How far the model has moved from its starting point, and how strongly it is held there (right axis).',
      klSeries(metrics),
    ),
    figure(
      'Length of completions',
      'Mean number of tokens. The band spans the shortest and the longest completion.',
      lengthSeries(metrics),
    ),
    ...(metrics.some(({ reward }) => reward !== null)
      ? []
      : [
          figure('Loss', 'Mean cross-entropy of the tokens of the right answers.', smoothed(metrics, 'loss')),
          figure('Gradient norm', 'Length of the gradient before it is clipped.', smoothed(metrics, 'gradNorm')),
        ]),
  ];
  return html`<div class="charts">${figures}</div>`;
}

function smoothed(metrics: readonly StepMetrics[], key: 'loss' | 'gradNorm'): Series[] {
  const values = metrics.map((metric) => metric[key]);
  return [
    { label: 'each step', colour: 'var(--accent)', values, faint: true },
    { label: 'smoothed', colour: 'var(--accent)', values: smooth(values) },
  ];
}

function heldOutSeries(points: readonly HeldOutPoint[]): Series[] {
  return [
    {
      label: 'correct',
      colour: 'var(--good)',
      values: points.map(({ accuracy }) => accuracy.value),
      band: { low: points.map(({ accuracy }) => accuracy.low), high: points.map(({ accuracy }) => accuracy.high) },
    },
  ];
}

function legend(series: readonly Series[]): Markup {
  return html`<ul class="legend">
    ${series
      .filter((line) => line.faint !== true)
      .map(
        (line) =>
          html`<li class="${line.dashed === true ? 'dashed' : ''}" style="--c:${line.colour}">${line.label}</li>`,
      )}
  </ul>`;
}

function rewardSeries(metrics: readonly StepMetrics[]): Series[] {
  const reward = metrics.map((metric) => metric.reward);
  const edge = (sign: 1 | -1): (number | null)[] =>
    metrics.map(({ reward: mean, rewardStd }) =>
      mean === null || rewardStd === null ? null : mean + sign * rewardStd,
    );
  return [
    {
      label: 'each step',
      colour: 'var(--accent)',
      values: reward,
      faint: true,
      band: { low: edge(-1), high: edge(1) },
    },
    { label: 'smoothed', colour: 'var(--accent)', values: smooth(reward) },
  ];
}

function functionSeries(metrics: readonly StepMetrics[]): Series[] {
  const names = [...new Set(metrics.flatMap((metric) => metric.rewards.map((reward) => reward.name)))];
  return names.flatMap((name, index) => {
    const found = metrics.map((metric) => metric.rewards.find((reward) => reward.name === name));
    const colour = COLOURS[index % COLOURS.length] ?? 'var(--ink)';
    const values = found.map((reward) => reward?.mean ?? null);
    const weight = found.find((reward) => reward !== undefined)?.weight;
    return [
      { label: name, colour, values, faint: true },
      { label: `${name}, weight ${weight ?? '–'}`, colour, values: smooth(values) },
    ];
  });
}

function klSeries(metrics: readonly StepMetrics[]): Series[] {
  return [
    { label: 'KL', colour: 'var(--accent)', values: metrics.map((metric) => metric.kl) },
    {
      label: 'β (right axis)',
      colour: 'var(--second)',
      values: metrics.map((metric) => metric.beta),
      axis: 'right',
      dashed: true,
    },
  ];
}

function lengthSeries(metrics: readonly StepMetrics[]): Series[] {
  return [
    {
      label: 'mean',
      colour: 'var(--accent)',
      values: metrics.map((metric) => metric.completionLengthMean),
      band: {
        low: metrics.map((metric) => metric.completionLengthMin),
        high: metrics.map((metric) => metric.completionLengthMax),
      },
    },
  ];
}
