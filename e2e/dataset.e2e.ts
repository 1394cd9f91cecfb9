/**
 * @file Pictures with rights: a table with unknown columns, images that opt out, decisions, bulk edits and their undo,
 * look-alikes and balance, and the resulting ledger. The images come from real metadata writers.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { BROWSER, seriousFindings } from './browser.ts';
import { copySignedImages, SIGNED_IMAGES } from './signed-images.ts';
import { studioInBrowser } from './studio-page.ts';

const NAME = 'Seen and said';
const text = messages.dataset;

/** A table with column names that detection does not recognise. */
function makeTable(folder: string): string {
  copySignedImages(folder);
  const rows = SIGNED_IMAGES.map((image, index) => `${image},"What is seen, number ${index}?",${index},Ada`);
  writeFileSync(join(folder, 'liste.csv'), `spalte1,spalte2,spalte3,spalte4\n${rows.join('\n')}\n`);
  return folder;
}

async function chooseColumn(page: Page, field: string, column: string): Promise<void> {
  await page
    .getByRole('dialog')
    .getByRole('combobox', { name: new RegExp(`^${field} `) })
    .click();
  await page.getByRole('option', { name: new RegExp(column) }).click();
}

describe.skipIf(BROWSER === null)('datasets and their rights in the browser (needs Chromium)', () => {
  let folder: string;
  let dataset: string;
  const shared = studioInBrowser((home) => {
    folder = makeTable(join(home, 'pictures'));
  });

  it('asks which column holds what, and imports images that say no without using them', async () => {
    const { page } = shared.studio;
    await shared.go('/datasets?import=1');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: messages.import.drop }).fill(folder);
    await dialog.getByRole('button', { name: messages.import.inspect }).click();
    await dialog.getByText(/^Not recognised:/).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await chooseColumn(page, messages.import.columnOf.image, 'spalte1');
    await chooseColumn(page, messages.import.columnOf.prompt, 'spalte2');
    await chooseColumn(page, messages.import.columnOf.answer, 'spalte3');
    await dialog.getByRole('button', { name: messages.import.inspect }).click();
    await dialog.getByText(messages.import.usable('6', '6')).waitFor();
    await dialog.getByText(messages.import.groups.happens).click();
    await dialog.getByText(/^Opted out of training/).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: messages.import.onwards }).click();
    await dialog.getByLabel(messages.import.name, { exact: true }).fill(NAME);
    await dialog.getByRole('button', { name: messages.import.go(6) }).click();
    await dialog.getByRole('button', { name: messages.import.open }).click();
    await page.getByRole('heading', { name: NAME, level: 1 }).waitFor();
    dataset = /#\/datasets\/([^?/]+)/.exec(page.url())?.[1] ?? '';
    await expect.poll(() => page.getByText(text.leftOut, { exact: true }).count()).toBe(2);
  });

  it('shows the evidence, takes a decision only with a reason, and takes it back', async () => {
    const { page } = shared.studio;
    await page.getByRole('option', { name: /number 0/ }).click();
    await page.getByText(text.leftOutTitle).waitFor();
    await page.getByText(text.evidence, { exact: true }).first().click();
    await page
      .getByText(/DMI-PROHIBITED/)
      .first()
      .waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    // The address bar updates once the page is idle.
    await expect.poll(() => page.url()).toContain('/sample/');
    const address = page.url();

    await page.getByRole('button', { name: text.override.use }).click();
    const dialog = page.getByRole('dialog');
    const go = dialog.getByRole('button', { name: text.override.go, exact: true });
    await dialog.getByRole('radio', { name: new RegExp(text.override.basisOf['own-work'].label) }).check();
    await dialog.getByRole('textbox', { name: text.override.reason }).fill('mine');
    expect(await go.isDisabled()).toBe(true);
    await dialog.getByRole('textbox', { name: text.override.reason }).fill('I painted this myself in 2021.');
    expect(await seriousFindings(page)).toEqual([]);
    await go.click();
    await page.getByText(text.usedAnyway).waitFor();
    await page.getByRole('button', { name: messages.common.undo }).click();
    await page.getByText(text.leftOutTitle).waitFor();

    // A sample's address opens that sample again.
    await shared.go('/');
    await page.goto(address);
    await page.getByText(text.leftOutTitle).waitFor();
  });

  it('changes many samples at once by keyboard, filters by it, and undoes it', async () => {
    const { page } = shared.studio;
    const grid = page.getByRole('listbox', { name: new RegExp(text.gridLabel) });
    await grid.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Space');
    await page.getByText(text.marked(1)).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await page.getByText(text.marked(2)).waitFor();
    await page.getByRole('button', { name: text.editMarked }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(text.editing.addTags).fill('studio, spring');
    await dialog.getByLabel(text.editing.licence, { exact: true }).fill('CC-BY-4.0');
    await dialog.getByRole('button', { name: text.editing.go, exact: true }).click();
    await page.getByRole('button', { name: messages.common.undo }).waitFor();
    await page.getByRole('combobox', { name: new RegExp(text.allTags) }).click();
    await page.getByRole('option', { name: text.option('spring', '2') }).click();
    await page.getByText(text.shown('2', '6')).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: messages.common.undo }).click();
    await page.getByText(text.noneMatch).waitFor();
    await page.getByRole('button', { name: text.clear }).first().click();
    await page.getByText(text.shown('6', '6')).waitFor();
  });

  it('says what a licence may not be, and changes nothing', async () => {
    const { page } = shared.studio;
    await page.getByRole('button', { name: text.editShown('6') }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(text.editing.licence, { exact: true }).fill('free, I think');
    await dialog.getByRole('button', { name: text.editing.go, exact: true }).click();
    await dialog.getByRole('alert').waitFor();
    await dialog.getByRole('button', { name: messages.common.cancel }).click();
  });

  it('opens every view of the dataset', async () => {
    const { page } = shared.studio;
    const views = page.getByRole('navigation', { name: text.viewsLabel });
    for (const [view, heading] of [
      [text.views.alike, text.alike.title],
      [text.views.leakage, text.leakage.title],
      [text.views.balance, text.balance.title],
      [text.views.changes, text.changes.title],
    ] as const) {
      await views.getByRole('link', { name: view }).click();
      await page.getByRole('heading', { name: heading, level: 2 }).waitFor();
      await page.getByRole('alert').waitFor({ state: 'detached' });
      expect(await seriousFindings(page)).toEqual([]);
    }
    await page.getByText(text.changes.undone).first().waitFor();
  });

  it('shows what a split would do before it is made', async () => {
    const { page } = shared.studio;
    await page.getByRole('button', { name: text.split }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/to train, .* to test/).waitFor();
    await dialog.getByRole('textbox', { name: text.splitting.share.label }).fill('95');
    expect(await dialog.getByRole('button', { name: text.splitting.go, exact: true }).isDisabled()).toBe(true);
    expect(await seriousFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: messages.common.cancel }).click();
  });

  it('judges by the licences, and names who is left out', async () => {
    const { page } = shared.studio;
    await shared.go(`/ledger/${dataset}?model=none`);
    await page.getByRole('heading', { name: messages.ledger.lines }).waitFor();
    // Nothing is known about most of the images, and unknown is never permission.
    await page.getByText(messages.ledger.verdict['needs-decision']).first().waitFor();
    await page.getByText(messages.ledger.leftOut(2)).waitFor();
    await page
      .getByRole('button', { name: /reason/ })
      .first()
      .click();
    await page.getByText(messages.ledger.rule('R7')).first().waitFor();
    await page.getByRole('button', { name: messages.ledger.copy }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('says so where there is no such dataset or sample', async () => {
    const { page } = shared.studio;
    await shared.go(`/datasets/${dataset}/sample/nothing`);
    await page.getByRole('alert').waitFor();
    await shared.go('/datasets/nothing');
    await page.getByRole('heading', { name: text.notFound }).waitFor();
    await shared.go('/ledger/nothing');
    await page.getByRole('alert').waitFor();
  });
});
