/** @file The desktop app itself, if Electron's program is installed: one window, our page, no way out. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { answerDialogs, ELECTRON, openDesktop, startAgain, inMain } from './desktop-app.ts';
import { childrenOf, engineOf, nativeModulesOf, sharedConnections } from './processes.ts';
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
    const preferences = await inMain(app, ({ BrowserWindow }) => {
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
        place: await refused(
          new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition(resolve, reject)),
        ),
        screen: await refused(navigator.mediaDevices.getDisplayMedia()),
        device: await refused(
          (navigator as unknown as { usb: { requestDevice: (o: object) => Promise<unknown> } }).usb.requestDevice({
            filters: [],
          }),
        ),
      };
    });
    expect(tried).toEqual({
      fetch: 'refused',
      script: 'refused',
      camera: 'refused',
      reading: 'refused',
      notifying: 'denied',
      place: 'refused',
      screen: 'refused',
      device: 'refused',
    });
    await page.evaluate(() => {
      window.open('https://example.org/');
      location.href = 'https://example.org/';
    });
    expect(app.windows()).toHaveLength(1);
    expect(page.url()).toMatch(/^studio:\/\/app\//);
  });

  it('keeps Chromium offline, and checks no spelling', async () => {
    const switches = await inMain(app, ({ app: main }) =>
      ['disable-background-networking', 'disable-component-update', 'disable-domain-reliability', 'no-pings'].map(
        (name) => main.commandLine.hasSwitch(name),
      ),
    );
    expect(switches).toEqual([true, true, true, true]);
    expect(await inMain(app, ({ app: main }) => main.commandLine.getSwitchValue('host-resolver-rules'))).toBe(
      'MAP * ~NOTFOUND',
    );
    expect(await inMain(app, ({ session }) => session.defaultSession.isSpellCheckerEnabled())).toBe(false);
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

  it.skipIf(process.platform !== 'linux')(
    'passes none of its connections on to its children (needs /proc)',
    async () => {
      const ours = childrenOf(pid).filter(({ arguments: words }) =>
        words.some((word) => /(engine|pictures)\.js$/.test(word)),
      );
      expect(ours).toHaveLength(2);
      for (const child of ours) await expect.poll(() => sharedConnections(child.pid, pid)).toEqual([]);
    },
  );

  it('is one for each data folder: a second start leaves and shows what it was given', async () => {
    const brought = await app.evaluateHandle(({ BrowserWindow }) => {
      const counts = { focus: 0 };
      for (const window of BrowserWindow.getAllWindows()) window.focus = () => void (counts.focus += 1);
      return counts;
    });
    const asked = await answerDialogs(app, 0);
    for (const [given, shown] of [
      [[], /./],
      [[join(home, 'pictures')], /#\/datasets\?import=1&path=/],
      // There are no links to Atelier; such a word is a path that does not exist.
      [['atelier://verify?path=/'], /#\/datasets/],
    ] as const) {
      const second = startAgain(home, ...given);
      expect(await new Promise((resolve) => second.on('exit', resolve))).toBe(0);
      await page.waitForURL(shown);
    }
    await expect.poll(asked).toEqual([expect.stringContaining('Atelier cannot open')]);
    expect(await brought.evaluate(({ focus }) => focus)).toBeGreaterThanOrEqual(3);
    expect(app.windows()).toHaveLength(1);
    await page.getByRole('dialog').getByText(messages.import.usable('12', '12')).waitFor();
  });

  it('opens a second window beside it for another data folder', async () => {
    const other = await openDesktop(temporaryHome());
    await other.page.getByRole('link', { name: messages.home.importOwn }).waitFor();
    expect([other.app.windows().length, app.windows().length]).toEqual([1, 1]);
    await other.app.close();
    // The first one goes on.
    await page.getByRole('dialog').getByText(messages.import.usable('12', '12')).waitFor();
  });
});
