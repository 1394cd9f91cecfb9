/** @file Every screen of the page on a synthetic data folder, by its address. */
import type { Page } from 'playwright-core';
import { still } from './browser.ts';
import type { SyntheticIds } from './synthetic/synthetic-store.ts';

/** Names of the screens, with their paths. */
export function everyScreen({ datasetId, runId }: SyntheticIds): [string, string][] {
  return [
    ['home', '/'],
    ['datasets', '/datasets'],
    ['dataset', `/datasets/${datasetId}`],
    ['import', '/datasets?import=1'],
    ['ledger', '/ledger'],
    ['ledger-of', `/ledger/${datasetId}`],
    ['rewards', '/rewards'],
    ['train', '/train'],
    ['runs', '/runs'],
    ['trash', '/runs?trash=1'],
    ['run', `/runs/${runId}/step/60`],
    ['compare', '/compare'],
    ['exam', '/exam'],
    ['playground', '/playground'],
    ['export', '/export'],
    ['verify', '/verify'],
    ['settings', '/settings'],
    ['unknown', '/elsewhere'],
  ];
}

/** Waits until nothing is loading. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main :is(h1, h2)').first().waitFor({ state: 'attached' });
  await page.waitForFunction(() => document.querySelector('main [aria-busy="true"], main .skeleton') === null);
  await page.waitForFunction(() => [...document.images].every((image) => image.complete));
  await still(page);
}
