/** @file A studio on its first day: the welcome, the tour, a table previewed before import, and a live run. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { messages } from '../../renderer/src/messages/en.ts';
import { terms } from '../../renderer/src/messages/terms.ts';
import { birdsOf, makeBirds } from '../birds.ts';
import { copySignedImages, SIGNED_IMAGES } from '../signed-images.ts';
import { LAPTOP, take, ZOOMED } from './frame.ts';

const RUN_MS = 30 * 60_000;
/** The model learns visibly in this many steps of eight questions with eight answers each. */
const STEPS = Number(process.env['SCREENSHOT_STEPS'] ?? 40);
const BATCH = 8;

export type Go = (path: string) => Promise<unknown>;

/** An empty data folder. */
export async function firstDay(page: Page, go: Go): Promise<void> {
  await page.getByRole('link', { name: messages.home.importOwn }).waitFor();
  await take(page, 'welcome');
  await go('/?tour=1');
  const card = page.getByRole('region', { name: messages.tour.label });
  await card.waitFor();
  await card.getByRole('button', { name: messages.tour.next }).click();
  await page.waitForURL(/#\/datasets/);
  await take(page, 'tour');
  await card.getByRole('button', { name: messages.tour.skip }).click();
  await go('/runs');
  await page.getByText(messages.runs.empty).first().waitFor();
  await take(page, 'runs-empty');
}

/**
 * A table in which some images opt out, one is missing and one has no answer, created in `folder` and read in a dry
 * run.
 */
export async function dryRun(page: Page, go: Go, folder: string): Promise<void> {
  copySignedImages(folder);
  const rows = [...SIGNED_IMAGES, 'lost.jpg'].map(
    (image, index) => `${image},"How many boats are there?",${String(index)},Ada`,
  );
  rows.push('silent.jpg,"How many sails are there?",,Ada');
  writeFileSync(join(folder, 'harbour.csv'), `file_name,question,answer,author\n${rows.join('\n')}\n`);
  await go('/datasets?import=1');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: messages.import.drop }).fill(folder);
  await dialog.getByRole('button', { name: messages.import.inspect }).click();
  await dialog.getByText(messages.import.groups.happens).click();
  await dialog.getByText(/^Opted out of training/).waitFor();
  await take(page, 'import');
  const look = dialog.getByText(messages.import.glimpses['opted-out'](2));
  await look.click();
  await look.evaluate((summary) => summary.scrollIntoView({ block: 'center' }));
  await take(page, 'import-look');
  await page.keyboard.press('Escape');
}

/** Ten pictures without a table, all but one of which are answered. */
export async function lightTable(page: Page, go: Go, folder: string): Promise<void> {
  const pictures = 10;
  const text = messages.labels;
  await makeBirds(folder, pictures);
  await page.setViewportSize(LAPTOP);
  await go('/datasets?label=1');
  await page.getByRole('textbox', { name: text.making.drop }).fill(folder);
  await page.getByRole('textbox', { name: text.making.question }).fill('How many birds are there?');
  await page.keyboard.press('Enter');
  for (let index = 0; index < pictures; index += 1) {
    await page.getByText(text.picture(index + 1, pictures)).waitFor();
    await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT');
    if (index !== 5) await page.keyboard.type(String(birdsOf(index)));
    await page.keyboard.press(index === 5 ? 'PageDown' : 'Enter');
  }
  await page.getByText(text.progress(String(pictures - 1), String(pictures))).waitFor();
  for (let index = pictures - 1; index > 3; index -= 1) await page.keyboard.press('PageUp');
  await page.getByText(text.picture(4, pictures)).waitFor();
  await take(page, 'light-table');
  await page.emulateMedia({ colorScheme: 'dark' });
  await take(page, 'light-table-dark');
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Fills in the recipe of the run. */
export async function setUp(page: Page): Promise<void> {
  await page.getByRole('heading', { name: messages.train.title, level: 1 }).waitFor();
  await page.getByRole('radio', { name: /^Counting/ }).check();
  for (const [term, value] of [
    [terms.steps, STEPS],
    [terms.promptsPerStep, BATCH],
    [terms.numGenerations, BATCH],
  ] as const) {
    await page.getByRole('textbox', { name: term.label, exact: true }).fill(String(value));
  }
}

/** Sets up a run, starts it and takes its pictures while it is running. */
export async function liveRun(page: Page, go: Go): Promise<void> {
  await go('/train');
  await setUp(page);
  await page.getByRole('button', { name: messages.train.start }).click();
  await page.waitForURL(/#\/runs\/.+/);
  const run = new URL(page.url()).hash.slice(1);
  await reached(page, Math.ceil(STEPS * 0.5));
  await take(page, 'run-live');
  await go('/');
  await page.getByRole('heading', { name: messages.home.runningNow }).waitFor();
  await take(page, 'home');
  await page.setViewportSize(ZOOMED);
  await page.getByRole('button', { name: messages.nav.home }).click();
  await take(page, 'home-zoomed');
  await page.setViewportSize(LAPTOP);
  await go(run);
  await page.getByText(messages.runs.status.completed).first().waitFor({ timeout: RUN_MS });
}

/** Waits until a live run has taken `step` steps. */
async function reached(page: Page, step: number): Promise<void> {
  await page.waitForFunction(
    (wanted) => Number(/(\d+) \/ \d+/.exec(document.querySelector('dl dd')?.textContent ?? '')?.[1]) >= wanted,
    step,
    { timeout: RUN_MS },
  );
}
