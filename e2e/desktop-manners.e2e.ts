/**
 * @file What a user of good desktop apps expects: menu, zoom, About, recent files, the clipboard, the file manager, the
 * system's appearance, and names for everything. One app for all of it, and one more start that finds what was kept.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { seriousFindings } from './browser.ts';
import {
  answerDialogs,
  chooseFromMenu,
  ELECTRON,
  openDesktop,
  pressWithControl,
  zoomLevelOf,
  inMain,
} from './desktop-app.ts';
import { makeDotsDataset } from './sample-dataset.ts';
import { atelier, runAtelier, temporaryHome } from './studio-host.ts';

/** Every entry of the menu that shows a screen, and the screen's address. */
const SCREENS: readonly [menu: string, entry: string, address: RegExp][] = [
  ['File', 'New training run', /#\/train$/],
  ['File', 'Settings…', /#\/settings$/],
  ['Go', 'Home', /#\/$/],
  ['Go', 'Datasets', /#\/datasets$/],
  ['Go', 'Ledger', /#\/ledger$/],
  ['Go', 'Rewards', /#\/rewards$/],
  ['Go', 'Train', /#\/train$/],
  ['Go', 'Runs', /#\/runs$/],
  ['Go', 'Compare', /#\/compare$/],
  ['Go', 'Exam', /#\/exam$/],
  ['Go', 'Playground', /#\/playground$/],
  ['Go', 'Export', /#\/export$/],
  ['Go', 'Verify', /#\/verify$/],
];
/** The widths of the pictures in a folder. */
async function sizesIn(folder: string): Promise<(number | undefined)[]> {
  return Promise.all(readdirSync(folder).map(async (name) => (await sharp(join(folder, name)).metadata()).width));
}

/** One step of the zoom. */
const STEP = 0.5;

describe.skipIf(ELECTRON === null)("the manners of the desktop app (needs Electron's program)", () => {
  const home = temporaryHome();
  const pictures = join(home, 'pictures');
  let app: ElectronApplication;
  let page: Page;
  let datasetId: string;

  beforeAll(async () => {
    runAtelier(home, 'import', await makeDotsDataset(pictures), '--name', 'Dots');
    [{ id: datasetId }] = atelier(home, 'datasets') as [{ id: string }];
    ({ app, page } = await openDesktop(home));
    // Everything that would leave the window is recorded instead.
    await inMain(app, ({ shell, Menu, nativeTheme, systemPreferences, BrowserWindow }) => {
      const told: string[] = [];
      Object.assign(globalThis, { told });
      shell.showItemInFolder = (path) => void told.push(`show ${path}`);
      shell.openPath = async (path) => {
        told.push(`open ${path}`);
        return '';
      };
      Menu.prototype.popup = function popup(this: Electron.Menu) {
        told.push(this.items.map(({ label }) => label).join(', '));
        Object.assign(globalThis, { popped: this });
      };
      systemPreferences.getAccentColor = () => 'b3261eff';
      Object.assign(globalThis, { nativeTheme, window: BrowserWindow.getAllWindows()[0] });
    });
    await page.reload();
  });

  afterAll(async () => {
    await app.close();
  });

  const told = (): Promise<string[]> => inMain(app, () => (globalThis as unknown as { told: string[] }).told.splice(0));

  it('has a menu whose entries do what they say', async () => {
    for (const [menu, entry, address] of SCREENS) {
      await chooseFromMenu(app, menu, entry);
      await page.waitForURL(address);
    }
    await chooseFromMenu(app, 'File', 'Import pictures…');
    await page.getByRole('dialog', { name: messages.import.title }).waitFor();
    await page.keyboard.press('Escape');
    await chooseFromMenu(app, 'File', 'Show data folder');
    await expect.poll(told).toEqual([`open ${home}`]);
    await chooseFromMenu(app, 'Go', 'Runs');
    await page.waitForURL(/#\/runs$/);
    await chooseFromMenu(app, 'Help', 'Keyboard');
    await page.getByRole('dialog', { name: messages.help.title }).waitFor();
    await page.keyboard.press('Escape');
    // It opens over the screen that was shown, and leaves nothing in its address.
    expect(page.url()).toMatch(/#\/runs$/);
    await chooseFromMenu(app, 'Help', 'Show me around');
    const tour = page.getByRole('region', { name: messages.tour.label });
    await tour.getByRole('button', { name: messages.tour.skip }).click();
  });

  it('zooms by the keys, within limits', async () => {
    await pressWithControl(app, '=');
    await pressWithControl(app, '=');
    await expect.poll(() => zoomLevelOf(app)).toBe(2 * STEP);
    await pressWithControl(app, '-');
    await expect.poll(() => zoomLevelOf(app)).toBe(STEP);
    await pressWithControl(app, '0');
    await expect.poll(() => zoomLevelOf(app)).toBe(0);
    for (let press = 0; press < 12; press += 1) await chooseFromMenu(app, 'View', 'Zoom out');
    expect(await zoomLevelOf(app)).toBe(-3);
    await chooseFromMenu(app, 'View', 'Actual size');
  });

  it('tells in About what it is made of, under which licences', async () => {
    await chooseFromMenu(app, 'Help', 'About Atelier');
    const about = page.getByRole('dialog', { name: messages.about.title });
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    const versions = await inMain(app, () => ({
      Electron: process.versions.electron,
      Chromium: process.versions.chrome,
      'Node (window)': process.versions.node,
    }));
    for (const [name, value] of Object.entries({
      Atelier: version,
      ...versions,
      'Node (engine)': process.versions.node,
      TensorFlow: /^\d/,
      SQLite: /^3\./,
    })) {
      const row = about.locator('dl > div').filter({ has: page.getByText(name, { exact: true }) });
      await row.getByText(value).waitFor({ timeout: 60_000 });
    }
    expect(await seriousFindings(page)).toEqual([]);
    await about.getByRole('button', { name: messages.about.copy }).click();
    await expect
      .poll(() => inMain(app, ({ clipboard }) => clipboard.readText()))
      .toContain(`Electron ${versions.Electron}`);

    await about.getByRole('button', { name: messages.about.licences }).click();
    const licences = page.getByRole('dialog', { name: messages.about.licences });
    await licences.getByRole('searchbox', { name: messages.about.find }).fill('libvips-linux-x64');
    await licences
      .getByRole('button', { name: /LGPL-3.0-or-later/ })
      .first()
      .click();
    await licences.getByText('GNU LESSER GENERAL PUBLIC LICENSE').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
  });

  it('keeps pasted pictures where the person sees them, and previews their import', async () => {
    await page.evaluate(async () => {
      const canvas = new OffscreenCanvas(40, 40);
      canvas.getContext('2d')?.fillRect(5, 5, 20, 20);
      const blob = await canvas.convertToBlob();
      await navigator.clipboard.write([new ClipboardItem({ [blob.type]: blob })]);
    });
    await page.goto('studio://app/#/datasets');
    await page.getByRole('link', { name: /Dots/ }).first().waitFor();
    await chooseFromMenu(app, 'Edit', 'Paste');
    const dialog = page.getByRole('dialog', { name: messages.import.title });
    // One picture without a table cannot be previewed, so its folder stays to be chosen.
    const path = dialog.getByRole('textbox', { name: messages.import.drop });
    await expect.poll(() => path.inputValue()).toContain(join(home, 'pasted'));
    const folder = await path.inputValue();
    expect(await sizesIn(folder)).toEqual([40]);
    await page.keyboard.press('Escape');
  });

  it('copies a picture by its context menu', async () => {
    await page.goto(`studio://app/#/datasets/${datasetId}`);
    await page.getByRole('option').first().click();
    const picture = page.locator('article figure img');
    await picture.evaluate((image: HTMLImageElement) => image.decode());
    await picture.click({ button: 'right' });
    await expect.poll(told).toEqual(['Copy picture']);
    await inMain(app, () => {
      (globalThis as unknown as { popped: Electron.Menu }).popped.items[0]?.click();
    });
    // The copy can be pasted, here or elsewhere.
    await page.goto('studio://app/#/datasets');
    await page.getByRole('link', { name: /Dots/ }).first().waitFor();
    const newest = (): string => join(home, 'pasted', readdirSync(join(home, 'pasted')).sort().at(-1) ?? '');
    const before = newest();
    await chooseFromMenu(app, 'Edit', 'Paste');
    await expect.poll(newest).not.toBe(before);
    await expect.poll(() => sizesIn(newest())).toEqual([84]);
    await page.getByRole('dialog', { name: messages.import.title }).waitFor();
    await page.keyboard.press('Escape');
  });

  it('shows the source of a dataset and the data folder in the file manager', async () => {
    await page.goto(`studio://app/#/datasets/${datasetId}`);
    await page.getByRole('button', { name: messages.dataset.reveal }).click();
    await expect.poll(told).toEqual([`show ${join(pictures, 'metadata.jsonl')}`]);
    await page.goto('studio://app/#/settings');
    await page.getByRole('button', { name: messages.common.reveal, exact: true }).first().click();
    await expect.poll(told).toEqual([`show ${home}`]);
  });

  it('follows the system’s accent colour and reduced motion, and takes the native parts along', async () => {
    await page.goto('studio://app/#/settings');
    const accents = page.getByRole('group', { name: messages.settings.accent });
    await accents.getByRole('radio', { name: messages.settings.accents.system }).check();
    const accent = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.querySelector('.theme.chosen') as Element).borderTopColor);
    const red = await accent();
    for (const theme of ['dark', 'light'] as const) {
      await page.getByRole('radio', { name: messages.settings.theme[theme], exact: true }).check({ force: true });
      await expect.poll(() => inMain(app, ({ nativeTheme }) => nativeTheme.themeSource)).toBe(theme);
      expect(await seriousFindings(page)).toEqual([]);
    }
    // A new colour arrives while the page is open.
    await inMain(app, ({ systemPreferences }) => {
      systemPreferences.emit('accent-color-changed', {}, '1e7a3cff');
    });
    await expect.poll(accent).not.toBe(red);
    expect(await seriousFindings(page)).toEqual([]);
    await accents.getByRole('radio', { name: messages.settings.accents.atelier }).check();
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const duration = await page.evaluate(
      () => getComputedStyle(document.querySelector('a') as Element).transitionDuration,
    );
    expect(Number.parseFloat(duration)).toBeLessThan(0.001);
  });

  it('has a name for everything, on every screen', async () => {
    for (const [, , address] of SCREENS) {
      const path = address.source.replaceAll('\\', '').replace('$', '');
      await page.goto(`studio://app/${path}`);
      await page.locator('main :is(h1, h2)').first().waitFor();
      expect(await seriousFindings(page), path).toEqual([]);
    }
  });

  it('lists what was opened under Open Recent, and forgets what is gone', async () => {
    const bundle = join(home, 'bundle & co');
    mkdirSync(bundle);
    writeFileSync(join(bundle, 'model.sig'), '');
    await inMain(
      app,
      ({ dialog }, path) => {
        dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [path] });
      },
      bundle,
    );
    await chooseFromMenu(app, 'File', 'Verify a bundle…');
    await page.waitForURL(/#\/verify\?path=/);
    await page.goto('studio://app/#/');
    await expect
      .poll(() => chooseFromMenu(app, 'File', 'Open Recent', 'bundle && co').then(() => 'chosen', String))
      .toBe('chosen');
    await page.waitForURL(/#\/verify\?path=/);
    const asked = await answerDialogs(app, 0);
    const kept = JSON.parse(readFileSync(join(home, 'recent.json'), 'utf8')) as { path: string }[];
    expect(kept[0]).toEqual({ kind: 'bundle', path: bundle });
    writeFileSync(join(home, 'recent.json'), JSON.stringify([{ kind: 'bundle', path: join(home, 'gone') }, ...kept]));
    // The next start reads the list.
    await pressWithControl(app, '=');
    await expect.poll(() => zoomLevelOf(app)).toBe(STEP);
    expect(await asked()).toEqual([]);
  });

  it('comes back zoomed, in the same appearance, with the same list, and on a screen that exists', async () => {
    await inMain(app, ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setBounds({ width: 1000, height: 700 }));
    await app.close();
    const file = join(home, 'window.json');
    const state = JSON.parse(readFileSync(file, 'utf8')) as { bounds: object; zoomLevel: number };
    expect(state.zoomLevel).toBe(STEP);
    // As if it had been on a screen that is gone.
    writeFileSync(file, JSON.stringify({ ...state, bounds: { ...state.bounds, x: 90_000, y: -9000 } }));
    ({ app, page } = await openDesktop(home));
    expect(await zoomLevelOf(app)).toBe(STEP);
    const { bounds, area } = await inMain(app, ({ BrowserWindow, screen }) => ({
      bounds: BrowserWindow.getAllWindows()[0]?.getBounds(),
      area: screen.getPrimaryDisplay().workArea,
    }));
    expect(bounds).toMatchObject({ width: 1000, height: 700 });
    expect(bounds?.x).toBeLessThan(area.x + area.width);
    expect(bounds?.y).toBeGreaterThanOrEqual(area.y);
    expect(await inMain(app, ({ nativeTheme }) => nativeTheme.themeSource)).toBe('light');

    const asked = await answerDialogs(app, 0);
    await chooseFromMenu(app, 'File', 'Open Recent', 'gone');
    await expect.poll(asked).toEqual([expect.stringContaining(join(home, 'gone'))]);
    await chooseFromMenu(app, 'File', 'Open Recent', 'Clear list');
    expect(JSON.parse(readFileSync(join(home, 'recent.json'), 'utf8'))).toEqual([]);
  });
});
