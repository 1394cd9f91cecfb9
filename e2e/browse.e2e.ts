/** @file In a browser, a folder is chosen from the folders of the machine, by mouse or keyboard, instead of typing its path. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { BROWSER, seriousFindings } from './browser.ts';
import { makeDotsDataset } from './sample-dataset.ts';
import { temporaryHome } from './studio-host.ts';
import { studioInBrowser } from './studio-page.ts';

const text = messages.common.browse;

describe.skipIf(BROWSER === null)('choosing a folder in the browser (needs Chromium)', () => {
  const person = temporaryHome();
  const pictures = join(person, 'Pictures', 'dots');
  const shared = studioInBrowser(async () => {
    vi.stubEnv('HOME', person);
    mkdirSync(join(person, 'Music'));
    mkdirSync(join(person, 'Pictures'));
    await makeDotsDataset(pictures);
  });
  afterAll(() => vi.unstubAllEnvs());

  it('goes through the folders, and previews the one that is chosen', async () => {
    const { page } = shared.studio;
    await shared.go('/datasets?import=1');
    const dialog = page.getByRole('dialog', { name: messages.import.title });
    await dialog.getByRole('button', { name: text.button }).click();
    const browser = page.getByRole('dialog', { name: text.folderTitle });
    await browser.getByText(person, { exact: true }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await browser.getByRole('button', { name: 'Pictures' }).click();
    await browser.getByRole('button', { name: 'dots' }).click();
    await browser.getByText(pictures, { exact: true }).waitFor();
    await browser.getByRole('button', { name: 'metadata.jsonl' }).waitFor();
    await browser.getByRole('button', { name: text.useFolder }).click();
    await dialog.getByText(messages.import.usable('12', '12')).waitFor();
    await dialog.getByText(pictures, { exact: true }).first().waitFor();
  });

  it('begins where the path points, goes up, and takes a table, by keyboard alone', async () => {
    const { page } = shared.studio;
    const dialog = page.getByRole('dialog', { name: messages.import.title });
    await dialog.getByRole('button', { name: messages.import.another }).focus();
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: text.button }).focus();
    await page.keyboard.press('Enter');
    const browser = page.getByRole('dialog', { name: text.folderTitle });
    await browser.getByText(pictures, { exact: true }).waitFor();
    await browser.getByRole('button', { name: text.up }).focus();
    await page.keyboard.press('Enter');
    await browser.getByText(join(person, 'Pictures'), { exact: true }).waitFor();
    // The focus waits in the list; its first entry is the next stop.
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await browser.getByRole('button', { name: 'metadata.jsonl' }).focus();
    await page.keyboard.press('Enter');
    await browser.waitFor({ state: 'detached' });
    await dialog.getByText(join(pictures, 'metadata.jsonl'), { exact: true }).first().waitFor();
  });

  it('offers it for bundles and models too', async () => {
    const { page } = shared.studio;
    await page.keyboard.press('Escape');
    await shared.go('/verify');
    await page.getByRole('button', { name: text.button }).waitFor();
    await shared.go('/train');
    await page.getByRole('button', { name: messages.train.addAnother }).click();
    await page.getByRole('button', { name: text.button }).click();
    const browser = page.getByRole('dialog', { name: text.folderTitle });
    await browser.getByRole('button', { name: 'Music' }).click();
    await browser.getByText(text.empty).waitFor();
    await browser.getByRole('button', { name: text.useFolder }).click();
    expect(await page.getByRole('textbox', { name: messages.train.modelPath }).inputValue()).toBe(
      join(person, 'Music'),
    );
  });
});
