/** @file The desktop app itself, where Electron's program is there: one window, our page, no way out. */
import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright-core';
import { _electron } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { electronProgram } from '../electron/setup/start.mjs';
import { ROOT, temporaryHome } from './studio-host.ts';

const program = electronProgram();

describe.skipIf(program === null)("the desktop app (needs Electron's program)", () => {
  let app: ElectronApplication;
  let page: Page;

  beforeAll(async () => {
    app = await _electron.launch({
      executablePath: program ?? '',
      args: [join(ROOT, 'out', 'main', 'index.js'), `--home=${temporaryHome()}`],
    });
    page = await app.firstWindow();
  });

  afterAll(async () => {
    await app.close();
  });

  it('shows the page over its own protocol, and the page reaches the studio', async () => {
    expect(page.url()).toMatch(/^studio:\/\/app\//);
    await page.getByRole('link', { name: messages.home.importOwn }).waitFor();
  });

  it('gives the page nothing of Node', async () => {
    const seen = await page.evaluate(() => ['require', 'process', 'module'].filter((name) => name in globalThis));
    expect(seen).toEqual([]);
  });

  it('reaches no network and opens no window', async () => {
    const fetched = await page.evaluate(() =>
      fetch('https://example.org/').then(
        () => 'reached',
        () => 'refused',
      ),
    );
    expect(fetched).toBe('refused');
    await page.evaluate(() => window.open('https://example.org/'));
    expect(app.windows()).toHaveLength(1);
  });
});
