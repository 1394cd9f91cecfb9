/**
 * @file From a folder of ten pictures without a table to a dataset that is ready for training, by keyboard alone; then a
 * model that answers first, boxes drawn with the arrow keys, and many answers at once.
 */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { makeBirds } from './birds.ts';
import { BROWSER, loadedImages, seriousFindings } from './browser.ts';
import { ROOT } from './studio-host.ts';
import { studioInBrowser } from './studio-page.ts';

const text = messages.labels;
const PICTURES = 10;

/** What the page calls the dialog's fields, filled by keys. */
async function tabTo(page: Page, name: string | RegExp, role: 'button' | 'textbox' | 'combobox'): Promise<void> {
  const wanted = page.getByRole(role, { name, exact: typeof name === 'string' }).first();
  await wanted.waitFor();
  for (let presses = 0; presses < 90; presses += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`The Tab key does not reach ${String(name)}.`);
}

describe.skipIf(BROWSER === null)('labelling in the browser (needs Chromium)', () => {
  let folder: string;
  let address: string;
  const shared = studioInBrowser(async (home) => {
    folder = await makeBirds(join(home, 'birds'), PICTURES);
  });
  const progress = (answered: number): string => text.progress(String(answered), String(PICTURES));

  it('leads from a folder to a dataset ready for training, by keyboard alone', async () => {
    const { page } = shared.studio;
    await page.setViewportSize({ width: 1280, height: 720 });
    await shared.go('/datasets');
    await tabTo(page, text.start, 'button');
    await page.keyboard.press('Enter');
    await tabTo(page, text.making.drop, 'textbox');
    await page.keyboard.type(folder);
    expect(await seriousFindings(page)).toEqual([]);
    await tabTo(page, text.making.question, 'textbox');
    await page.keyboard.type('How many birds are there?');
    await page.keyboard.press('Enter');
    await page.getByText(progress(0)).waitFor({ timeout: 60_000 });
    await page.getByRole('heading', { name: 'How many birds are there?' }).waitFor();
    address = page.url();

    // The answer has the focus: a number and Enter, picture after picture.
    for (let index = 0; index < 4; index += 1) {
      await page.getByText(text.picture(index + 1, PICTURES)).waitFor();
      await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('INPUT');
      await page.keyboard.type(String((index % 4) + 1));
      await page.keyboard.press('Enter');
    }
    await page.getByText(progress(4)).waitFor();
    // The same as the last, undone, a picture left out, and one that cannot be read.
    await page.keyboard.press('Control+Enter');
    await page.getByText(progress(5)).waitFor();
    await page.keyboard.press('Control+z');
    await page.getByText(progress(4)).waitFor();
    await page.getByText(text.picture(5, PICTURES)).waitFor();
    await page.keyboard.type('1');
    await page.keyboard.press('PageDown');
    await page.getByText(progress(5)).waitFor();
    await page.keyboard.type('a flock');
    await page.getByText(text.problem('whole numbers')).waitFor();
    await page.keyboard.press('Control+Backspace');
    await page.getByText(text.leftOut).waitFor();
    await page.keyboard.press('PageDown');
    for (const count of ['3', '4', '1', '2']) {
      await page.keyboard.type(count);
      await page.keyboard.press('Enter');
    }
    await page.getByText(progress(9)).waitFor();
    await page.getByText(text.saved, { exact: true }).waitFor();

    // Nothing typed is lost with the page.
    await page.reload();
    await page.getByText(progress(9)).waitFor();

    await tabTo(page, text.finish.button, 'button');
    await page.keyboard.press('Enter');
    await tabTo(page, text.finish.author, 'textbox');
    await page.keyboard.type('Ada');
    await tabTo(page, text.finish.licence, 'combobox');
    await page.keyboard.type('CC BY 4.0');
    expect(await seriousFindings(page)).toEqual([]);
    await tabTo(page, text.finish.go, 'button');
    await page.keyboard.press('Enter');
    await page.getByText(text.finish.done(7, 2)).waitFor({ timeout: 60_000 });
    const train = page.getByRole('link', { name: text.finish.train });
    await train.focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/#\/train\?dataset=ds-.*task=count/);
    await page.getByRole('heading', { name: messages.train.title }).waitFor();
  });

  it('has no serious finding in light and dark, on a narrow window and enlarged twice', async () => {
    const { page } = shared.studio;
    await page.goto(address);
    await page.getByText(progress(9)).waitFor();
    await loadedImages(page);
    const folderOfShots = process.env['ATELIER_SHOTS'];
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const [name, size] of [
        ['wide', { width: 1280, height: 720 }],
        // 1280 × 720 at 200 %, and a narrow window.
        ['enlarged', { width: 640, height: 360 }],
        ['narrow', { width: 640, height: 900 }],
      ] as const) {
        await page.setViewportSize(size);
        for (const view of ['one', 'all'] as const) {
          await page.getByRole('button', { name: text.views[view] }).click();
          await loadedImages(page);
          expect(await seriousFindings(page), `${colorScheme} ${name} ${view}`).toEqual([]);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          expect(wide, `${colorScheme} ${name} ${view}`).toBeLessThanOrEqual(0);
          if (folderOfShots !== undefined)
            await page.screenshot({ path: join(ROOT, folderOfShots, `label-${colorScheme}-${name}-${view}.png`) });
        }
      }
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1280, height: 720 });
  });

  it('answers many pictures at once, and takes it back', async () => {
    const { page } = shared.studio;
    const box = page.getByRole('listbox', { name: new RegExp(text.all.label) });
    await page.getByRole('button', { name: text.views.all }).click();
    await box.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await page.getByText(text.all.marked(2)).waitFor();
    await page.getByLabel(text.all.answer).fill('9');
    await page.keyboard.press('Enter');
    await page.getByText(text.all.answered(2)).waitFor();
    await expect.poll(() => box.getByText('9', { exact: true }).count()).toBe(2);
    await page.getByRole('button', { name: messages.common.undo, exact: true }).first().click();
    await expect.poll(() => box.getByText('9', { exact: true }).count()).toBe(0);
  });

  it('lets a model answer first; Enter confirms', async () => {
    const { page } = shared.studio;
    await shared.go('/datasets?label=1');
    await page.getByRole('textbox', { name: text.making.drop }).fill(folder);
    await page.getByRole('combobox', { name: new RegExp(text.making.task) }).click();
    await page.getByRole('option', { name: new RegExp(messages.train.task.names.transcribe) }).click();
    await page.getByRole('button', { name: text.making.go }).click();
    await page.getByText(progress(0)).waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: text.ask.button }).click();
    await page.getByRole('dialog').getByText(text.ask.waiting(PICTURES)).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: text.ask.go, exact: true }).click();
    // It goes on while another screen is open.
    await page.getByRole('button', { name: text.ask.stop }).waitFor();
    const sheet = page.url();
    await shared.go('/datasets');
    await page.goto(sheet);
    await page.getByRole('button', { name: text.ask.button }).waitFor({ timeout: 180_000 });
    await page.getByText(progress(0)).waitFor();
    // The starter model has no words for some of the pictures; an empty answer is no proposal.
    for (let at = 1; at < PICTURES && !(await page.getByText(/proposes$/).isVisible()); at += 1) {
      await page.keyboard.press('PageDown');
      await page.getByText(text.picture(at + 1, PICTURES)).waitFor();
    }
    await page.getByText(/proposes$/).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('textbox', { name: text.answer }).focus();
    await page.keyboard.press('Enter');
    await page.getByText(progress(1)).waitFor();
    await page.keyboard.type('bird');
    await page.keyboard.press('Enter');
    await page.getByText(progress(2)).waitFor();
    await page.keyboard.press('PageUp');
    await page.getByText(/had proposed/).waitFor();
    await page.keyboard.press('PageUp');
    await page.getByText(/confirmed by you/).waitFor();
  });

  it('draws boxes with the arrow keys, and with the mouse', async () => {
    const { page } = shared.studio;
    await shared.go('/datasets?label=1');
    await page.getByRole('textbox', { name: text.making.drop }).fill(folder);
    await page.getByRole('combobox', { name: new RegExp(text.making.task) }).click();
    await page.getByRole('option', { name: new RegExp(messages.train.task.names['find-box']) }).click();
    await page.getByRole('button', { name: text.making.go }).click();
    const surface = page.getByRole('application');
    await surface.waitFor({ timeout: 60_000 });
    await loadedImages(page);
    await expect.poll(() => surface.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Space');
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown']) await page.keyboard.press(key);
    await page.keyboard.press('Space');
    await page.getByText(text.boxes(1), { exact: true }).waitFor();
    await page.getByText(progress(1)).waitFor();
    const area = (await surface.boundingBox())!;
    await page.mouse.move(area.x + 40, area.y + 40);
    await page.mouse.down();
    await page.mouse.move(area.x + 160, area.y + 120, { steps: 4 });
    await page.mouse.up();
    await page.getByText(text.boxes(2), { exact: true }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    const folderOfShots = process.env['ATELIER_SHOTS'];
    if (folderOfShots !== undefined) await page.screenshot({ path: join(ROOT, folderOfShots, 'label-boxes.png') });
    await page.keyboard.press('Backspace');
    await page.getByText(text.boxes(1), { exact: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText(text.picture(2, PICTURES)).waitFor();
  });

  it('writes the answers as a folder, and says where', async () => {
    const { page } = shared.studio;
    await page.goto(address);
    await page.getByRole('button', { name: text.write.button }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: text.write.folder }).fill(`${folder}-answers`);
    expect(await seriousFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: text.write.go }).click();
    await dialog.getByText(text.write.done(9, `${folder}-answers`)).waitFor();
  });

  it('takes a sheet off the list, and brings it back with every answer', async () => {
    const { page } = shared.studio;
    await page.keyboard.press('Escape');
    await page.goto(address);
    await page.getByText(progress(9)).waitFor();
    const name = await page.getByRole('heading', { level: 1 }).innerText();
    await page.getByRole('button', { name: text.remove, exact: true }).click();
    await page.getByText(text.removed(name)).waitFor();
    await page.waitForURL(/#\/datasets$/);
    await page.getByRole('button', { name: messages.common.undo, exact: true }).click();
    await page.getByText(progress(9)).waitFor();

    // Later too, without the offer to undo.
    await page.getByRole('button', { name: text.remove, exact: true }).click();
    await page.getByText(text.removedSheets(1)).click();
    expect(await seriousFindings(page)).toEqual([]);
    await page.goto(address);
    await page.getByText(text.isRemoved).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: text.bringBack }).click();
    await page.getByText(text.isRemoved).waitFor({ state: 'detached' });
    await page.getByText(progress(9)).waitFor();
  });

  it('says so where there is no such sheet', async () => {
    const { page } = shared.studio;
    await shared.go('/labels/nothing');
    await page.getByRole('heading', { name: text.notFound }).waitFor();
  });
});
