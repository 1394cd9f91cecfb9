/**
 * @file Compares pictures of the page with the kept ones, pixel by pixel, with tolerance. Another Chromium may draw
 * letters differently; a ruler independent of the studio detects this, so that only the studio's own changes count.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import pixelmatch from 'pixelmatch';
import type { Browser, Locator, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { BROWSER } from './browser.ts';
import { ROOT } from './studio-host.ts';

/** Where the kept pictures are. */
export const KEPT = join(ROOT, 'e2e', 'snapshots');
const FAILED = join(ROOT, 'test-results');
/** `ATELIER_UPDATE_SNAPSHOTS=1` replaces the kept pictures with the current ones. */
export const UPDATE = process.env['ATELIER_UPDATE_SNAPSHOTS'] === '1';

/**
 * A pixel counts as different from this distance on (0 = any, 1 = black against white); anti-aliased edges are ignored.
 */
const THRESHOLD = 0.03;
/** No square of this many pixels a side… */
const SQUARE = 32;
/** …may contain more different pixels than this. A changed word has hundreds. */
const ALLOWED = 24;

/** The browser with every machine-dependent rendering feature disabled. */
export async function launchStillBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: BROWSER ?? '',
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-dev-shm-usage',
      '--disable-gpu',
      '--disable-lcd-text',
      '--font-render-hinting=none',
      '--force-color-profile=srgb',
      '--hide-scrollbars',
    ],
  });
}

/** Takes a picture of the page, or of a part of it; `masks` are painted over. */
export async function picture(of: Page | Locator, masks: Locator[] = []): Promise<Buffer> {
  return of.screenshot({ animations: 'disabled', caret: 'hide', mask: masks, maskColor: '#888888', scale: 'css' });
}

/** Between two looks at a page that may still be moving. */
const LOOK_AGAIN_MS = 300;
/** A page that still changes after this many looks is compared as it is. */
const LOOKS = 20;

/**
 * Takes pictures until two in a row are equal: on a busy machine a card may arrive after everything that a test waits
 * for, and move what is below it.
 */
export async function stillPicture(page: Page, masks: Locator[] = []): Promise<Buffer> {
  let last = await picture(page, masks);
  for (let look = 1; look < LOOKS; look++) {
    await page.waitForTimeout(LOOK_AGAIN_MS);
    const next = await picture(page, masks);
    if (next.equals(last)) return next;
    last = next;
  }
  return last;
}

interface Pixels {
  data: Uint8Array;
  width: number;
  height: number;
}

async function pixelsOf(png: Buffer): Promise<Pixels> {
  const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height };
}

/** What differs between two pictures, in words; null if within the tolerance. */
export async function difference(kept: Buffer, seen: Buffer): Promise<{ words: string; diff: Buffer | null } | null> {
  const [a, b] = await Promise.all([pixelsOf(kept), pixelsOf(seen)]);
  if (a.width !== b.width || a.height !== b.height) {
    return { words: `it is ${b.width} × ${b.height} pixels and was ${a.width} × ${a.height}`, diff: null };
  }
  const { width, height } = a;
  const other = pixelmatch(a.data, b.data, null, width, height, { threshold: THRESHOLD, windowSize: SQUARE });
  if (other <= ALLOWED) return null;
  const drawn = new Uint8Array(width * height * 4);
  const total = pixelmatch(a.data, b.data, drawn, width, height, { threshold: THRESHOLD });
  const diff = await sharp(drawn, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
  return { words: `${total} pixels are others, ${other} of them in one square of ${SQUARE} × ${SQUARE}`, diff };
}

/** Compares with the kept picture of that name, or keeps this one. Returns what is wrong, or null. */
export async function compareWithKept(name: string, seen: Buffer): Promise<string | null> {
  const file = join(KEPT, `${name}.png`);
  if (UPDATE) {
    const before = existsSync(file) ? await difference(readFileSync(file), seen) : { words: 'new' };
    // An equivalent picture is not written again.
    if (before !== null) writeFileSync(file, await sharp(seen).png({ compressionLevel: 9, effort: 10 }).toBuffer());
    return null;
  }
  if (!existsSync(file)) return `No picture is kept as ${file}; docs/development.md says how to make it.`;
  const found = await difference(readFileSync(file), seen);
  if (found === null) return null;
  mkdirSync(FAILED, { recursive: true });
  writeFileSync(join(FAILED, `${name}.seen.png`), seen);
  if (found.diff !== null) writeFileSync(join(FAILED, `${name}.diff.png`), found.diff);
  return `${name} looks different: ${found.words}. See test-results/${name}.seen.png and .diff.png; if that is meant, docs/development.md says how to keep it.`;
}

/** Letters in the shipped fonts, lines and curves: nothing from the studio, only how this browser draws. */
async function ruler(browser: Browser): Promise<Buffer> {
  const { resolve } = createRequire(import.meta.url);
  const font = (path: string) => `url(data:font/woff2;base64,${readFileSync(resolve(path)).toString('base64')})`;
  const sizes = [11, 12, 13, 15, 18, 24, 32];
  const lines = sizes.map((size) => `<p style="font-size:${size}px">Groups &amp; rewards, 0123456789 — “what if?”</p>`);
  const page = await browser.newPage({ viewport: { width: 640, height: 420 } });
  await page.setContent(`<!doctype html><style>
    @font-face { font-family: Sans; src: ${font('@fontsource-variable/inter/files/inter-latin-wght-normal.woff2')}; font-weight: 100 900 }
    @font-face { font-family: Mono; src: ${font('@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2')}; font-weight: 100 800 }
    body { margin: 8px; font-family: Sans; background: #fffefc; color: #22201c } p { margin: 4px 0 } p:nth-child(odd) { font-weight: 600 } p:nth-child(3n) { font-family: Mono }
    </style>${lines.join('')}<svg width="600" height="120"><path d="M5 100 C 120 5 240 140 590 20" fill="none" stroke="#2a3fb0" stroke-width="1.5"/><circle cx="80" cy="60" r="30" fill="#0b6e69"/></svg>`);
  await page.evaluate(() => document.fonts.ready);
  const seen = await picture(page);
  await page.close();
  return seen;
}

/**
 * Why pictures cannot be compared here, as a sentence; null if they can. The rule: this browser must draw the ruler
 * exactly as the browser that drew the kept pictures did.
 */
export async function whyNotComparable(): Promise<string | null> {
  if (BROWSER === null) return 'needs Chromium';
  const browser = await launchStillBrowser();
  try {
    const wrong = await compareWithKept('ruler', await ruler(browser));
    return wrong === null ? null : `Chromium ${browser.version()} draws letters otherwise than the one of the pictures`;
  } finally {
    await browser.close();
  }
}
