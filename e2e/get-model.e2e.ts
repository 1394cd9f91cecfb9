/** @file A model from a hub of our own, in the browser: Home offers it, its needs are said first, and it can be trained then. */
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { COMMIT, openSmallHub, type SmallHub } from '../electron/studio/models/hub/testing/small-hub.ts';
import { messages } from '../renderer/src/messages/en.ts';
import { BROWSER, seriousFindings } from './browser.ts';
import { temporaryHome } from './studio-host.ts';
import { studioInBrowser } from './studio-page.ts';

const MODEL = fileURLToPath(new URL('../electron/engine/fixtures/qwen2vl-tiny/model', import.meta.url));
const text = messages.models;

describe.skipIf(BROWSER === null)('getting a model (needs Chromium)', () => {
  let hub: SmallHub;
  const shared = studioInBrowser(async () => {
    hub = await openSmallHub(MODEL, { 'README.md': '---\nlicense: apache-2.0\n---\n' });
    vi.stubEnv('HF_ENDPOINT', hub.url);
    vi.stubEnv('HF_HUB_OFFLINE', '');
    vi.stubEnv('HF_HOME', temporaryHome());
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await hub.close();
  });

  it('says what it is and needs, downloads when asked, and offers it on the Train page', async () => {
    const { page } = shared.studio;
    await shared.go('/');
    await page.getByRole('button', { name: text.get }).click();
    const dialog = page.getByRole('dialog', { name: text.title });
    await dialog.getByRole('textbox', { name: text.name }).fill('me/nothing');
    await page.keyboard.press('Enter');
    await dialog
      .getByRole('alert')
      .getByText(/has no me\/nothing/)
      .waitFor();
    await dialog.getByRole('textbox', { name: text.name }).fill('me/tiny');
    await page.keyboard.press('Enter');
    await dialog.getByText('Apache-2.0', { exact: true }).waitFor();
    await dialog.getByText(COMMIT.slice(0, 12), { exact: true }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    expect(hub.requests.filter(({ path }) => path.endsWith('.safetensors'))).toEqual([]);
    await dialog.getByRole('button', { name: text.start }).click();
    await dialog.waitFor({ state: 'detached' });
    await shared.go('/train');
    await page.getByRole('radio', { name: /me\/tiny/ }).waitFor();
  });

  it('can be switched off in the settings', async () => {
    const { page } = shared.studio;
    await shared.go('/settings');
    await page.getByRole('checkbox', { name: messages.settings.downloads }).uncheck();
    await page.getByRole('textbox', { name: messages.settings.hubEndpoint }).waitFor({ state: 'detached' });
    const before = hub.requests.length;
    await shared.go('/train');
    await page.getByRole('button', { name: text.get }).click();
    const dialog = page.getByRole('dialog', { name: text.title });
    await dialog.getByRole('textbox', { name: text.name }).fill('me/tiny');
    await page.keyboard.press('Enter');
    await dialog
      .getByRole('alert')
      .getByText(/switched off/)
      .waitFor();
    expect(hub.requests.length).toBe(before);
  });
});
