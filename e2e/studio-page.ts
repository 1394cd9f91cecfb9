/**
 * @file The set-up shared by the browser tests: a host on a data folder, a browser, and a page that records what goes
 * wrong. Every test must leave the page without errors and without requests to other origins.
 */
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import type { WatchedPage } from './browser.ts';
import { launchBrowser, openPage } from './browser.ts';
import type { StudioHost } from './studio-host.ts';
import { ROOT, startHost, temporaryHome } from './studio-host.ts';

export interface StudioPage {
  /** Filled before the first test. */
  host: StudioHost;
  browser: Browser;
  studio: WatchedPage;
  /** Opens a screen by its path without waiting. */
  go: (path: string) => Promise<void>;
}

/**
 * Call inside `describe`. `prepare` fills the data folder before the host starts.
 * @param prepareMs for both; absent = the limit of any set-up
 */
export function studioInBrowser(
  prepare: (home: string) => Promise<void> | void = () => undefined,
  prepareMs?: number,
): StudioPage {
  const shared = {} as StudioPage;

  beforeAll(async () => {
    const home = temporaryHome();
    await prepare(home);
    shared.host = await startHost(home);
    shared.browser = await launchBrowser();
    shared.studio = await openPage(shared.browser, shared.host.origin);
    shared.go = async (path) => {
      await shared.studio.page.goto(`${shared.host.origin}/#${path}`);
    };
    await shared.studio.page.goto(shared.host.url);
    // The page reloads once to remove the token from its address, which would interrupt any earlier navigation. The
    // page's first visit reads everything from disk, on a machine that may be busy.
    await shared.studio.page.getByRole('navigation', { name: messages.nav.label }).waitFor({ timeout: 60_000 });
  }, prepareMs);

  afterAll(async () => {
    await shared.browser.close();
    expect(await shared.host.stop()).toBe(0);
    shared.host.clean();
  });

  afterEach(async ({ task }) => {
    const { page, troubles, strangers } = shared.studio;
    if (task.result?.state === 'fail') {
      const name = task.name.replaceAll(/\W+/g, '-');
      await page.screenshot({ path: join(ROOT, 'test-results', `${name}.png`), fullPage: true });
    }
    expect({ troubles: troubles.splice(0), strangers }).toEqual({ troubles: [], strangers: [] });
  });

  return shared;
}
