/** @file Writes docs/performance-ui.md from the figures of one measurement. */
import type { ExportFrames } from './bench-export.ts';
import { LIVE_GOAL, type LiveFigures } from './bench-live.ts';
import type { StartPhases, StartReport } from './bench-start.ts';
import type { FrameTimes, WatchedFrames } from './frame-times.ts';

export type UiReport = {
  size: { samples: number; steps: number; groups: number };
  machine: { cpu: string; cores: number; memoryBytes: number; browser: string };
  load: { before: number; after: number };
  start: StartReport & { load: { before: number; after: number } };
  /** Absent in figures from before it was measured. */
  export?: ExportFrames & { load: { before: number; after: number } };
  live?: LiveFigures & { load: { before: number; after: number } };
  home: { firstPaintMs: number };
  grid: { firstPaintMs: number; scrolling: FrameTimes; jumping: FrameTimes; tilesInPage: number; heapBytes: number };
  run: { firstPaintMs: number; scrubbing: FrameTimes; scrolling: FrameTimes; heapBytes: number };
};

const PHASES: [phase: keyof StartPhases, name: string][] = [
  ['processMs', 'the page begins to load'],
  ['firstPaintMs', 'first paint'],
  ['studioOpenMs', 'the studio has answered'],
  ['engineMs', 'the engine, from the first question to its answer'],
];

function startTable({ browser, electron }: StartReport): string {
  const head = `| after the start of the process | browser | ${electron === null ? 'desktop app' : `desktop app (Electron ${electron.version})`} |`;
  const rows = PHASES.map(
    ([phase, name]) => `| ${name} | ${ms(browser[phase])} | ${electron === null ? '–' : ms(electron[phase])} |`,
  );
  return [head, '| --- | --- | --- |', ...rows].join('\n');
}

/** The measurements, one line each. */
export function linesOf({
  start,
  home,
  grid,
  run,
  export: exported,
  live,
}: UiReport): { what: string; value: string }[] {
  return [
    ...PHASES.map(([phase, name]) => ({
      what: `Start: ${name} (browser / desktop app)`,
      value: `${ms(start.browser[phase])} / ${start.electron === null ? '–' : ms(start.electron[phase])}`,
    })),
    { what: 'Home: first paint', value: ms(home.firstPaintMs) },
    { what: 'Grid: first picture', value: ms(grid.firstPaintMs) },
    { what: 'Grid: frames while scrolling (median / 95th percentile / worst)', value: motion(grid.scrolling) },
    { what: 'Grid: frames while jumping anywhere', value: motion(grid.jumping) },
    { what: 'Grid: tiles in the page', value: String(grid.tilesInPage) },
    { what: 'Grid: JavaScript heap', value: mib(grid.heapBytes) },
    { what: 'Run: first curves', value: ms(run.firstPaintMs) },
    { what: 'Run: frames while scrubbing over all steps', value: motion(run.scrubbing) },
    { what: 'Run: frames while scrolling the curves', value: motion(run.scrolling) },
    { what: 'Run: JavaScript heap', value: mib(run.heapBytes) },
    ...(exported === undefined
      ? []
      : [
          { what: 'Export: frames before (median / 95th percentile / worst)', value: watched(exported.before) },
          { what: 'Export: frames while weights are merged', value: watched(exported.during) },
        ]),
    ...(live === undefined ? [] : liveLines(live).map(([what, value]) => ({ what: `Live: ${what}`, value }))),
  ];
}

function liveLines({
  layoutShift,
  longTasks,
  seconds,
  steps,
}: LiveFigures): [what: string, value: string, goal: string][] {
  return [
    ['steps that arrived', `${String(steps)} in ${String(seconds)} s`, '–'],
    ['layout shift, worst five seconds', layoutShift.worst.toFixed(3), `at most ${String(LIVE_GOAL.layoutShift)}`],
    ['layout shift, all added up', layoutShift.sum.toFixed(3), '–'],
    ['time in long tasks', share(longTasks.share), `at most ${share(LIVE_GOAL.longTaskShare)}`],
    ['long tasks', `${String(longTasks.count)}, the longest ${ms(longTasks.longestMs)}`, '–'],
  ];
}

export function pageOf(report: UiReport): string {
  const { size, machine, load } = report;
  return `# How the page performs

\`npm run bench:ui\` fills a data folder with ${count(size.samples)} samples (the starter pictures, repeated), a run of
${count(size.steps)} steps with more than twenty metrics each, and ${count(size.groups)} logged groups of eight answers. It then drives the
built page in Chromium against the real host. The figures are reported, not asserted: they depend on the machine named
below, which draws without a graphics card, and on what else it was doing. The command writes this page from
[performance-ui.json](performance-ui.json). On a 60 Hz screen, one frame lasts 16.7 ms.

| measured | result |
| --- | --- |
${linesOf(report)
  .filter(({ what }) => !/^(Start|Export|Live):/.test(what))
  .map(({ what, value }) => `| ${what} | ${value} |`)
  .join('\n')}

Machine: ${machine.cpu}, ${String(machine.cores)} cores, ${(machine.memoryBytes / 1024 ** 3).toFixed(0)} GiB; Chromium ${machine.browser}, headless. Load before ${load.before.toFixed(1)}, after ${load.after.toFixed(1)}
processes on ${String(machine.cores)} cores. Above ${String(machine.cores)}, other processes affected every figure.

## How the studio starts

The median of three starts on a data folder that exists, from the start of the process (\`atelier serve\` and a browser that is already
open, or Electron's program). The window comes before the work: the desktop app shows its page while the studio opens beside it. The
engine starts when it is first needed. \`npm run bench:ui -- --start\` measures only this.

${startTable(report.start)}

Load before ${report.start.load.before.toFixed(1)}, after ${report.start.load.after.toFixed(1)} processes on ${String(machine.cores)} cores.
${exportSection(report)}${liveSection(report)}
## What keeps it fast

- Notes about a run stand in one line, answers in places of equal height: what is new replaces what was there.
- Only the visible tiles exist. Their 160-pixel pictures are made once.
- Samples arrive in pages of a hundred.
- The store's own query thins the replay of a long run to 6,000 evenly spaced steps. Live steps all arrive.
- Curves are drawn on canvas, from at most two points per pixel column: the lowest and the highest.
- Charts outside the viewport wait.
- A burst of events costs one redraw.
- The marked step is a line above the canvas, so scrubbing redraws no curve.
- The page fetches the answers of one step at a time. Of the steps you scrub past, it fetches only the last.
`;
}

function exportSection({ export: exported, machine }: UiReport): string {
  if (exported === undefined) return '';
  const { before, during, bytes, seconds, load } = exported;
  const row = (when: string, frames: WatchedFrames): string =>
    `| ${when} | ${String(frames.frames)} | ${motion(frames)} | ${String(frames.long)} |`;
  return `
## While an adapter is merged

The Export page scrolls on every frame, and shows the progress of a merged export: ${(bytes / 1e9).toFixed(1)} GB of weights, which the engine
merged, hashed and wrote in ${seconds.toFixed(1)} s. A frame is long if it takes more than 25 ms. \`npm run bench:ui -- --export\` measures
only this.

| the page | frames | median / 95th percentile / worst | long frames |
| --- | --- | --- | --- |
${row('before the export', before)}
${row('while the weights are merged', during)}

Load before ${load.before.toFixed(1)}, after ${load.after.toFixed(1)} processes on ${String(machine.cores)} cores.
`;
}

function liveSection({ live, machine }: UiReport): string {
  if (live === undefined) return '';
  const moved = live.moved.map(({ what, value }) => `\`${what}\` ${value.toFixed(3)}`).join(', ');
  return `
## While a run is followed live

The page of a run at 1280 × 720 while the starter model trains on the counting pictures, two questions with four answers in each step, so that
steps come fast; nobody touches it. A layout shift is the browser's own measure of what jumps; a "good" page has at most ${String(LIVE_GOAL.layoutShift)} in any five seconds (Core Web Vitals). A long task takes more
than 50 ms, in which the page cannot answer. The page shows at most two updates a second, however many arrive, and none of the answers
while you point at them. \`npm run bench:ui -- --live\` measures only this.

| measured | result | goal |
| --- | --- | --- |
${liveLines(live)
  .map((cells) => `| ${cells.join(' | ')} |`)
  .join('\n')}

${moved === '' ? 'Nothing moved.' : `What moved: ${moved}.`} Load before ${live.load.before.toFixed(1)}, after ${live.load.after.toFixed(1)} processes on ${String(machine.cores)} cores, which the run itself needs.
`;
}

const ms = (value: number): string => `${value.toFixed(0)} ms`;
const mib = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
const share = (value: number): string => `${(value * 100).toFixed(1)}%`;
const count = (value: number): string => new Intl.NumberFormat('en').format(value);

function watched(frames: WatchedFrames): string {
  return `${motion(frames)}, ${String(frames.long)} of ${String(frames.frames)} long`;
}

function motion({ medianMs, p95Ms, worstMs }: FrameTimes): string {
  return `${medianMs.toFixed(1)} / ${p95Ms.toFixed(1)} / ${worstMs.toFixed(1)} ms`;
}
