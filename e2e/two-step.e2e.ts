/** @file The harder starter data: offered to a newcomer beside the first, imported with one button. */
import { describe, expect, it } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { BROWSER, seriousFindings } from './browser.ts';
import { atelier } from './studio-host.ts';
import { studioInBrowser } from './studio-page.ts';

const IMPORT_MS = 120_000;

describe.skipIf(BROWSER === null)('the two-step data in the browser (needs Chromium)', () => {
  const shared = studioInBrowser();

  it('hang with one button', async () => {
    const { page } = shared.studio;
    const { starter } = messages.datasets;
    await page.getByText(messages.datasets.harder).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: starter['two-step-counting'] }).click();
    await page.waitForURL(/#\/datasets\/.+/, { timeout: IMPORT_MS });
    await page.getByRole('option').first().waitFor();
    const datasets = atelier(shared.host.home, 'datasets') as { name: string; samples: number }[];
    expect(datasets).toMatchObject([{ name: 'Two-step counting (starter)', samples: 1440 }]);

    await page.getByRole('link', { name: messages.nav.datasets, exact: true }).click();
    for (const name of Object.values(starter)) await page.getByRole('button', { name, exact: true }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });
});
