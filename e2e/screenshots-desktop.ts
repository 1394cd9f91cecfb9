/**
 * @file Takes the pictures of the desktop app for docs/desktop.md, in the real Electron with its native menu:
 * `npm run screenshots:desktop` (Linux; without a display, `xvfb-run -a -s "-screen 0 1440x960x24"` before it). The
 * screen itself is photographed, through Electron's own capture, and cut to the window.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication } from 'playwright-core';
import sharp from 'sharp';
import { messages } from '../renderer/src/messages/en.ts';
import { chooseFromMenu, ELECTRON, openDesktop } from './desktop-app.ts';
import { makeDotsDataset } from './sample-dataset.ts';
import { ROOT, runAtelier, temporaryHome } from './studio-host.ts';

const FOLDER = process.env['SCREENSHOT_FOLDER'] ?? join(ROOT, 'docs', 'images');
const WINDOW = { x: 60, y: 40, width: 1280, height: 820 };
/** For menus and pages to be drawn to the end. */
const REST_MS = 1200;

/** The window as the screen shows it, menus and dialogs of the system included. */
async function take(app: ElectronApplication, name: string): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  const { png, screen, window } = await app.evaluate(async ({ BrowserWindow, desktopCapturer, screen: screens }) => {
    const { size } = screens.getPrimaryDisplay();
    const [source] = await desktopCapturer.getSources({ types: ['screen'], thumbnailSize: size });
    return {
      png: source?.thumbnail.toPNG().toString('base64') ?? '',
      screen: size,
      window: BrowserWindow.getAllWindows()[0]?.getBounds() ?? { x: 0, y: 0, ...size },
    };
  });
  const left = Math.max(0, window.x);
  const top = Math.max(0, window.y);
  const picture = await sharp(Buffer.from(png, 'base64'))
    .extract({
      left,
      top,
      width: Math.min(window.width, screen.width - left),
      height: Math.min(window.height, screen.height - top),
    })
    .png({ palette: true, quality: 92, effort: 10, compressionLevel: 9 })
    .toBuffer();
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, `${name}.png`), picture);
  console.log(`${name}.png ${(picture.length / 1000).toFixed(0)} kB`);
}

async function place(app: ElectronApplication): Promise<void> {
  await app.evaluate(({ BrowserWindow }, bounds) => BrowserWindow.getAllWindows()[0]?.setBounds(bounds), WINDOW);
}

async function main(): Promise<void> {
  if (ELECTRON === null) throw new Error('There is no Electron here. `npm test` fetches one for tests.');
  const empty = temporaryHome();
  const first = await openDesktop(empty);
  await place(first.app);
  await first.page.getByRole('link', { name: messages.home.importOwn }).waitFor();
  await take(first.app, 'desktop-first-start');
  await first.app.close();
  rmSync(empty, { recursive: true, force: true });

  const home = temporaryHome();
  for (const starter of ['counting', 'geometry']) runAtelier(home, 'import', '--starter', starter);
  const pictures = await makeDotsDataset(join(home, 'harbour'));
  const { app, page } = await openDesktop(home, []);
  await place(app);
  // Something for Open Recent.
  await page.goto(`studio://app/#/datasets?import=1&path=${encodeURIComponent(pictures)}`);
  await page.getByRole('dialog').getByText(messages.import.usable('12', '12')).waitFor();
  await page.keyboard.press('Escape');
  await page
    .getByRole('link', { name: /Counting/ })
    .first()
    .waitFor();
  await app.evaluate(({ BrowserWindow, Menu }) => {
    const file = Menu.getApplicationMenu()?.items[0]?.submenu;
    // Without a callback, `popup` returns at once and leaves the menu open for its picture.
    file?.popup({ window: BrowserWindow.getAllWindows()[0] as Electron.BrowserWindow, x: 4, y: 0 });
  });
  await take(app, 'desktop-window');
  await app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.items[0]?.submenu?.closePopup());
  await chooseFromMenu(app, 'Help', 'About Atelier');
  const about = page.getByRole('dialog', { name: messages.about.title });
  await about.getByText('TensorFlow', { exact: true }).waitFor({ timeout: 60_000 });
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await take(app, 'desktop-about');
  await app.close();
  rmSync(home, { recursive: true, force: true });
}

void main();
