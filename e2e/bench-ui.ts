/**
 * @file `npm run bench:ui`: how the page holds with 50,000 images, 100,000 steps and 10,000 logged groups, in a real
 * browser against the real host. Reports to out/bench-ui.json and docs/performance-ui.md; asserts nothing.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { messages } from '../renderer/src/messages/en.ts';
import { launchBrowser, openPage } from './browser.ts';
import { ROOT, startHost, temporaryHome } from './studio-host.ts';
import { fillStore } from './synthetic/synthetic-store.ts';

const SIZE = {
  samples: Number(process.env['BENCH_SAMPLES'] ?? 50_000),
  steps: Number(process.env['BENCH_STEPS'] ?? 100_000),
  groups: Number(process.env['BENCH_GROUPS'] ?? 10_000),
};
const FRAMES = 120;
const WAIT_MS = 300_000;

type FrameTimes = { frames: number; medianMs: number; p95Ms: number; worstMs: number };
type Line = { what: string; value: string };

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
  times.sort((a, b) => a - b);
  const at = (share: number): number => Number((times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(1));
  return { frames: times.length, medianMs: at(0.5), p95Ms: at(0.95), worstMs: at(1) };
}

/** Milliseconds from opening an address until `selector` is there and has been drawn. */
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

async function main(): Promise<void> {
  const home = process.env['BENCH_HOME'] ?? temporaryHome();
  console.log(`Filling ${home} …`);
  const { datasetId, runId } =
    process.env['BENCH_IDS'] === undefined
      ? await fillStore(home, SIZE)
      : (JSON.parse(process.env['BENCH_IDS']) as { datasetId: string; runId: string });
  const host = await startHost(home);
  const browser = await launchBrowser();
  const { page } = await openPage(browser, host.origin);
  page.setDefaultTimeout(WAIT_MS);
  // The compiler of these scripts marks named functions; the page has no such helper.
  await page.addInitScript('globalThis.__name ??= (target) => target;');
  try {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(host.url);
    await page.getByRole('navigation').waitFor();

    const homePaintMs = await firstPaint(page, `${host.origin}/#/`, 'main h2');
    const gridPaintMs = await firstPaint(page, `${host.origin}/#/datasets/${datasetId}`, '[role=option] img');
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

    const report = {
      size: SIZE,
      machine: { cpu: cpus()[0]?.model, cores: cpus().length, memoryBytes: totalmem(), browser: browser.version() },
      home: { firstPaintMs: homePaintMs },
      grid: { firstPaintMs: gridPaintMs, scrolling, jumping, tilesInPage: tiles, heapBytes: gridHeap },
      run: { firstPaintMs: runPaintMs, scrubbing, scrolling: pageScroll, heapBytes: runHeap },
    };
    mkdirSync(join(ROOT, 'out'), { recursive: true });
    writeFileSync(join(ROOT, 'out', 'bench-ui.json'), `${JSON.stringify(report, null, 2)}\n`);
    const ms = (value: number): string => `${value.toFixed(0)} ms`;
    const motion = ({ medianMs, p95Ms, worstMs }: FrameTimes): string =>
      `${medianMs.toFixed(1)} / ${p95Ms.toFixed(1)} / ${worstMs.toFixed(1)} ms`;
    const mib = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
    write(
      [
        { what: 'Home: first paint', value: ms(homePaintMs) },
        { what: 'Grid: first picture', value: ms(gridPaintMs) },
        { what: 'Grid: frames while scrolling (median / 95th percentile / worst)', value: motion(scrolling) },
        { what: 'Grid: frames while jumping anywhere', value: motion(jumping) },
        { what: 'Grid: tiles in the page', value: String(tiles) },
        { what: 'Grid: JavaScript heap', value: mib(gridHeap) },
        { what: 'Run: first curves', value: ms(runPaintMs) },
        { what: 'Run: frames while scrubbing over all steps', value: motion(scrubbing) },
        { what: 'Run: frames while scrolling the curves', value: motion(pageScroll) },
        { what: 'Run: JavaScript heap', value: mib(runHeap) },
      ],
      report.machine,
    );
  } finally {
    await browser.close();
    await host.stop();
    if (process.env['BENCH_HOME'] === undefined) host.clean();
  }
}

function write(
  lines: Line[],
  machine: { cpu: string | undefined; cores: number; memoryBytes: number; browser: string },
): void {
  const count = (value: number): string => new Intl.NumberFormat('en').format(value);
  const text = `# How the page holds

\`npm run bench:ui\` fills a data folder with ${count(SIZE.samples)} samples (the starter pictures, repeated), a run of ${count(SIZE.steps)} steps
with more than twenty measurements each, and ${count(SIZE.groups)} logged groups of eight answers, and drives the built page in Chromium against
the real host. Figures are reported, not asserted: they belong to the machine named below, which draws without a graphics card
and may be busy with other work. One frame of a screen with 60 Hz is 16.7 ms.

| measured | result |
|---|---|
${lines.map(({ what, value }) => `| ${what} | ${value} |`).join('\n')}

Machine: ${machine.cpu ?? 'unknown'}, ${String(machine.cores)} cores, ${(machine.memoryBytes / 1024 ** 3).toFixed(0)} GiB; Chromium ${machine.browser}, headless.

What keeps it quick: only the tiles in view exist, with pictures of 160 pixels that are made once; samples come in pages of a hundred; a
replay of a long run comes thinned to 6,000 evenly spaced steps by the store's own query (live steps all come); curves are drawn on
canvas, from at most two points per column of pixels with the lowest and highest of each kept; charts out of sight wait; a burst of
events costs one redraw; answers of a step are fetched when they are looked at.
`;
  writeFileSync(join(ROOT, 'docs', 'performance-ui.md'), text);
  for (const { what, value } of lines) console.log(`${what}: ${value}`);
}

void main();
