/** @file Before a run: notable findings about the chosen pictures appear next to the start button. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scenery } from '../electron/studio/datasets/testing/scenery.ts';
import { messages } from '../renderer/src/messages/en.ts';
import { BROWSER, seriousFindings } from './browser.ts';
import { runAtelier } from './studio-host.ts';
import { studioInBrowser } from './studio-page.ts';

const text = messages.train.fit;

/** Writes scenes from `first` on with the given answers; the last two are for testing. */
async function writeSceneries(folder: string, first: number, answers: readonly string[]): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const rows: string[] = [];
  for (const [index, answer] of answers.entries()) {
    writeFileSync(join(folder, `${index}.png`), await scenery(first + index));
    const split = index < answers.length - 2 ? 'train' : 'test';
    const author = `Author ${index % 4}`;
    rows.push(JSON.stringify({ file_name: `${index}.png`, question: 'How many hills?', answer, split, author }));
  }
  writeFileSync(join(folder, 'metadata.jsonl'), rows.join('\n'));
  return folder;
}

describe.skipIf(BROWSER === null)('the data of a run that is to be started (needs Chromium)', () => {
  const shared = studioInBrowser(async (home) => {
    // The last two of "Even" are the first two of "Skewed": a test on one asks about what the other trains on.
    const even = await writeSceneries(join(home, 'even'), 0, ['0', '1', '2', '3', '0', '1', '2', '3']);
    const skewed = await writeSceneries(join(home, 'skewed'), 6, ['3', '3', '3', '3', '3', '3', '1', '2']);
    runAtelier(home, 'import', even, '--name', 'Even');
    runAtelier(home, 'import', skewed, '--name', 'Skewed');
  });

  it('says on Train what could be guessed, and which test would ask about pictures that train', async () => {
    const { page } = shared.studio;
    await shared.go('/train');
    const fit = page.getByRole('region', { name: text.title });
    await page.getByRole('radio', { name: /Even/ }).check({ force: true });
    await fit.getByText(text.fine(text.others('Even', 1))).waitFor();
    expect(await seriousFindings(page)).toEqual([]);

    await page.getByRole('radio', { name: /Skewed/ }).check({ force: true });
    await fit.getByText(text.leaks('Even', false, 2, '2', 2, 0)).waitFor();
    await fit.getByText(/without looking at an image/i).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await fit.getByRole('link', { name: text.balance }).click();
    await page.getByRole('heading', { name: messages.dataset.balance.title, level: 2 }).waitFor();
  });

  it('says the same on Exam of each dataset that would train', async () => {
    const { page } = shared.studio;
    await shared.go('/exam');
    const skewed = page.getByRole('region', { name: text.titleOf('Skewed') });
    await skewed.getByText(text.leaks('Even', false, 2, '2', 2, 0)).waitFor();
    await page
      .getByRole('region', { name: text.titleOf('Even') })
      .getByText(text.fine(text.others('Even', 1)))
      .waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });
});
