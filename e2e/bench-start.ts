/**
 * @file How long the studio takes to start, by phase, in a browser and in Electron: each on a data folder that exists, started
 * a few times; the median counts. Part of `npm run bench:ui`; `--start` measures nothing else.
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openDisplay } from '../electron/tools/setup/electron/display.mjs';
import { ensureTestElectron } from '../electron/tools/setup/electron/test-electron.mjs';
import { versionOf } from '../electron/tools/setup/packaging/electron-inside.mjs';
import { messages } from '../renderer/src/messages/en.ts';
import { launchBrowser } from './browser.ts';
import { connectToPage, portFile } from './debugging-port.ts';
import { ROOT, startHost, temporaryHome } from './studio-host.ts';

const TIMES = 3;
const WAIT_MS = 120_000;
const ROOTED = process.getuid?.() === 0 ? ['--no-sandbox', '--disable-dev-shm-usage'] : [];

/** Milliseconds since the process was started, except for the engine. */
export interface StartPhases {
  /** The page begins to load: the process runs, and there is a window. */
  processMs: number;
  /** The window shows something of the page. */
  firstPaintMs: number;
  /** The studio has answered the page's first question. */
  studioOpenMs: number;
  /** From the first question to the engine until its answer: its process, Node and TensorFlow. */
  engineMs: number;
}

export interface StartReport {
  browser: StartPhases;
  /** Null where there is no Electron. */
  electron: (StartPhases & { version: string }) | null;
}

/** What the page itself noted, in milliseconds of the wall clock. */
async function notedBy(page: Page): Promise<{ loading: number; painted: number; open: number }> {
  await page.waitForFunction(
    () =>
      performance.getEntriesByName('studio-open').length > 0 &&
      performance.getEntriesByName('first-contentful-paint').length > 0,
    undefined,
    { timeout: WAIT_MS },
  );
  return await page.evaluate(() => {
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    const [open] = performance.getEntriesByName('studio-open');
    return {
      loading: performance.timeOrigin,
      painted: performance.timeOrigin + (paint?.startTime ?? 0),
      open: performance.timeOrigin + (open?.startTime ?? 0),
    };
  });
}

async function engineMs(page: Page, origin: string): Promise<number> {
  await page.goto(`${origin}/#/settings`);
  const check = page.getByRole('button', { name: messages.settings.check, exact: true });
  await check.waitFor({ timeout: WAIT_MS });
  const askedMs = Date.now();
  await check.click();
  await page.getByText('TensorFlow', { exact: true }).first().waitFor({ timeout: WAIT_MS });
  return Date.now() - askedMs;
}

async function phasesOf(page: Page, origin: string, startedMs: number): Promise<StartPhases> {
  const { loading, painted, open } = await notedBy(page);
  return {
    processMs: Math.round(loading - startedMs),
    firstPaintMs: Math.round(painted - startedMs),
    studioOpenMs: Math.round(open - startedMs),
    engineMs: await engineMs(page, origin),
  };
}

/** `atelier serve`, and a page in a browser that is already open. */
async function startInBrowser(home: string): Promise<StartPhases> {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ locale: 'en' });
    const startedMs = Date.now();
    const host = await startHost(home);
    await page.goto(host.url);
    const phases = await phasesOf(page, host.origin, startedMs);
    await host.stop();
    return phases;
  } finally {
    await browser.close();
  }
}

/** The desktop app, not driven by its inspector: that would hold it back while it starts. */
async function startInElectron(home: string, program: string, display: string): Promise<StartPhases> {
  rmSync(portFile(home), { force: true });
  const startedMs = Date.now();
  const app = spawn(
    program,
    [join(ROOT, 'out', 'main', 'index.js'), `--home=${home}`, '--remote-debugging-port=0', ...ROOTED],
    {
      env: { ...process.env, DISPLAY: display, ATELIER_NODE: process.execPath },
      stdio: 'ignore',
    },
  );
  const ended = new Promise((resolve) => app.on('exit', resolve));
  try {
    const { browser, page } = await connectToPage(app, home);
    const phases = await phasesOf(page, 'studio://app', startedMs);
    await browser.close();
    return phases;
  } finally {
    app.kill('SIGTERM');
    await ended;
  }
}

/** The median of each phase; the first start fills the disk's cache and does not count. */
async function median(start: () => Promise<StartPhases>): Promise<StartPhases> {
  const all: StartPhases[] = [];
  for (let time = 0; time <= TIMES; time += 1) all.push(await start());
  const counted = all.slice(1);
  const of = (phase: keyof StartPhases): number =>
    counted.map((each) => each[phase]).sort((a, b) => a - b)[Math.floor(TIMES / 2)] ?? 0;
  return {
    processMs: of('processMs'),
    firstPaintMs: of('firstPaintMs'),
    studioOpenMs: of('studioOpenMs'),
    engineMs: of('engineMs'),
  };
}

/** Measures both doors; the desktop app only where there are an Electron and a display. */
export async function measureStart(): Promise<StartReport> {
  const home = temporaryHome();
  try {
    const browser = await median(() => startInBrowser(home));
    const dist = await ensureTestElectron();
    const display = dist === null ? null : await openDisplay();
    if (dist === null || display === null) return { browser, electron: null };
    try {
      const phases = await median(() => startInElectron(home, join(dist, 'electron'), display.display));
      return { browser, electron: { ...phases, version: versionOf(dist) } };
    } finally {
      display.close();
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
