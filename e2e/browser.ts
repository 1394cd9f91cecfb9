/** @file A browser page that records everything that goes wrong in it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { findBrowser } from '../electron/tools/setup/packages/browser.mjs';

/** Path of the browser; null if there is none, in which case the tests are skipped by name. */
export const BROWSER = findBrowser();

/** Longest wait for one thing on a page; a busy machine needs some patience. */
const ACTION_MS = 15_000;

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface WatchedPage {
  page: Page;
  /** Console errors, uncaught exceptions, failed requests and breaches of the content security policy. */
  troubles: string[];
  /** Every address requested outside `origin`. */
  strangers: string[];
}

/** Starts the headless browser. */
export async function launchBrowser(): Promise<Browser> {
  if (BROWSER === null) throw new Error('No Chromium was found.');
  return chromium.launch({
    executablePath: BROWSER,
    // Containers and root have no user namespaces, and little shared memory.
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-dev-shm-usage'],
  });
}

/** Opens a page that may only talk to `origin`. */
export async function openPage(browser: Browser, origin: string): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: 1360, height: 860 },
    reducedMotion: 'reduce',
    // The tests read English, whatever this computer speaks.
    locale: 'en',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(ACTION_MS);
  const troubles: string[] = [];
  const strangers: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => troubles.push(`exception: ${error.message}`));
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    // Leaving a screen cancels pictures that are still loading.
    if (reason !== 'net::ERR_ABORTED') troubles.push(`request: ${request.url()} ${reason}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) troubles.push(`status ${response.status()}: ${response.url()}`);
  });
  page.on('request', (request) => {
    const { protocol, origin: asked } = new URL(request.url());
    if (protocol.startsWith('http') && asked !== origin) strangers.push(request.url());
  });
  await page.addInitScript(() => {
    // The first-steps tour has its own test; elsewhere it would cover what is being tested.
    if (location.protocol === 'http:') localStorage.setItem('atelier.tour', 'yes');
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  return { page, troubles, strangers };
}

interface AxeResult {
  violations: {
    id: string;
    impact: string | null;
    help: string;
    nodes: { target: unknown[]; failureSummary?: string }[];
  }[];
}

/**
 * Waits until nothing moves. Colours still in transition have a different contrast, and a change of the colour scheme starts
 * its transitions at the next frame, not at once: so a few frames in a row must be still.
 */
export async function still(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const moves = (): boolean =>
      document
        .getAnimations()
        .some((each) => each.playState === 'running' && each.effect?.getTiming().iterations !== Infinity);
    // A page that keeps moving, as one with a running job may, is looked at after all.
    for (let [frames, seen] = [0, 0]; frames < 3 && seen < 200; seen++) {
      // A window that is hidden draws no frames.
      await new Promise((frame) => {
        requestAnimationFrame(frame);
        setTimeout(frame, 100);
      });
      frames = moves() ? 0 : frames + 1;
    }
  });
}

/** axe-core's serious or critical findings on the current page, one sentence each. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await still(page);
  // Through the debugger, so that the page's own policy need not allow it.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: (options: object) => Promise<AxeResult> } }).axe.run({
      resultTypes: ['violations'],
    }),
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help} (${node.target.join(' ')})`));
}

/** Waits until the visible pictures have loaded and returns their number. A page that is still being drawn may show more: poll. */
export async function loadedImages(page: Page, selector = 'img'): Promise<number> {
  await page.locator(selector).first().waitFor();
  await page.waitForFunction(
    (wanted) => [...document.querySelectorAll<HTMLImageElement>(wanted)].every((image) => image.complete),
    selector,
  );
  return page
    .locator(selector)
    .evaluateAll((images) => images.filter((image) => (image as HTMLImageElement).naturalWidth > 0).length);
}
