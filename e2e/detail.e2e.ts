/** @file How much of a picture the model sees: chosen for a dataset, shown beside the original, measured, used on Train. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import sharp from 'sharp';
import { scenery } from '../electron/studio/datasets/testing/scenery.ts';
import { messages } from '../renderer/src/messages/en.ts';
import { BROWSER, seriousFindings } from './browser.ts';
import { atelier, runAtelier } from './studio-host.ts';
import { studioInBrowser } from './studio-page.ts';

const text = messages.detail;
const PIXELS = 12_544;

describe.skipIf(BROWSER === null)('the detail of a dataset (needs Chromium)', () => {
  let datasetId = '';
  const shared = studioInBrowser(async (home) => {
    const folder = join(home, 'hills');
    mkdirSync(folder, { recursive: true });
    const rows: string[] = [];
    for (let index = 0; index < 6; index++) {
      const picture = await sharp(await scenery(index))
        .resize(640, 480)
        .png()
        .toBuffer();
      writeFileSync(join(folder, `${index}.png`), picture);
      const split = index < 4 ? 'train' : 'test';
      rows.push(JSON.stringify({ file_name: `${index}.png`, question: 'How many hills?', answer: `${index}`, split }));
    }
    writeFileSync(join(folder, 'metadata.jsonl'), rows.join('\n'));
    runAtelier(home, 'import', folder, '--name', 'Hills');
    datasetId = (atelier(home, 'datasets', 'Hills') as { id: string }).id;
  });

  it('is shown with its costs, changed by an exact number, and drawn as the model sees it', async () => {
    const { page } = shared.studio;
    await shared.go(`/datasets/${datasetId}?view=detail`);
    const table = page.getByRole('table', { name: text.table });
    await table.getByText(text.pixelsOf('50,176', '224')).waitFor();
    // The plan of a run with default settings, which this dataset is too small for: the cost is not known.
    await page.getByText(text.sameForAll).waitFor();
    await page.getByText(text.compare.size('640', '480')).waitFor();
    expect(await seriousFindings(page)).toEqual([]);

    const exact = page.getByRole('textbox', { name: text.exactLabel });
    await exact.fill('99');
    expect(await exact.getAttribute('aria-invalid')).toBe('true');
    await exact.fill(String(PIXELS));
    await page.getByRole('button', { name: text.exactUse }).click();
    await page.getByText(text.saved).waitFor();
    expect((atelier(shared.host.home, 'datasets', 'Hills') as { detail: number }).detail).toBe(PIXELS);

    const seen = page.getByRole('img', { name: text.compare.seenAlt('How many hills?') });
    await page.getByText(text.compare.size('112', '84')).waitFor();
    await expect
      .poll(() => seen.evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight]))
      .toEqual([112, 84]);
    await page.getByRole('checkbox', { name: text.compare.zoom }).check();
    const area = page.getByRole('group', { name: text.compare.zoomArea });
    await area.focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowUp');
    expect(await seen.evaluate((image) => image.style.transformOrigin)).toBe('45% 45%');
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('is measured with the base model at two limits, and the finding appears', async () => {
    const { page } = shared.studio;
    await shared.go(`/datasets/${datasetId}?view=detail`);
    const evidence = page.getByRole('region', { name: text.evidence.title });
    await evidence.getByText(text.evidence.none).waitFor();
    await evidence.getByRole('button', { name: text.evidence.measure }).click();
    await evidence.getByRole('link', { name: text.evidence.see }).waitFor({ timeout: 90_000 });
    await evidence.getByText(/with 50,176 instead of 12,544 pixels/).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('is what a run on it uses, unless the run says otherwise', async () => {
    const { page } = shared.studio;
    await shared.go('/train');
    const summary = page.locator('summary', { hasText: text.run.title });
    await summary.getByText(new RegExp(text.run.fromDataset)).waitFor();
    await summary.click();
    await page.getByRole('radio', { name: new RegExp(text.levels.low) }).check();
    await summary.getByText(/50,176/).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: text.run.fromDataset }).click();
    await summary.getByText(/12,544/).waitFor();
  });
});
