/** @file Every chart of a run is readable without colour: dashes differ, and colours have enough contrast. */
import { describe, expect, it } from 'vitest';
import type { HeldOutPoint, Recipe } from '../../../../electron/contract/api/index.ts';
import { DEFAULT_GRPO_D_SCHEDULE } from '../../../../electron/method/defaults.ts';
import { StepColumns } from './step-columns.ts';
import { stepOf } from './testing.ts';
import type { ChartData } from '../../ui/chart/chart-data.ts';
import tokens from '../../ui/style/tokens.css?raw';
import {
  clipChart,
  klChart,
  lengthChart,
  rewardChart,
  rewardPartChart,
  singleChart,
  timeChart,
} from './run-chart-data.ts';

const columns = new StepColumns();
for (let step = 1; step <= 40; step += 1) columns.append(stepOf(step));
const recipe = { klSchedule: DEFAULT_GRPO_D_SCHEDULE, steps: 40 } as Recipe;
const heldOut = [{ step: 0, accuracy: { value: 0.5 } }] as HeldOutPoint[];

const charts: [string, ChartData][] = [
  ['reward', rewardChart(columns, 0.9, heldOut)],
  ['one reward', rewardPartChart(columns, 'accuracy', 0.9)],
  ['KL', klChart(columns, 0.9, recipe)],
  ['length', lengthChart(columns)],
  ['clipping', clipChart(columns)],
  ['time', timeChart(columns)],
  ['entropy', singleChart(columns, 'entropy', 'Entropy', 0.9)],
];

describe('a chart in grey', () => {
  it.each(charts)('tells the lines of %s apart by dash, points or paleness', (_, { series }) => {
    const looks = series.map(({ dash, quiet, points }) => JSON.stringify([dash, quiet, points]));
    expect(looks.length).toBeGreaterThan(0);
    expect(new Set(looks).size).toBe(looks.length);
  });

  const sheets = tokens.split(":root[data-theme='dark']");

  it.each(['light', 'dark'] as const)('draws lines that stand out 3 : 1 from the paper in %s (WCAG 1.4.11)', (look) => {
    const sheet = sheets[look === 'light' ? 0 : 1] ?? '';
    const luminance = (token: string): number => {
      const hex = new RegExp(`--${token}: #([0-9a-f]{6});`).exec(sheet)?.[1];
      if (hex === undefined) throw new Error(`tokens.css names no colour --${token} in ${look}.`);
      const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
        const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
        return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const paper = luminance('surface');
    for (const token of ['chart-1', 'chart-2', 'chart-3']) {
      const shades = [luminance(token), paper];
      const contrast = (Math.max(...shades) + 0.05) / (Math.min(...shades) + 0.05);
      expect(contrast, token).toBeGreaterThanOrEqual(3);
    }
  });
});
