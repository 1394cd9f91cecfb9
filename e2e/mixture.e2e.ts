/** @file A run on two datasets mixed by weight: chosen on Train, trained, and shown with each dataset by itself. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { scenery } from '../electron/studio/datasets/testing/scenery.ts';
import { messages } from '../renderer/src/messages/en.ts';
import { BROWSER, seriousFindings } from './browser.ts';
import { fillShortRun } from './short-run.ts';
import { runAtelier } from './studio-host.ts';
import { studioInBrowser } from './studio-page.ts';

const text = messages.train.mixture;
/** Longer than a line of the summary, which must wrap it. */
const LONG_NAME = 'Dales of the far north, drawn for a test of long names';

async function writeSceneries(folder: string, first: number): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const rows: string[] = [];
  for (let index = 0; index < 6; index += 1) {
    writeFileSync(join(folder, `${index}.png`), await scenery(first + index));
    const split = index < 4 ? 'train' : 'test';
    const answer = String(index % 4);
    rows.push(JSON.stringify({ file_name: `${index}.png`, question: 'How many hills?', answer, split }));
  }
  writeFileSync(join(folder, 'metadata.jsonl'), rows.join('\n'));
  return folder;
}

/** What reaches beyond the window or is cut off by its own box; a table scrolls in its own. */
async function cutOff(page: Page): Promise<string[]> {
  return await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('main *')]
      .filter((element) => element.closest('table, svg, .visually-hidden') === null)
      .filter(({ offsetWidth, scrollWidth, clientWidth, tagName, textContent }) =>
        offsetWidth === 0 || textContent === ''
          ? false
          : ['BUTTON', 'DD', 'DT', 'H3', 'LABEL', 'P', 'STRONG'].includes(tagName) && scrollWidth > clientWidth + 1,
      )
      .concat(document.documentElement.scrollWidth > innerWidth ? [document.documentElement] : [])
      .map(({ tagName, textContent }) => `${tagName}: ${textContent.trim().slice(0, 60)}`),
  );
}

describe.skipIf(BROWSER === null)('several datasets in one run (needs Chromium)', () => {
  const shared = studioInBrowser(async (home) => {
    runAtelier(home, 'import', await writeSceneries(join(home, 'one'), 0), '--name', 'Hills');
    runAtelier(home, 'import', await writeSceneries(join(home, 'other'), 20), '--name', LONG_NAME);
  });

  it('are mixed by weight on Train, and the run shows the accuracy on each', async () => {
    const { page } = shared.studio;
    await shared.go('/train');
    await page.getByRole('radio', { name: /Hills/ }).check({ force: true });
    const mix = page.getByRole('region', { name: text.title });
    await mix.getByRole('combobox', { name: new RegExp(`^${text.add} `) }).click();
    await page.getByRole('option', { name: 'Dales' }).click();
    await mix.getByRole('textbox', { name: text.weightOf('Hills') }).fill('3');
    await mix.getByText(text.share('75%')).waitFor();
    await mix.getByText(text.share('25%')).waitFor();
    const facts = page.getByRole('group', { name: messages.train.factsLabel });
    expect(await facts.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
    expect(await seriousFindings(page)).toEqual([]);

    // The narrowest window, with every number in view.
    const { width, height } = page.viewportSize() ?? { width: 1360, height: 860 };
    await page.getByRole('tab', { name: messages.train.advanced }).click();
    await page.setViewportSize({ width: 420, height: 800 });
    expect(await cutOff(page)).toEqual([]);
    await page.setViewportSize({ width, height });
    await page.getByRole('tab', { name: messages.train.simple }).click();

    await mix.getByRole('textbox', { name: text.weightOf('Dales') }).fill('0');
    await page.getByText(messages.train.missing.weights).waitFor();
    await mix.getByRole('textbox', { name: text.weightOf('Dales') }).fill('1');
    await fillShortRun(page, 2);
    await page.getByRole('button', { name: messages.train.start, exact: true }).click();
    const each = page.getByRole('table').filter({ hasText: messages.run.eachDataset });
    await each.getByRole('row', { name: /Dales/ }).getByText('/2').first().waitFor({ timeout: 300_000 });
    await each.getByRole('row', { name: /Hills/ }).waitFor();
    await page.getByText('Hills + Dales').first().waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });
});
