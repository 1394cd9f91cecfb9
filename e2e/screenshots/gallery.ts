/** @file Every screen of a studio with some work in it: in light mode, dark mode and on a very large display. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { messages } from '../../renderer/src/messages/en.ts';
import { setUp, type Go } from './beginning.ts';
import { LAPTOP, LARGE, take } from './frame.ts';

const ACT_MS = 5 * 60_000;

/** The ids from which the screens' addresses are built. */
export type Done = { dataset: string; run: string; rivals: string[]; experiment: string; home: string };

type Screen = { name: string; path: string; act?: (page: Page) => Promise<void> };

const heading = (page: Page, name: string): Promise<void> =>
  page.getByRole('heading', { name, exact: true }).waitFor({ timeout: ACT_MS });

function screens(done: Done): Screen[] {
  return [
    { name: 'datasets', path: '/datasets' },
    {
      name: 'dataset',
      path: `/datasets/${done.dataset}`,
      act: async (page) => {
        await page.getByRole('option').nth(8).click();
        await page.getByText(messages.dataset.position('9', '440')).waitFor();
      },
    },
    { name: 'dataset-alike', path: `/datasets/${done.dataset}?view=alike` },
    { name: 'dataset-balance', path: `/datasets/${done.dataset}?view=balance` },
    { name: 'ledger', path: `/ledger/${done.dataset}`, act: (page) => heading(page, messages.ledger.lines) },
    { name: 'rewards', path: '/rewards', act: (page) => heading(page, messages.rewards.library) },
    { name: 'rewards-bench', path: '/rewards', act: bench },
    {
      name: 'train',
      path: '/train',
      act: async (page) => {
        await setUp(page);
        await page.evaluate(() => window.scrollTo(0, 0));
        await heading(page, messages.train.memory.title);
      },
    },
    {
      name: 'train-parameters',
      path: '/train',
      act: async (page) => {
        await setUp(page);
        await page.getByRole('heading', { name: messages.train.parameters }).scrollIntoViewIfNeeded();
        await page.evaluate(() => window.scrollBy(0, 560));
      },
    },
    { name: 'runs', path: '/runs' },
    { name: 'run', path: `/runs/${done.run}` },
    {
      name: 'run-charts',
      path: `/runs/${done.run}/step/30`,
      act: (page) =>
        page
          .getByRole('group', { name: messages.run.controls })
          .evaluate((tools) => window.scrollBy(0, tools.getBoundingClientRect().top - 72)),
    },
    {
      name: 'compare',
      path: `/compare/${done.rivals.join(',')}`,
      act: (page) => heading(page, messages.compare.pairs),
    },
    {
      name: 'evaluation',
      path: `/compare/${done.rivals.join(',')}`,
      act: async (page) => {
        await page
          .getByRole('link', { name: new RegExp(`^${messages.compare.items('')}`) })
          .first()
          .click();
        await page.getByRole('option').first().click();
      },
    },
    {
      name: 'exam',
      path: `/exam/${done.experiment}`,
      act: async (page) => {
        await heading(page, messages.exam.matrix);
        await page
          .getByRole('button', { name: /tested on/ })
          .nth(4)
          .click();
        await page.getByText(messages.compare.gained).first().waitFor();
        await page.evaluate(() => window.scrollTo(0, 0));
      },
    },
    { name: 'exam-set-up', path: '/exam', act: (page) => heading(page, messages.exam.form) },
    { name: 'playground', path: '/playground', act: ask },
    { name: 'export', path: `/export/${done.run}`, act: exportRun(join(done.home, 'picture-bundle')) },
    {
      name: 'receipt',
      path: `/export/${done.run}`,
      act: async (page) => {
        await page.getByRole('link', { name: messages.export.receipt }).click();
        await heading(page, messages.receipt.chain);
      },
    },
    {
      name: 'verify',
      path: `/verify?path=${encodeURIComponent(join(done.home, 'picture-bundle'))}`,
      act: (page) => page.getByText(messages.verify.overall.pass).waitFor({ timeout: ACT_MS }),
    },
    { name: 'settings', path: '/settings' },
  ];
}

/** Also shown in dark mode. */
const DARK = ['dataset', 'run', 'exam', 'playground', 'settings'];
/** Also shown on a very large display. */
const WIDE = ['run'];

/** Returns the screens that could not be captured, with the reason; a failing screen does not hold up the others. */
export async function gallery(page: Page, go: Go, done: Done): Promise<string[]> {
  const only = process.env['SCREENSHOT_ONLY']?.split(',');
  const failed: string[] = [];
  for (const screen of screens(done)) {
    if (only !== undefined && !only.includes(screen.name)) continue;
    try {
      await picture(page, go, screen);
    } catch (error) {
      failed.push(`${screen.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return failed;
}

async function picture(page: Page, go: Go, { name, path, act }: Screen): Promise<void> {
  await page.setViewportSize(LAPTOP);
  await page.emulateMedia({ colorScheme: 'light' });
  await go(path);
  await page.locator('main :is(h1, h2)').first().waitFor({ state: 'attached' });
  await act?.(page);
  await take(page, name);
  if (DARK.includes(name)) {
    await page.emulateMedia({ colorScheme: 'dark' });
    await take(page, `${name}-dark`);
    await page.emulateMedia({ colorScheme: 'light' });
  }
  if (WIDE.includes(name)) {
    await page.setViewportSize(LARGE);
    await take(page, `${name}-large`);
  }
}

async function bench(page: Page): Promise<void> {
  const findings = page.getByRole('heading', { name: messages.rewards.bench.findings });
  await page.getByRole('button', { name: /^Try with/ }).click();
  await findings.waitFor({ timeout: ACT_MS });
  await findings.evaluate((title) => title.scrollIntoView({ block: 'start' }));
  await page.evaluate(() => window.scrollBy(0, -90));
}

async function ask(page: Page): Promise<void> {
  await page.getByRole('option').nth(3).click();
  await page.getByRole('button', { name: messages.playground.ask, exact: true }).click();
  await page.getByRole('listbox', { name: messages.playground.tokensLabel }).nth(1).waitFor({ timeout: ACT_MS });
}

function exportRun(bundle: string): (page: Page) => Promise<void> {
  return async (page) => {
    rmSync(bundle, { recursive: true, force: true });
    await page.getByRole('radio', { name: /CC-BY-SA-4.0/ }).check();
    await page.getByRole('textbox', { name: messages.export.destinationDrop }).fill(bundle);
    await page.getByRole('button', { name: messages.export.create }).click();
    await page.getByText(messages.export.overall.pass).waitFor({ timeout: ACT_MS });
  };
}
