/** @file Compares screens with kept pictures. Anything that depends on machine or clock is painted over. */
import { readdirSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import {
  compareWithKept,
  difference,
  KEPT,
  launchStillBrowser,
  picture,
  stillPicture,
  whyNotComparable,
} from './pictures.ts';
import { fillStore, type SyntheticIds } from './synthetic/synthetic-store.ts';
import { startHost, temporaryHome, type StudioHost } from './studio-host.ts';

const reason = await whyNotComparable();
const SIZE = { width: 1280, height: 800 };
const STEPS = 60;

interface Screen {
  path: (ids: SyntheticIds) => string;
  /** Waits for required content to appear. */
  ready?: (page: Page) => Promise<void>;
  masks?: (page: Page) => Locator[];
  dark?: boolean;
}

/** On an empty data folder. */
const EMPTY: Record<string, Screen> = {
  'home-empty': { path: () => '/' },
  'home-empty-dark': { path: () => '/', dark: true },
  'datasets-empty': { path: () => '/datasets' },
  'train-empty': { path: () => '/train' },
  'compare-empty': { path: () => '/compare' },
  verify: { path: () => '/verify' },
  unknown: { path: () => '/elsewhere' },
  palette: {
    path: () => '/elsewhere',
    ready: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByPlaceholder(messages.palette.placeholder).waitFor();
    },
  },
  'keyboard-help': {
    path: () => '/elsewhere',
    ready: async (page) => {
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: messages.help.title }).waitFor();
    },
  },
};

/** On a fixed data folder. */
const FILLED: Record<string, Screen> = {
  datasets: { path: () => '/datasets' },
  run: { path: ({ runId }) => `/runs/${runId}/step/30`, ready: answers, masks: took },
  'run-dark': { path: ({ runId }) => `/runs/${runId}/step/30`, ready: answers, masks: took, dark: true },
  settings: {
    path: () => '/settings',
    // Sizes, folders and the doctor's findings depend on the machine.
    masks: (page) => [page.locator('main code, main dd, main td, main meter, main li')],
  },
};

/** Earlier and later answers to the same question load after the step's own answers. */
async function answers(page: Page): Promise<void> {
  await page.getByRole('group', { name: messages.samples.thenAndNow }).waitFor();
}

/** The run's duration, which is arbitrary because the run was written instantly. */
function took(page: Page): Locator[] {
  return [page.locator('dt', { hasText: messages.run.elapsed }).locator('xpath=following-sibling::dd')];
}

/**
 * Painted over everywhere: the clock, Home's machine details, and pictures, which Chromium scales at varying quality.
 */
function always(page: Page): Locator[] {
  return [page.locator('time'), page.locator('p.engine'), page.locator('main img')];
}

async function settled(page: Page): Promise<void> {
  await page.locator('main :is(h1, h2)').first().waitFor({ state: 'attached' });
  await page.waitForFunction(() => document.querySelector('main [aria-busy="true"], main .skeleton') === null);
  await page.evaluate(() => document.fonts.ready);
  await page.waitForFunction(() => [...document.images].every((image) => image.complete && image.naturalWidth > 0));
  await page.waitForFunction(() => document.getAnimations().every((each) => each.playState !== 'running'));
  // The page may have scrolled to the focused element.
  await page.evaluate(() => window.scrollTo(0, 0));
  // Charts are drawn in the frame after their data arrives.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

describe.skipIf(reason !== null)(`how screens look (${reason ?? 'beside the kept pictures'})`, () => {
  let browser: Browser;
  let empty: Page;
  const hosts: StudioHost[] = [];

  async function open(home = temporaryHome()): Promise<Page> {
    const host = await startHost(home);
    hosts.push(host);
    const context = await browser.newContext({
      viewport: SIZE,
      reducedMotion: 'reduce',
      colorScheme: 'light',
      locale: 'en',
      timezoneId: 'UTC',
    });
    const page = await context.newPage();
    await page.addInitScript(() => location.protocol === 'http:' && localStorage.setItem('atelier.tour', 'yes'));
    await page.goto(host.url);
    await page.getByRole('navigation', { name: messages.nav.label }).waitFor({ timeout: 60_000 });
    return page;
  }

  beforeAll(async () => {
    browser = await launchStillBrowser();
    empty = await open();
  });

  afterAll(async () => {
    await browser.close();
    for (const host of hosts) {
      await host.stop();
      host.clean();
    }
  });

  async function lookAt(page: Page, ids: SyntheticIds, screen: Screen): Promise<Buffer> {
    await page.emulateMedia({ colorScheme: screen.dark === true ? 'dark' : 'light' });
    await page.goto(`${new URL(page.url()).origin}/#${screen.path(ids)}`);
    // A fresh page each time: no focus, hover or half-closed dialog of the last one.
    await page.reload();
    await settled(page);
    await screen.ready?.(page);
    // What `ready` waited for may have brought pictures of its own.
    await settled(page);
    return stillPicture(page, [...always(page), ...(screen.masks?.(page) ?? [])]);
  }

  it('as ever before anything is made', async () => {
    const wrong: (string | null)[] = [];
    for (const [name, screen] of Object.entries(EMPTY)) {
      wrong.push(await compareWithKept(name, await lookAt(empty, {} as SyntheticIds, screen)));
    }
    expect(wrong.filter((each) => each !== null)).toEqual([]);
  });

  it('as ever with pictures and a run', async () => {
    const home = temporaryHome();
    const ids = await fillStore(home, { samples: 12, steps: STEPS, groups: STEPS });
    const page = await open(home);
    const wrong: (string | null)[] = [];
    for (const [name, screen] of Object.entries(FILLED)) {
      wrong.push(await compareWithKept(name, await lookAt(page, ids, screen)));
    }
    expect(wrong.filter((each) => each !== null)).toEqual([]);
  });

  it('otherwise where one word or one colour is another', async () => {
    const page = empty;
    const screen = EMPTY['verify'] as Screen;
    const before = await lookAt(page, {} as SyntheticIds, screen);
    expect(await difference(before, await lookAt(page, {} as SyntheticIds, screen))).toBeNull();
    await page.getByRole('link', { name: messages.stages.names.teach, exact: true }).evaluate((link) => {
      link.textContent = 'Peach';
    });
    expect(await difference(before, await picture(page, always(page)))).not.toBeNull();
    await page.reload();
    await settled(page);
    await page.evaluate(() => document.documentElement.style.setProperty('--wall', '#e8e0d0'));
    expect(await difference(before, await picture(page, always(page)))).not.toBeNull();
  });

  it('and no kept picture is without its screen', () => {
    const known = ['ruler', ...Object.keys(EMPTY), ...Object.keys(FILLED)].map((name) => `${name}.png`);
    expect(readdirSync(KEPT).sort()).toEqual(known.sort());
  });
});
