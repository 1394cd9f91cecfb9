/**
 * @file Takes the pictures of the documentation from the real studio: `npm run screenshots`. Imports the starter
 * pictures into a data folder of its own, trains the starter model for some steps (a few minutes), and looks.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { messages } from '../renderer/src/messages/en.ts';
import { terms } from '../renderer/src/messages/terms.ts';
import { launchBrowser, loadedImages, openPage } from './browser.ts';
import { ROOT, startHost } from './studio-host.ts';

const FOLDER = join(ROOT, 'docs', 'images');
/** The model learns visibly in so many steps of eight questions with eight answers each. */
const STEPS = Number(process.env['SCREENSHOT_STEPS'] ?? 40);
const BATCH = 8;
const RUN_MS = 30 * 60_000;
/** Screens that show something of their own once there are pictures and a run. */
const SCREENS = ['ledger', 'rewards', 'runs', 'compare', 'exam', 'playground', 'export', 'verify', 'settings'];
/** A laptop's window. */
const VIEW = { width: 1440, height: 900 };

async function main(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const host = await startHost();
  const browser = await launchBrowser();
  const { page } = await openPage(browser, host.origin);
  await page.setViewportSize(VIEW);
  const go = (path: string): Promise<unknown> => page.goto(`${host.origin}/#${path}`);
  try {
    await page.goto(host.url);
    await page.getByRole('link', { name: messages.home.importOwn }).waitFor();
    await take(page, 'welcome');

    for (const begin of [messages.datasets.beginGeometry, messages.datasets.beginCounting]) {
      await go('/');
      await go('/datasets');
      await importStarter(page, begin);
    }
    await go('/datasets');
    await take(page, 'datasets');
    await page.getByRole('link', { name: /Counting/ }).click();
    await page.getByRole('option').nth(15).click();
    await take(page, 'dataset');

    await page.getByRole('link', { name: messages.dataset.train }).click();
    await page.getByRole('heading', { name: messages.train.title, level: 1 }).waitFor();
    for (const [term, value] of [
      [terms.steps, STEPS],
      [terms.promptsPerStep, BATCH],
      [terms.numGenerations, BATCH],
    ] as const) {
      await page.getByRole('textbox', { name: term.label, exact: true }).fill(String(value));
    }
    await page.evaluate(() => window.scrollTo(0, 0));
    await take(page, 'train');

    await page.getByRole('button', { name: messages.train.start }).click();
    await page.waitForURL(/#\/runs\/.+/);
    const run = new URL(page.url()).hash.slice(1);
    await reached(page, Math.ceil(STEPS * 0.6));
    await take(page, 'run-live');
    await go('/');
    await page.getByRole('heading', { name: messages.home.runningNow }).waitFor();
    await take(page, 'home');

    await go(run);
    await page.getByText(messages.runs.status.completed).first().waitFor({ timeout: RUN_MS });
    await take(page, 'run');
    await page.emulateMedia({ colorScheme: 'dark' });
    await take(page, 'run-dark');
    await page.emulateMedia({ colorScheme: 'light' });
    for (const screen of SCREENS) {
      await go(`/${screen}`);
      await page.locator('main :is(h1, h2)').first().waitFor({ state: 'attached' });
      await take(page, screen);
    }
  } finally {
    await browser.close();
    await host.stop();
    host.clean();
  }
}

/** Takes the picture of what is in view, once its images are there and the charts are drawn. */
async function take(page: Page, name: string): Promise<void> {
  if ((await page.locator('img').count()) > 0) await loadedImages(page);
  await page.mouse.move(0, 0);
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });
  await page.waitForTimeout(800);
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
  console.log(`docs/images/${name}.png`);
}

async function importStarter(page: Page, button: string): Promise<void> {
  const label = button === messages.datasets.beginGeometry ? /Geometry/ : /Counting|counting/;
  await page.getByRole('button', { name: label }).first().click();
  await page.waitForURL(/#\/datasets\/.+/, { timeout: RUN_MS });
}

/** Waits until a live run has taken `step` steps. */
async function reached(page: Page, step: number): Promise<void> {
  await page.waitForFunction(
    (wanted) => Number(/(\d+) \/ \d+/.exec(document.querySelector('dl dd')?.textContent ?? '')?.[1]) >= wanted,
    step,
    { timeout: RUN_MS },
  );
}

void main();
