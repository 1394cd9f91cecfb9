/** @file Taking one picture: waiting until the page is idle, and keeping the file small. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { ROOT } from '../studio-host.ts';

/** Set `SCREENSHOT_FOLDER` to write elsewhere for previewing; the documentation uses docs/images. */
const FOLDER = process.env['SCREENSHOT_FOLDER'] ?? join(ROOT, 'docs', 'images');
/** Keeps more colours than a palette holds only if the file stays below this. */
const LARGE_BYTES = 250_000;
const REST_MS = 800;
/** A busy machine needs some patience. */
const CALM_MS = 120_000;

/** The window that the design must be usable in. */
export const LAPTOP = { width: 1280, height: 720 };
export const LARGE = { width: 2560, height: 1440 };
/** A window of 1280 × 720 at a zoom of 200 %. */
export const ZOOMED = { width: 640, height: 360 };

/** Takes a picture of the visible area once its images have loaded and the charts are drawn. */
export async function take(page: Page, name: string): Promise<void> {
  await page.waitForFunction(
    () =>
      document.querySelector('main [aria-busy="true"], main .skeleton') === null &&
      // Collapsed or off-screen images load only when they come into view.
      [...document.images].every((image) => {
        const { top, bottom } = image.getBoundingClientRect();
        return image.complete || !image.checkVisibility() || bottom < 0 || top > window.innerHeight;
      }),
    undefined,
    { timeout: CALM_MS },
  );
  await page.mouse.move(0, 0);
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });
  await page.waitForTimeout(REST_MS);
  const shot = await page.screenshot({ fullPage: process.env['SCREENSHOT_FULL'] !== undefined });
  const faithful = await sharp(shot).png({ compressionLevel: 9, effort: 10 }).toBuffer();
  const file =
    faithful.length <= LARGE_BYTES
      ? faithful
      : await sharp(shot).png({ palette: true, quality: 92, effort: 10, compressionLevel: 9 }).toBuffer();
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, `${name}.png`), file);
  console.log(`${name}.png ${(file.length / 1000).toFixed(0)} kB`);
}
