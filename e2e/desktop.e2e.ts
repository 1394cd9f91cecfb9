/** @file The desktop app itself, if Electron's program is installed: one window, our page, no way out. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { ELECTRON, openDesktop, startAgain } from './desktop-app.ts';
import { childrenOf, engineOf, nativeModulesOf } from './processes.ts';
import { makeDotsDataset } from './sample-dataset.ts';
import { atelier, runAtelier, temporaryHome } from './studio-host.ts';

describe.skipIf(ELECTRON === null)("the desktop app (needs Electron's program)", () => {
  const home = temporaryHome();
  let app: ElectronApplication;
  let page: Page;
  let pid: number;
  let image: string;

  beforeAll(async () => {
    runAtelier(home, 'import', await makeDotsDataset(join(home, 'pictures')), '--name', 'Dots');
    const [dataset] = atelier(home, 'datasets') as { id: string }[];
    ({ app, page, pid } = await openDesktop(home));
    await page.goto(`studio://app/#/datasets/${dataset?.id ?? ''}`);
    image = (await page.locator('main img').first().getAttribute('src')) ?? '';
  });

  afterAll(async () => {
    await app.close();
    // Quitting saves the window's position.
    expect(existsSync(join(home, 'window.json'))).toBe(true);
  });

  it('shows the page over its own protocol, and the page reaches the studio', async () => {
    expect(page.url()).toMatch(/^studio:\/\/app\//);
    await page.goto('studio://app/#/datasets');
    await page.getByRole('link', { name: /Dots/ }).first().waitFor();
  });

  it('shows images over media:, and no file', async () => {
    expect(image).toMatch(/^media:\/\//);
    const loads = (src: string) =>
      page.evaluate(async (address) => {
        const probe = new Image();
        probe.src = address;
        return probe.decode().then(
          () => true,
          () => false,
        );
      }, src);
    expect(await loads(image)).toBe(true);
    expect(await loads('media://nobody/nothing')).toBe(false);
    expect(await loads(`file://${join(home, 'pictures', 'dots-00.png')}`)).toBe(false);
  });

  it('gives the page nothing of Node', async () => {
    const seen = await page.evaluate(() => ['require', 'process', 'module'].filter((name) => name in globalThis));
    expect(seen).toEqual([]);
    expect(await page.evaluate(() => Object.keys((globalThis as unknown as { studio: object }).studio))).toEqual([
      'pathForFile',
      'ask',
      'onAccent',
    ]);
  });

  it('keeps the page in its sandbox, isolated', async () => {
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
        getLastWebPreferences: () => Record<string, unknown>;
      };
      return contents.getLastWebPreferences();
    });
    expect(preferences).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false });
  });

  it('reaches no network, runs no foreign code, opens no window and stays', async () => {
    const tried = await page.evaluate(async () => {
      const refused = (attempt: Promise<unknown>) =>
        attempt.then(
          () => 'allowed',
          () => 'refused',
        );
      return {
        fetch: await refused(fetch('https://example.org/')),
        script: await refused(
          new Promise((resolve, reject) => {
            const script = document.createElement('script');
            script.src = 'data:text/javascript,1';
            script.onload = resolve;
            script.onerror = reject;
            document.head.append(script);
          }),
        ),
        camera: await refused(navigator.mediaDevices.getUserMedia({ video: true })),
        reading: await refused(navigator.clipboard.readText()),
        notifying: await Notification.requestPermission(),
      };
    });
    expect(tried).toEqual({
      fetch: 'refused',
      script: 'refused',
      camera: 'refused',
      reading: 'refused',
      notifying: 'denied',
    });
    await page.evaluate(() => {
      window.open('https://example.org/');
      location.href = 'https://example.org/';
    });
    expect(app.windows()).toHaveLength(1);
    expect(page.url()).toMatch(/^studio:\/\/app\//);
  });

  it('has a native menu that leads to the screens', async () => {
    await app.evaluate(({ Menu }, label) => {
      const go = Menu.getApplicationMenu()?.items.find((item) => item.label === '&Go');
      go?.submenu?.items.find((item) => item.label === label)?.click();
    }, messages.nav.verify);
    await page.waitForURL(/#\/verify/);
  });

  it('runs its engine under plain Node, with a clean environment', async () => {
    await page.goto('studio://app/#/settings');
    await page.getByRole('button', { name: messages.settings.check, exact: true }).click();
    await expect.poll(() => engineOf(pid), { timeout: 60_000 }).toBeDefined();
    expect(engineOf(pid)?.program).toBe(process.execPath);
    expect(engineOf(pid)?.arguments.filter((word) => word.startsWith('-'))).toEqual([]);
  });

  it.skipIf(process.platform !== 'linux')('loads one native module itself: SQLite (needs /proc)', async () => {
    // The pictures of this dataset were read and drawn by now.
    await page.goto('studio://app/#/datasets');
    await page.getByRole('link', { name: /Dots/ }).first().waitFor();
    expect(nativeModulesOf(pid)).toEqual(['node_sqlite3.node']);
    expect(childrenOf(pid).some(({ arguments: words }) => words.some((word) => word.endsWith('pictures.js')))).toBe(
      true,
    );
  });

  it('keeps foreign noise out of the engine’s log', () => {
    const log = join(home, 'logs', 'engine.log');
    expect(existsSync(log) ? statSync(log).size : 0).toBe(0);
  });

  it('is one for each data folder: a second start leaves and shows what it was given', async () => {
    const second = startAgain(home);
    expect(await new Promise((resolve) => second.on('exit', resolve))).toBe(0);
    expect(app.windows()).toHaveLength(1);
  });
});
