/** @file A chart's file has everything in words that a person needs to read it elsewhere. */
import { describe, expect, it } from 'vitest';
import { chartSvg, type ChartPicture } from './chart-svg.ts';

const picture: ChartPicture = {
  name: 'Reward & spread',
  xName: 'Step',
  data: {
    x: Float64Array.of(1, 2, 3, 4),
    series: [
      {
        label: 'mean',
        values: Float64Array.of(0.1, NaN, 0.5, 0.7),
        colour: 'chart-1',
        spread: Float64Array.of(0.1, 0.1, 0.1, 0.1),
      },
      {
        label: 'KL weight',
        values: Float64Array.of(0.04, 0.04, 0.02, 0.02),
        colour: 'chart-2',
        right: true,
        stepped: true,
        dash: [2, 3],
      },
      { label: 'held out', values: Float64Array.of(0.2, NaN, NaN, 0.4), colour: 'chart-3', points: true },
    ],
  },
  indexes: [0, 1, 2, 3],
  format: (value) => `${value} points`,
  formatRight: (value) => `β ${value}`,
  log: false,
};

describe('a chart as SVG', () => {
  it('has title, axes, units and legend as text, and the colours of the light page', () => {
    const svg = chartSvg(picture);
    for (const words of ['Reward &amp; spread', 'Step', 'mean', 'KL weight', 'held out', ' points<', '>β '])
      expect(svg, words).toContain(words);
    for (const colour of ['#3a4cc4', '#b2591a', '#57524a']) expect(svg).toContain(colour);
    expect(svg).not.toMatch(/var\(|NaN|Infinity|undefined/);
    // A gap in the line; points are joined across it.
    expect(svg.match(/d="M[^"]*M/g)).toHaveLength(1);
    expect(svg.match(/<circle/g)).toHaveLength(2);
    expect(svg).toContain('stroke-dasharray="2 3"');
    expect(svg).toContain('<polygon');
  });

  it('draws a logarithmic axis in powers of ten, without what has no logarithm', () => {
    const values = Float64Array.of(0, 0.02, 5, 40);
    const data = { x: picture.data.x, series: [{ label: 'loss', values, colour: 'chart-1' as const }] };
    const svg = chartSvg({ ...picture, data, log: true });
    for (const tick of [0.01, 0.1, 1, 10, 100]) expect(svg).toContain(`>${tick} points<`);
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it('is a whole file without any data', () => {
    const data = { x: new Float64Array(), series: [] };
    const svg = chartSvg({ ...picture, data, indexes: [] });
    expect(svg).toMatch(/^<svg[\s\S]*<\/svg>\n$/);
    expect(svg).not.toMatch(/NaN|Infinity/);
  });
});
