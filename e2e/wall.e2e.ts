/**
 * @file Pictures before anything is imported, and the wall of a dataset in which several questions are about one picture:
 * one tile each, by mouse and by keyboard.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { BROWSER, loadedImages, seriousFindings } from './browser.ts';
import { settled } from './every-screen.ts';
import { atelier, ROOT } from './studio-host.ts';
import { studioInBrowser } from './studio-page.ts';

const text = messages.dataset;
const PICTURES = 4;
const LAST = 'How many trees are there?';
const QUESTIONS = ['How many suns are there?', 'How many hills are there?', LAST];

/** Four landscapes; three questions about each, not beside each other in the table. */
async function makeFolder(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < PICTURES; index += 1) {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="480" height="320"><rect width="480" height="320" fill="hsl(${200 + index * 12} 55% 78%)"/>
      <circle cx="${90 + index * 95}" cy="80" r="34" fill="#fff1c4"/><path d="M0 ${240 - index * 14} Q120 ${150 + index * 10} 260 230 T480 ${210 + index * 8} V320 H0z" fill="hsl(${110 - index * 12} 28% 40%)"/></svg>`;
    await sharp(Buffer.from(svg))
      .png()
      .toFile(join(folder, `view-${index}.png`));
  }
  const rows = QUESTIONS.flatMap((question, which) =>
    Array.from({ length: PICTURES }, (_, index) =>
      JSON.stringify({
        file_name: `view-${index}.png`,
        question,
        answer: String(which + index),
        licence: 'CC0-1.0',
        split: index === 3 ? 'test' : 'train',
      }),
    ),
  );
  writeFileSync(join(folder, 'metadata.jsonl'), rows.join('\n'));
  return folder;
}

describe.skipIf(BROWSER === null)('a wall of pictures in the browser (needs Chromium)', () => {
  let folder: string;
  let dataset: string;
  const shared = studioInBrowser(async (home) => {
    folder = await makeFolder(join(home, 'views'));
    dataset = (atelier(home, 'import', folder) as { dataset: { id: string } }).dataset.id;
  });
  const shots = process.env['ATELIER_SHOTS'];
  const shoot = async (name: string): Promise<void> => {
    if (shots !== undefined) await shared.studio.page.screenshot({ path: join(ROOT, shots, `${name}.png`) });
  };

  it('shows pictures of the folder behind a click, before anything is imported', async () => {
    const { page } = shared.studio;
    await page.setViewportSize({ width: 1280, height: 720 });
    await shared.go('/datasets?import=1');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: messages.import.drop }).fill(folder);
    await dialog.getByRole('button', { name: messages.import.inspect }).click();
    const look = dialog.getByText(messages.import.glimpses.first(PICTURES));
    await look.waitFor();
    expect(await dialog.getByAltText(messages.labels.pictureAlt('view-0.png')).isVisible()).toBe(false);
    await look.click();
    await dialog.getByAltText(messages.labels.pictureAlt('view-0.png')).waitFor();
    await expect.poll(() => loadedImages(page, '[role=dialog] details[open] img')).toBe(PICTURES);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await settled(page);
      expect(await seriousFindings(page)).toEqual([]);
      await look.scrollIntoViewIfNeeded();
      await shoot(`look-${colorScheme}`);
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.keyboard.press('Escape');
  });

  it('has one tile for each picture, with all of its questions beside it', async () => {
    const { page } = shared.studio;
    await shared.go(`/datasets/${dataset}`);
    await page.getByText(text.pictures(PICTURES)).waitFor();
    await page.getByText(text.shown('12', '12')).waitFor();
    const tiles = page.getByRole('listbox', { name: new RegExp(text.gridLabel) }).getByRole('option');
    expect(await tiles.count()).toBe(PICTURES);
    await tiles.nth(1).click();
    await page.getByRole('heading', { name: text.questionsOf(3) }).waitFor();
    // The address bar updates once the page is idle.
    await expect.poll(() => page.url()).toContain('/sample/');
    const first = page.url();
    await page.getByRole('button', { name: LAST }).click();
    await expect.poll(() => page.url()).not.toBe(first);
    await expect.poll(() => page.getByRole('definition').first().innerText()).toBe(LAST);
    // Another question of the same picture keeps its tile chosen, also when its address is opened.
    expect(await tiles.nth(1).getAttribute('aria-selected')).toBe('true');
    const address = page.url();
    await shared.go('/');
    await page.goto(address);
    await expect.poll(() => tiles.nth(1).getAttribute('aria-selected')).toBe('true');
    await expect.poll(() => page.getByRole('definition').first().innerText()).toBe(LAST);
    await loadedImages(page);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const [name, size] of [
        ['wide', { width: 1280, height: 720 }],
        ['enlarged', { width: 640, height: 360 }],
      ] as const) {
        await page.setViewportSize(size);
        await settled(page);
        expect(await seriousFindings(page), `${colorScheme} ${name}`).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
        await shoot(`wall-${colorScheme}-${name}`);
      }
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1280, height: 720 });
  });

  it('marks a picture with all of its questions by keyboard, and shows each question by itself on demand', async () => {
    const { page } = shared.studio;
    const grid = page.getByRole('listbox', { name: new RegExp(text.gridLabel) });
    await grid.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Space');
    await page.getByText(text.marked(3)).waitFor();
    await page.keyboard.press('Space');
    await page.getByText(text.marked(3)).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: text.byQuestion }).click();
    await expect.poll(() => grid.getByRole('option').count()).toBe(12);
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: text.byPicture }).click();
    await expect.poll(() => grid.getByRole('option').count()).toBe(PICTURES);
  });
});
