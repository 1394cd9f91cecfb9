/**
 * @file How calm the page of a live run is: what jumps (layout shift) and how long the page cannot answer (long tasks) while
 * the starter model really trains. Part of `npm run bench:ui`; `--live` measures nothing else.
 */
import type { Page } from 'playwright-core';
import { messages } from '../renderer/src/messages/en.ts';
import { terms } from '../renderer/src/messages/terms.ts';
import { launchBrowser, openPage } from './browser.ts';
import { atelier, startHost, temporaryHome } from './studio-host.ts';

const WAIT_MS = 600_000;
const WATCHED_MS = Number(process.env['BENCH_LIVE_SECONDS'] ?? 120) * 1000;
/** More than are trained in that time, and small: what matters is how often something new arrives. */
const STEPS = 2000;
const SMALL = [
  [terms.promptsPerStep, 2],
  [terms.numGenerations, 4],
  [terms.evalSamples, 8],
] as const;

/** What a person should not notice: a "good" shift by Core Web Vitals, and an answer to all but one click in twenty. */
export const LIVE_GOAL = { layoutShift: 0.1, longTaskShare: 0.05 };

export interface LiveFigures {
  seconds: number;
  /** Steps that arrived meanwhile. */
  steps: number;
  /** All shifts added up, and the worst five seconds (CLS), which the goal is about. */
  layoutShift: { sum: number; worst: number };
  /** Share of the time in tasks of more than 50 ms, the longest of them, and their number. */
  longTasks: { share: number; longestMs: number; count: number };
  /** What moved most, with its share of the sum. */
  moved: { what: string; value: number }[];
}

type Shift = { at: number; value: number; what: string[] };
interface Watching {
  shifts: Shift[];
  tasks: number[];
  startedMs: number;
}

async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const watching: Watching = { shifts: [], tasks: [], startedMs: performance.now() };
    Object.assign(globalThis, { watching });
    type Source = { node: Node | null; previousRect: DOMRectReadOnly; currentRect: DOMRectReadOnly };
    type ShiftEntry = PerformanceEntry & { value: number; hadRecentInput: boolean; sources: Source[] };
    const nameOf = (node: Node | null): string => {
      const element = node instanceof Element ? node : (node?.parentElement ?? null);
      if (element === null) return '(gone)';
      const classes = [...element.classList].filter((name) => !name.startsWith('svelte-')).join('.');
      return `${element.parentElement?.tagName.toLowerCase() ?? ''} > ${element.tagName.toLowerCase()}${classes === '' ? '' : `.${classes}`}`;
    };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as ShiftEntry[]) {
        const what = entry.sources.map(({ node }) => nameOf(node));
        if (!entry.hadRecentInput) watching.shifts.push({ at: entry.startTime, value: entry.value, what });
      }
    }).observe({ type: 'layout-shift' });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) watching.tasks.push(duration);
    }).observe({ type: 'longtask' });
  });
}

async function figures(page: Page, before: number, after: number): Promise<LiveFigures> {
  const { shifts, tasks, ms } = await page.evaluate(() => {
    const { watching } = globalThis as unknown as { watching: Watching };
    return { ...watching, ms: performance.now() - watching.startedMs };
  });
  const moved = new Map<string, number>();
  for (const { value, what } of shifts)
    for (const each of what) moved.set(each, (moved.get(each) ?? 0) + value / what.length);
  return {
    seconds: round(ms / 1000, 0),
    steps: after - before,
    layoutShift: { sum: round(sumOf(shifts.map(({ value }) => value)), 3), worst: round(worstWindow(shifts), 3) },
    longTasks: {
      share: round(sumOf(tasks) / ms, 3),
      longestMs: round(Math.max(0, ...tasks), 0),
      count: tasks.length,
    },
    moved: [...moved]
      .map(([what, value]) => ({ what, value: round(value, 3) }))
      .filter(({ value }) => value > 0)
      .sort((a, b) => b.value - a.value)
      .slice(0, 6),
  };
}

/** The largest sum of shifts less than a second apart, in at most five seconds: how CLS is defined. */
export function worstWindow(shifts: readonly Pick<Shift, 'at' | 'value'>[]): number {
  let [worst, sum, first, last] = [0, 0, -Infinity, -Infinity];
  for (const { at, value } of shifts) {
    if (at - last > 1000 || at - first > 5000) [sum, first] = [0, at];
    sum += value;
    last = at;
    worst = Math.max(worst, sum);
  }
  return worst;
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** Trains the starter model on the counting pictures, and watches the page of the run. */
export async function measureLive(): Promise<LiveFigures> {
  const home = temporaryHome();
  const dataset = atelier(home, 'import', '--starter', 'counting') as { id?: string; dataset?: { id: string } };
  const datasetId = dataset.id ?? dataset.dataset?.id ?? '';
  const host = await startHost(home);
  const browser = await launchBrowser();
  try {
    const { page } = await openPage(browser, host.origin);
    page.setDefaultTimeout(WAIT_MS);
    // The compiler of these scripts wraps named functions in a helper that the page lacks.
    await page.addInitScript('globalThis.__name ??= (target) => target;');
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.goto(host.url);
    await page.getByRole('navigation', { name: messages.nav.label }).waitFor();
    await page.goto(`${host.origin}/#/train?dataset=${datasetId}`);
    await page.getByRole('textbox', { name: terms.steps.label, exact: true }).fill(String(STEPS));
    await page.getByRole('tab', { name: messages.train.advanced }).click();
    for (const [term, value] of SMALL)
      await page.getByRole('textbox', { name: term.label, exact: true }).fill(String(value));
    await page.getByRole('button', { name: messages.train.start }).click();
    await page.waitForURL(/#\/runs\/.+/);
    const scrubber = page.getByRole('slider', { name: messages.samples.stepLabel });
    await scrubber.waitFor();
    const stepNow = async (): Promise<number> => Number(await scrubber.getAttribute('max'));
    // Away from everything that the pointer would pause.
    await page.mouse.move(4, 4);
    await page.waitForTimeout(2000);
    const before = await stepNow();
    await watch(page);
    await page.waitForTimeout(WATCHED_MS);
    return await figures(page, before, await stepNow());
  } finally {
    await browser.close();
    await host.stop();
    host.clean();
  }
}
