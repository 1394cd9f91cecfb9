/**
 * @file Takes the pictures of the documentation from the real studio: `npm run screenshots`. Imports the starter
 * pictures into a data folder of its own, trains the starter model for some steps, and looks.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { messages } from '../renderer/src/messages/en.ts';
import { terms } from '../renderer/src/messages/terms.ts';
import { launchBrowser, loadedImages, openPage } from './browser.ts';
import { ROOT, startHost } from './studio-host.ts';

const FOLDER = join(ROOT, 'docs', 'images');
const STEPS = Number(process.env['SCREENSHOT_STEPS'] ?? 40);
const RUN_MS = 30 * 60_000;

async function main(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const host = await startHost();
  const browser = await launchBrowser();
  const { page } = await openPage(browser, host.origin);
  const take = async (name: string): Promise<void> => {
    await page.screenshot({ path: join(FOLDER, `${name}.png`) });
    console.log(`docs/images/${name}.png`);
  };
  try {
    await page.goto(host.url);
    await page.getByRole('link', { name: messages.home.importOwn }).waitFor();
    await take('welcome');

    await page.goto(`${host.origin}/#/datasets`);
    await page.getByRole('button', { name: messages.datasets.beginCounting }).first().click();
    await page.waitForURL(/#\/datasets\/.+/, { timeout: RUN_MS });
    await loadedImages(page);
    await take('dataset');

    await page.goto(`${host.origin}/#/train`);
    await page.getByRole('textbox', { name: terms.steps.label, exact: true }).fill(String(STEPS));
    await take('train');
    await page.getByRole('button', { name: messages.train.start }).click();
    await page.waitForURL(/#\/runs\/.+/);
    const middle = Math.ceil(STEPS / 2);
    await page
      .getByText(
        new RegExp(
          `^(${Array.from({ length: STEPS - middle + 1 }, (_, index) => middle + index).join('|')}) / ${STEPS}$`,
        ),
      )
      .first()
      .waitFor({ timeout: RUN_MS });
    await loadedImages(page);
    await take('run');

    await page.goto(`${host.origin}/#/`);
    await page.getByRole('heading', { name: messages.home.runningNow }).waitFor();
    await loadedImages(page);
    await take('home');
  } finally {
    await browser.close();
    await host.stop();
    host.clean();
  }
}

void main();
