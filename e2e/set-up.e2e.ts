/** @file Home without TensorFlow: it says what is missing, and a button fetches it. A script plays the real set-up. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { fakeEngine } from '../electron/studio/fixtures/test-studio.ts';
import { openStudio, type Studio, type StudioOptions } from '../electron/studio/studio.ts';
import { startWebHost } from '../electron/web-host/web-host.ts';
import { messages } from '../renderer/src/messages/en.ts';
import { BROWSER, launchBrowser, openPage, seriousFindings, type WatchedPage } from './browser.ts';
import { ROOT, temporaryHome } from './studio-host.ts';

const text = messages.home.tensorFlow;

describe.skipIf(BROWSER === null)('set-up from inside the app (needs Chromium)', () => {
  const root = temporaryHome();
  const script = join(root, 'electron', 'tools', 'setup', 'ensure.mjs');
  const addon = join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu', 'lib', 'napi-v8', 'tfjs_binding.node');
  let studio: Studio;
  let host: Awaited<ReturnType<typeof startWebHost>>;
  let browser: Browser;
  let watched: WatchedPage;

  beforeAll(async () => {
    mkdirSync(dirname(script), { recursive: true });
    writeFileSync(script, `console.error('no network here');`);
    studio = await openStudio({
      home: join(root, 'home'),
      resourcesDir: join(ROOT, 'resources'),
      version: '0.0.0-test',
      spawnEngine: fakeEngine,
      // Home without datasets shows no pictures.
      pictures: { close: async () => undefined } as StudioOptions['pictures'],
      setUp: { root, program: process.execPath },
    });
    host = await startWebHost({ studio, rendererDir: join(ROOT, 'out', 'renderer') });
    browser = await launchBrowser();
    watched = await openPage(browser, new URL(host.url).origin);
    await watched.page.goto(host.url);
  });

  afterAll(async () => {
    await browser.close();
    await host.close();
    await studio.close();
  });

  it('says what is missing and what the button does', async () => {
    const { page } = watched;
    await page.getByRole('heading', { name: text.title }).waitFor();
    await page.getByText(text.about).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('shows why it failed, and lets you try again until it is there', async () => {
    const { page } = watched;
    await page.getByRole('button', { name: text.setUp }).click();
    await page.getByText('no network here').waitFor();
    await page.getByText(text.failed).waitFor();
    mkdirSync(dirname(addon), { recursive: true });
    writeFileSync(script, `import fs from 'node:fs'; fs.writeFileSync(${JSON.stringify(addon)}, '');`);
    await page.getByRole('button', { name: messages.common.tryAgain }).click();
    await page.getByRole('heading', { name: text.title }).waitFor({ state: 'detached' });
    expect([...watched.troubles, ...watched.strangers]).toEqual([]);
  });
});
