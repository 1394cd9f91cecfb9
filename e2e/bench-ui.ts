/**
 * @file `npm run bench:ui`: how the studio starts, how the page copes with 50,000 images, 100,000 steps and 10,000 logged
 * groups, whether it stays smooth during a merged export and calm during a run, in a real browser against the real host. Writes
 * docs/performance-ui.json and, from that, docs/performance-ui.md; asserts nothing.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { messages } from '../renderer/src/messages/en.ts';
import { launchBrowser, openPage } from './browser.ts';
import { measureExport } from './bench-export.ts';
import { measureLive } from './bench-live.ts';
import { measureStart } from './bench-start.ts';
import { linesOf, pageOf, type UiReport } from './bench-ui-page.ts';
import { frameTimesOf, type FrameTimes } from './frame-times.ts';
import { ROOT, startHost, temporaryHome } from './studio-host.ts';
import { fillStore } from './synthetic/synthetic-store.ts';

const SIZE = {
  samples: Number(process.env['BENCH_SAMPLES'] ?? 50_000),
  steps: Number(process.env['BENCH_STEPS'] ?? 100_000),
  groups: Number(process.env['BENCH_GROUPS'] ?? 10_000),
};
const FRAMES = 120;
const WAIT_MS = 300_000;

/** Runnable processes, averaged over the last minute. */
const load = (): number => Number((loadavg()[0] ?? 0).toFixed(1));

/** Runs `step` once per animation frame and measures from frame to frame, inside the page. */
async function frames(page: Page, step: string): Promise<FrameTimes> {
  const times = await page.evaluate(
    async ([code, count]) => {
      const act = (globalThis as unknown as Record<string, (index: number) => void>)[code];
      const measured: number[] = [];
      let last = performance.now();
      for (let index = 0; index < count; index += 1) {
        act?.(index);
        await new Promise((resolve) => requestAnimationFrame(resolve));
        const now = performance.now();
        measured.push(now - last);
        last = now;
      }
      return measured;
    },
    [step, FRAMES] as const,
  );
  return frameTimesOf(times);
}

/** Milliseconds from opening an address until `selector` exists and has been drawn. */
async function firstPaint(page: Page, url: string, selector: string): Promise<number> {
  await page.goto('about:blank');
  const startedMs = Date.now();
  await page.goto(url);
  await page.locator(selector).first().waitFor({ timeout: WAIT_MS });
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  return Date.now() - startedMs;
}

/** Bytes of the page's JavaScript heap after a collection. */
async function heapBytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize;
}

const JSON_FILE = join(ROOT, 'docs', 'performance-ui.json');

function writeReport(report: UiReport): void {
  writeFileSync(JSON_FILE, `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(join(ROOT, 'docs', 'performance-ui.md'), pageOf(report));
  for (const { what, value } of linesOf(report)) console.log(`${what}: ${value}`);
}

/** What `measure` found, with the load before and after. */
async function underLoad<T extends object>(measure: () => Promise<T>): Promise<T & Pick<UiReport, 'load'>> {
  const before = load();
  const measured = await measure();
  return { ...measured, load: { before, after: load() } };
}

const published = (): UiReport => JSON.parse(readFileSync(JSON_FILE, 'utf8')) as UiReport;

async function main(): Promise<void> {
  // Each measures one part, and keeps the other figures.
  if (process.argv.includes('--start')) {
    writeReport({ ...published(), start: await underLoad(measureStart) });
    return;
  }
  if (process.argv.includes('--export')) {
    writeReport({ ...published(), export: await underLoad(measureExport) });
    return;
  }
  if (process.argv.includes('--live')) {
    writeReport({ ...published(), live: await underLoad(measureLive) });
    return;
  }
  const home = process.env['BENCH_HOME'] ?? temporaryHome();
  console.log(`Filling ${home} …`);
  const { datasetId, runId } =
    process.env['BENCH_IDS'] === undefined
      ? await fillStore(home, SIZE)
      : (JSON.parse(process.env['BENCH_IDS']) as { datasetId: string; runId: string });
  const start = await underLoad(measureStart);
  const exported = await underLoad(measureExport);
  const live = await underLoad(measureLive);
  const host = await startHost(home);
  const browser = await launchBrowser();
  const { page } = await openPage(browser, host.origin);
  page.setDefaultTimeout(WAIT_MS);
  // The compiler of these scripts wraps named functions in a helper that the page lacks.
  await page.addInitScript('globalThis.__name ??= (target) => target;');
  try {
    await page.setViewportSize({ width: 1440, height: 900 });
    const loadBefore = load();
    await page.goto(host.url);
    await page.getByRole('navigation').waitFor();

    const homePaintMs = await firstPaint(page, `${host.origin}/#/`, 'main h2');
    const gridPaintMs = await firstPaint(
      page,
      `${host.origin}/#/datasets/${datasetId}?by=question`,
      '[role=option] img',
    );
    await page.evaluate(() => {
      const box = document.querySelector('[role=listbox]');
      Object.assign(globalThis, {
        scrollOn: () => box?.scrollBy(0, 300),
        scrollFar: (index: number) => box?.scrollTo(0, ((index * 7919) % 120) * ((box.scrollHeight - 900) / 120)),
      });
    });
    const scrolling = await frames(page, 'scrollOn');
    const jumping = await frames(page, 'scrollFar');
    const gridHeap = await heapBytes(page);
    const tiles = await page.locator('[role=option]').count();

    const runPaintMs = await firstPaint(page, `${host.origin}/#/runs/${runId}`, '.canvas canvas');
    await page.waitForTimeout(1500);
    const label = messages.samples.stepLabel;
    await page.evaluate(
      ([name, steps]) => {
        const slider = document.querySelector<HTMLInputElement>(`input[type=range][aria-label="${name}"]`);
        Object.assign(globalThis, {
          scrub: (index: number) => {
            if (slider === null) return;
            slider.value = String(1 + ((index * 6133) % steps));
            slider.dispatchEvent(new Event('input', { bubbles: true }));
          },
          scrollPage: () => window.scrollBy(0, 40),
        });
      },
      [label, SIZE.steps] as const,
    );
    const scrubbing = await frames(page, 'scrub');
    const pageScroll = await frames(page, 'scrollPage');
    const runHeap = await heapBytes(page);

    const report: UiReport = {
      size: SIZE,
      machine: {
        cpu: cpus()[0]?.model ?? 'unknown',
        cores: cpus().length,
        memoryBytes: totalmem(),
        browser: browser.version(),
      },
      load: { before: loadBefore, after: load() },
      start,
      export: exported,
      live,
      home: { firstPaintMs: homePaintMs },
      grid: { firstPaintMs: gridPaintMs, scrolling, jumping, tilesInPage: tiles, heapBytes: gridHeap },
      run: { firstPaintMs: runPaintMs, scrubbing, scrolling: pageScroll, heapBytes: runHeap },
    };
    writeReport(report);
  } finally {
    await browser.close();
    await host.stop();
    if (process.env['BENCH_HOME'] === undefined) host.clean();
  }
}

void main();
