/** @file The study's plots as SVG files, drawn from study.json alone. */
import type { ResultCell } from '../../contract/model/experiments.ts';
import { performanceProfile, profileBand } from '../../method/robust-statistics.ts';
import { SEEDS_TO_DECIDE } from '../../method/seeds-to-decide.ts';
import { percent } from '../../reporting/figures.ts';
import { sweptPlaces } from '../../reporting/swept-axis.ts';
import { at as f, INK, QUIET, svgFile, svgText as text } from '../../reporting/svg.ts';
import type { StudyDocument } from './document.ts';

const WIDTH = 760;

/** File name → SVG text. Plots without a single point are left out. */
export function studyPlots(study: StudyDocument): Map<string, string> {
  const plots = new Map<string, string>();
  const add = (name: string, svg: string | null): void => {
    if (svg !== null) plots.set(name, svg);
  };
  add('study-contest.svg', contestPlot(study));
  add('study-profile.svg', profilePlot(study));
  add('study-exam.svg', examPlot(study));
  add('study-reward-weight.svg', sweepPlot(study, 'reward-weight'));
  add('study-kl-weight.svg', sweepPlot(study, 'kl-weight'));
  return plots;
}

function reasoning(study: StudyDocument): readonly ResultCell[] {
  return study.experiment.cells.filter((cell) => cell.mode === 'reasoning' && cell.seeds.length > 0);
}

/** Same task: a bar per arm with its interval over seeds, and a dot per seed. */
function contestPlot(study: StudyDocument): string | null {
  const { datasets } = study.experiment;
  const groups = datasets.map(({ id, name }) => ({
    name,
    cells: reasoning(study).filter(
      (cell) => cell.parts.includes('contest') && cell.testedOn === id && (cell.trainedOn ?? id) === id,
    ),
  }));
  const bars = groups.flatMap(({ cells }) => cells);
  if (bars.length === 0) return null;
  const [top, bottom, left] = [64, 330, 52];
  const slots = bars.length + groups.length - 1;
  // Names of arms need so much.
  const slot = Math.max(62, (WIDTH - left - 20) / slots);
  const wide = left + 20 + slot * slots;
  const y = (share: number): number => bottom - share * (bottom - top);
  const parts: string[] = [axis(left, top, bottom, y, wide - 20)];
  let x = left;
  for (const { name, cells } of groups) {
    const width = slot * cells.length;
    parts.push(text(x + width / 2, top - 14, `trained and tested on ${name}`, { anchor: 'middle', weight: 600 }));
    for (const [index, cell] of cells.entries()) {
      const centre = x + slot * (index + 0.5);
      const grey = 235 - Math.round((index / Math.max(1, cells.length - 1)) * 110);
      parts.push(
        `<rect x="${f(centre - slot * 0.32)}" y="${f(y(cell.mean))}" width="${f(slot * 0.64)}" height="${f(bottom - y(cell.mean))}" fill="rgb(${grey},${grey},${grey})" stroke="${INK}"/>`,
        whisker(centre, cell, y),
        ...dots(centre, cell, y),
        ...lines(cell.label).map((line, row) =>
          text(centre, bottom + 18 + row * 14, line, { anchor: 'middle', size: 11 }),
        ),
        text(centre, bottom + 50, percent(cell.mean), { anchor: 'middle', weight: 600 }),
      );
    }
    x += width + slot;
  }
  return svgFile(Math.round(wide), 400, 'Accuracy on the same task, by method', parts);
}

/** The methods on the first task, told apart by their dashes. */
const DASHES = ['', '7 3', '2 3', '10 3 2 3', '1 2', '14 4'];

/** For each accuracy, the share of runs above it, with the bootstrap's band: a performance profile as rliable draws it. */
function profilePlot(study: StudyDocument): string | null {
  const [task] = study.experiment.datasets;
  const arms = reasoning(study).filter(
    ({ parts, testedOn, trainedOn, seeds }) =>
      parts.includes('contest') && testedOn === task?.id && trainedOn === testedOn && seeds.length >= SEEDS_TO_DECIDE,
  );
  if (arms.length < 2) return null;
  const all = arms.flatMap(({ seeds }) => seeds.map(({ accuracy }) => accuracy.value));
  const from = Math.floor(20 * Math.min(...all)) / 20;
  const to = Math.min(1, Math.ceil(20 * Math.max(...all)) / 20);
  const [top, bottom, left, right] = [48, 300, 52, WIDTH - 190];
  const x = (accuracy: number): number => left + ((accuracy - from) / (to - from)) * (right - left);
  const y = (share: number): number => bottom - share * (bottom - top);
  const thresholds = Array.from({ length: 101 }, (_, at) => from + ((to - from) * at) / 100);
  const line = (values: readonly number[]): string =>
    values.map((value, at) => `${f(x(thresholds[at] ?? from))} ${f(y(value))}`).join('L');
  const parts = [axis(left, top, bottom, y, right)];
  for (const [at, { label, seeds }] of arms.entries()) {
    const scores = [seeds.map(({ accuracy }) => accuracy.value)];
    const band = profileBand(scores, thresholds);
    const dash = DASHES[at % DASHES.length] ?? '';
    const stroke = `stroke="${INK}" stroke-width="1.6"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}`;
    const low = band.map((one) => one.low);
    const backward = [...band.entries()]
      .reverse()
      .map(([index, one]) => `${f(x(thresholds[index] ?? from))} ${f(y(one.high))}`);
    parts.push(
      `<path d="M${line(low)}L${backward.join('L')}Z" fill="${INK}" fill-opacity="0.07"/>`,
      `<path d="M${line(performanceProfile(scores, thresholds))}" fill="none" ${stroke}/>`,
      `<path d="M${right + 14} ${top + 12 + at * 22}h34" ${stroke}/>`,
      text(right + 56, top + 16 + at * 22, `${label} (${seeds.length})`, { size: 11 }),
    );
  }
  const ticks = Array.from({ length: 11 }, (_, at) => at / 10).filter((tick) => tick >= from && tick <= to);
  parts.push(
    ...ticks.map((tick) => text(x(tick), bottom + 18, percent(tick, 0), { anchor: 'middle', size: 11, fill: QUIET })),
    text((left + right) / 2, bottom + 40, 'accuracy (number of runs in brackets; bands: 95%, bootstrap)', {
      anchor: 'middle',
    }),
  );
  return svgFile(WIDTH, 360, `Share of runs above each accuracy, ${task?.name ?? ''}`, parts);
}

/** Trained on × tested on, for every arm: darker is more accurate, and the number is in the cell. */
function examPlot(study: StudyDocument): string | null {
  const { datasets } = study.experiment;
  const cells = reasoning(study).filter((cell) => cell.parts.includes('exam'));
  if (cells.length === 0) return null;
  const rows = [...new Map(cells.map((cell) => [`${cell.arm} ${cell.trainedOn ?? ''}`, cell])).values()];
  const nameOf = (id: string | null): string => datasets.find((dataset) => dataset.id === id)?.name ?? '';
  const [top, left, height] = [60, 300, 34];
  const width = (WIDTH - left - 20) / datasets.length;
  const parts = datasets.map(({ name }, column) =>
    text(left + width * (column + 0.5), top - 12, `tested on ${name}`, { anchor: 'middle', weight: 600 }),
  );
  for (const [row, { arm, trainedOn, label }] of rows.entries()) {
    const y = top + row * height;
    const words = trainedOn === null ? label : `${label}, trained on ${nameOf(trainedOn)}`;
    parts.push(text(left - 12, y + height / 2 + 4, words, { anchor: 'end' }));
    for (const [column, { id }] of datasets.entries()) {
      const cell = cells.find((c) => c.arm === arm && c.trainedOn === trainedOn && c.testedOn === id);
      const grey = cell === undefined ? 255 : 250 - Math.round(cell.mean * 190);
      const ink = grey < 140 ? '#fff' : INK;
      const figures = cell === undefined ? '–' : `${percent(cell.mean)}${spread(cell)}`;
      parts.push(
        `<rect x="${f(left + width * column)}" y="${f(y)}" width="${f(width - 2)}" height="${height - 2}" fill="rgb(${grey},${grey},${grey})" stroke="${trainedOn === id ? INK : QUIET}" stroke-width="${trainedOn === id ? 2 : 0.5}"/>`,
        text(left + width * (column + 0.5), y + height / 2 + 4, figures, { anchor: 'middle', fill: ink }),
      );
    }
  }
  const bottom = top + rows.length * height;
  parts.push(text(left, bottom + 22, 'thick border: tested on the task it was trained on', { size: 11, fill: QUIET }));
  return svgFile(WIDTH, bottom + 36, 'Accuracy by task trained on and task tested on', parts);
}

function sweepPlot(study: StudyDocument, part: 'reward-weight' | 'kl-weight'): string | null {
  const value = (cell: ResultCell): number => (part === 'kl-weight' ? cell.klWeight : cell.rewardWeight) ?? 0;
  const cells = reasoning(study)
    .filter((cell) => cell.parts.includes(part) && cell.trainedOn === cell.testedOn)
    .sort((a, b) => value(a) - value(b));
  if (cells.length === 0) return null;
  const [top, bottom, left, right] = [48, 330, 52, WIDTH - 30];
  const places = sweptPlaces(cells.map(value));
  const x = (cell: ResultCell): number => left + 30 + (places[cells.indexOf(cell)] ?? 0.5) * (right - left - 60);
  const y = (share: number): number => bottom - share * (bottom - top);
  const words = part === 'kl-weight' ? 'constant KL weight β' : 'weight of the format reward';
  const points = cells.map((cell) => `${f(x(cell))},${f(y(cell.mean))}`).join(' ');
  const parts = [
    axis(left, top, bottom, y),
    `<polyline points="${points}" fill="none" stroke="${INK}" stroke-width="1.5"/>`,
    ...cells.flatMap((cell) => [
      whisker(x(cell), cell, y),
      ...dots(x(cell), cell, y),
      `<circle cx="${f(x(cell))}" cy="${f(y(cell.mean))}" r="5" fill="${INK}"/>`,
      text(x(cell), bottom + 18, String(value(cell)), { anchor: 'middle' }),
      text(x(cell), bottom + 36, percent(cell.mean), { anchor: 'middle', weight: 600 }),
    ]),
    text((left + right) / 2, bottom + 58, `${words} (GRPO, trained and tested on the same task)`, { anchor: 'middle' }),
  ];
  return svgFile(WIDTH, 400, `Accuracy by ${words}`, parts);
}

type Scale = (share: number) => number;

function axis(left: number, top: number, bottom: number, y: Scale, right = WIDTH - 20): string {
  const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1].map(
    (share) =>
      `<line x1="${left}" x2="${right}" y1="${f(y(share))}" y2="${f(y(share))}" stroke="#ddd"/>${text(left - 8, y(share) + 4, percent(share, 0), { anchor: 'end', size: 11, fill: QUIET })}`,
  );
  return `${ticks.join('')}<line x1="${left}" x2="${left}" y1="${top}" y2="${bottom}" stroke="${QUIET}"/>`;
}

/** The interval over seeds; for a single run Wilson's, dashed because it says nothing about other seeds. */
function whisker(x: number, cell: ResultCell, y: Scale): string {
  const single = cell.seeds[0]?.accuracy;
  const isWithin = cell.low === null || cell.high === null;
  const [low, high] = isWithin
    ? [single?.low ?? cell.mean, single?.high ?? cell.mean]
    : [cell.low ?? 0, cell.high ?? 1];
  const [a, b] = [y(Math.max(0, low)), y(Math.min(1, high))];
  const dash = isWithin ? ' stroke-dasharray="3 2"' : '';
  return `<path d="M${f(x)} ${f(a)}V${f(b)}M${f(x - 5)} ${f(a)}H${f(x + 5)}M${f(x - 5)} ${f(b)}H${f(x + 5)}" stroke="${INK}" fill="none"${dash}/>`;
}

function dots(x: number, cell: ResultCell, y: Scale): string[] {
  if (cell.seeds.length < 2) return [];
  return cell.seeds.map(
    ({ accuracy }, index) =>
      `<circle cx="${f(x + (index - (cell.seeds.length - 1) / 2) * 9)}" cy="${f(y(accuracy.value))}" r="3" fill="#fff" stroke="${INK}"/>`,
  );
}

function spread(cell: ResultCell): string {
  return cell.low === null || cell.high === null
    ? ''
    : ` (${percent(Math.max(0, cell.low))} to ${percent(Math.min(1, cell.high))})`;
}

function lines(label: string): string[] {
  const [first = '', ...rest] = label.split(', ');
  return rest.length === 0 ? label.split(' ') : [first, rest.join(', ')];
}
