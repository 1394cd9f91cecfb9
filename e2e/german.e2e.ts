/**
 * @file The page in German: chosen by the system or in Settings, nothing wider than the window, nothing serious for axe,
 * and no English left on any screen.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sayIn } from '../electron/languages/translate.ts';
import { de } from '../renderer/src/messages/de.ts';
import { messages as en } from '../renderer/src/messages/en.ts';
import { BROWSER, seriousFindings } from './browser.ts';
import { everyScreen, settled } from './every-screen.ts';
import { studioInBrowser } from './studio-page.ts';
import type { SyntheticIds } from './synthetic/synthetic-store.ts';
import { fillStore } from './synthetic/synthetic-store.ts';

const STEPS = 60;

/** Every plain text under a value of the messages. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** What the page says in English only. One word may be a name in the data, so two are asked for. */
const german = new Set(textsIn(de));
const onlyEnglish = new Set(textsIn(en).filter((text) => text.includes(' ') && !german.has(text)));

const say = sayIn('de');

/** Whether the page says this in English although it has German, for a text of its own or of the studio. */
function isLeft(text: string): boolean {
  return onlyEnglish.has(text) || (text.includes(' ') && say(text) !== text);
}

/** Six pictures and a table with faults of several kinds: a duplicate, a missing file, an unknown licence. */
async function makePictures(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const rows = ['file_name,question,answer,licence,weather'];
  for (let index = 0; index < 6; index += 1) {
    const colour = { r: 40 * index, g: 200 - 30 * index, b: 90 };
    await sharp({ create: { width: 320, height: 240, channels: 3, background: colour } })
      .png()
      .toFile(join(folder, `p${index}.png`));
    rows.push(`p${index}.png,How many?,${index},Some terms,sunny`);
  }
  rows.push('p0.png,How many?,0,Some terms,sunny', 'gone.png,How many?,1,CC BY 4.0,rain');
  writeFileSync(join(folder, 'metadata.csv'), rows.join('\n'));
  return folder;
}

describe.skipIf(BROWSER === null)('the page in German (needs Chromium)', () => {
  let ids: SyntheticIds;
  const shared = studioInBrowser(async (home) => {
    ids = await fillStore(home, { samples: 24, steps: STEPS, groups: STEPS, warnings: [] });
  });
  let context: BrowserContext;
  let page: Page;

  /** Opens a page as a reader of these languages would. */
  async function open(locale: string): Promise<[BrowserContext, Page]> {
    // The session is a cookie of the page that has shown the token.
    const reader = await shared.browser.newContext({
      locale,
      reducedMotion: 'reduce',
      viewport: { width: 1280, height: 720 },
      storageState: await shared.studio.page.context().storageState(),
    });
    return [reader, await reader.newPage()];
  }

  beforeAll(async () => {
    [context, page] = await open('de-AT');
  });
  afterAll(async () => {
    await context.close();
  });

  async function go(path: string): Promise<void> {
    await page.goto(`${shared.host.origin}/#${path}`);
    await settled(page);
  }

  it('is German where the system is, and says so to screen readers', async () => {
    await go('/');
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    await page.getByRole('navigation', { name: de.nav.label }).waitFor();
    const [other, french] = await open('fr');
    await french.goto(`${shared.host.origin}/#/`);
    await french.getByRole('navigation', { name: en.nav.label }).waitFor();
    expect(await french.locator('html').getAttribute('lang')).toBe('en');
    await other.close();
  });

  it('changes in Settings, comes back to the same place, and stays', async () => {
    await go('/settings');
    await page.getByRole('radio', { name: 'English' }).check();
    const english = page.getByRole('heading', { level: 1, name: en.settings.title });
    await english.waitFor();
    await expect.poll(() => page.evaluate(() => (document.activeElement as HTMLInputElement | null)?.value)).toBe('en');
    await page.reload();
    await english.waitFor();
    await page.getByRole('radio', { name: 'Deutsch' }).check();
    await page.getByRole('heading', { level: 1, name: de.settings.title }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
  });

  it.each(['light', 'dark'] as const)('has nothing serious for axe in %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    const found: Record<string, string[]> = {};
    for (const [name, path] of everyScreen(ids)) {
      await go(path);
      const findings = await seriousFindings(page);
      if (findings.length > 0) found[name] = findings;
    }
    await page.emulateMedia({ colorScheme: 'light' });
    expect(found).toEqual({});
  });

  // 640 × 360 is a window of 1280 × 720 at a zoom of 200 %.
  it.each([
    [640, 360],
    [1280, 720],
  ])('fits into %i × %i', async (width, height) => {
    await page.setViewportSize({ width, height });
    const wide: string[] = [];
    for (const [name, path] of everyScreen(ids)) {
      await go(path);
      const over = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        /** Buttons whose words are cut off or run out of them. */
        const cut = [...document.querySelectorAll<HTMLElement>('button, a.button')].filter(
          (button) => button.offsetWidth > 0 && button.scrollWidth > button.clientWidth + 1,
        );
        return [
          ...(scrollWidth > clientWidth ? [`${String(scrollWidth - clientWidth)} px too wide`] : []),
          ...cut.map((button) => `button ${button.innerText}`),
        ];
      });
      wide.push(...over.map((what) => `${name}: ${what}`));
      const folder = process.env['ATELIER_SHOTS'];
      if (folder !== undefined)
        await page.screenshot({ path: `${folder}/${name}-${String(width)}.png`, fullPage: true });
    }
    await page.setViewportSize({ width: 1280, height: 720 });
    expect(wide).toEqual([]);
  });

  /** What is said in English on the screen that is open. */
  async function leftOn(name: string): Promise<string[]> {
    const texts = await page.evaluate(() => {
      for (const closed of document.querySelectorAll('details')) closed.open = true;
      const found: string[] = [];
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) found.push(node.textContent ?? '');
      for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]'))
        for (const of of ['aria-label', 'title', 'placeholder', 'alt']) found.push(element.getAttribute(of) ?? '');
      return found.map((text) => text.trim());
    });
    return texts.filter(isLeft).map((text) => `${name}: ${text}`);
  }

  it('says nothing in English that it has in German', async () => {
    const left: string[] = [];
    for (const [name, path] of everyScreen(ids)) {
      await go(path);
      left.push(...(await leftOn(name)));
    }
    expect(left).toEqual([]);
  });

  it('says what the studio says in German: a failure, the findings of an import, the light table', async () => {
    const pictures = await makePictures(join(shared.host.home, 'bilder'));
    const nowhere = join(shared.host.home, 'nirgends');
    await go('/datasets?import=1');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: de.import.drop }).fill(nowhere);
    await dialog.getByRole('button', { name: de.import.inspect }).click();
    await dialog.getByText(`Es gibt keinen Ordner und keine Datei ${nowhere}.`).waitFor();
    const left = await leftOn('failure');

    await dialog.getByRole('textbox', { name: de.import.drop }).fill(pictures);
    await dialog.getByRole('button', { name: de.import.inspect }).click();
    await dialog.getByText(de.import.usable('6', '8')).waitFor();
    left.push(...(await leftOn('import')));
    await dialog.getByText('wurde nicht gelesen', { exact: false }).first().waitFor();

    await go('/datasets');
    await page.getByRole('button', { name: de.labels.start }).click();
    await page.getByRole('textbox', { name: de.labels.making.drop }).fill(pictures);
    await page.getByRole('textbox', { name: de.labels.making.question }).fill('Wie viele sind es?');
    await page.getByRole('button', { name: de.labels.making.go }).click();
    await page.getByText(de.labels.progress('0', '6')).waitFor();
    left.push(...(await leftOn('light table')));
    expect(left).toEqual([]);
  });
});
