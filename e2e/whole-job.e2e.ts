/**
 * @file The whole job by keyboard alone, with 60 photographs and no table: folder, answers, training, results, export. It counts
 * what a person does, and holds the studio to a quarter of an hour of it (docs/labelling.md says how it is counted).
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { birdsOf, makeBirds } from './birds.ts';
import { BROWSER, seriousFindings } from './browser.ts';
import { Person } from './person.ts';
import { fillShortRun } from './short-run.ts';
import { studioInBrowser } from './studio-page.ts';

const PICTURES = 60;
const QUESTION = 'How many birds are there?';
const JOB_MS = 600_000;
const QUARTER_HOUR = 15 * 60;
const text = messages.labels;

describe.skipIf(BROWSER === null)('the whole job by keyboard (needs Chromium)', () => {
  let folder: string;
  let bundle: string;
  const shared = studioInBrowser(async (home) => {
    // As they come from a camera: numbered, and without a word.
    folder = await makeBirds(join(home, 'birds'), PICTURES, (index) => `IMG_${4100 + index}.JPG`);
    bundle = join(home, 'my-birds');
  });
  let person: Person;
  const spent: Record<string, { keys: number; seconds: number }> = {};
  let before = { keys: 0, seconds: 0 };
  /** What was done since the last call belongs to this part. */
  const part = (name: string): void => {
    const { keys, seconds } = person;
    spent[name] = { keys: keys - before.keys, seconds: Math.round(seconds - before.seconds) };
    before = { keys, seconds };
  };

  it('makes a light table of the folder, and answers every picture', { timeout: JOB_MS }, async () => {
    const { page } = shared.studio;
    person = new Person(page);
    await page.setViewportSize({ width: 1280, height: 720 });
    await person.press('Control+k');
    await page.getByPlaceholder(messages.palette.placeholder).waitFor();
    await person.type(messages.datasets.title);
    await person.press('Enter');
    await person.tabTo(page.getByRole('button', { name: text.start }));
    await person.press('Enter');
    await person.tabTo(page.getByRole('textbox', { name: text.making.drop }));
    await person.type(folder);
    await person.tabTo(page.getByRole('textbox', { name: text.making.question }));
    await person.type(QUESTION);
    await person.press('Enter');
    await page.getByText(text.progress('0', String(PICTURES))).waitFor({ timeout: 120_000 });
    part('folder');
    for (let index = 0; index < PICTURES; index += 1) {
      await page.getByText(text.picture(index + 1, PICTURES)).waitFor();
      await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('INPUT');
      person.look();
      await person.type(String(birdsOf(index)));
      await person.press('Enter');
    }
    await page.getByText(text.progress(String(PICTURES), String(PICTURES))).waitFor();
    part('answers');
  });

  it('makes the dataset and leads on to training', { timeout: JOB_MS }, async () => {
    const { page } = shared.studio;
    await person.tabTo(page.getByRole('button', { name: text.finish.button }));
    await person.press('Enter');
    await person.tabTo(page.getByRole('textbox', { name: text.finish.author }));
    await person.type('Ada Beck');
    await person.tabTo(page.getByRole('combobox', { name: text.finish.licence }));
    await person.type('CC BY 4.0');
    await person.press('Enter');
    await page.getByText(text.finish.done(48, 12)).waitFor({ timeout: 120_000 });
    await person.tabTo(page.getByRole('link', { name: text.finish.train }));
    await person.press('Enter');
    await page.getByRole('heading', { name: messages.train.title }).waitFor();
    part('dataset');
    // Only the test is in a hurry; a person keeps the defaults, and trains overnight.
    await fillShortRun(page, 6);
    await page.getByText(messages.train.ready, { exact: true }).first().waitFor({ timeout: 120_000 });
    person.decisions += 1;
    await person.press('Control+Enter');
    await page.waitForURL(/#\/runs\/.+/);
    part('training');
  });

  it('says what came of it, and hands it on', { timeout: JOB_MS }, async () => {
    const { page } = shared.studio;
    await page.getByRole('heading', { name: messages.run.accuracyTitle }).waitFor({ timeout: JOB_MS / 3 });
    await page
      .getByText(messages.runs.status.completed, { exact: true })
      .first()
      .waitFor({ timeout: JOB_MS / 3 });
    person.decisions += 3;
    expect(await seriousFindings(page)).toEqual([]);
    part('results');
    await person.tabTo(page.getByRole('button', { name: messages.run.export, exact: true }));
    await person.press('Enter');
    const licence = page.getByRole('radio', { name: /CC-BY-4.0/ }).first();
    await licence.waitFor({ timeout: 120_000 });
    await person.tabTo(page.getByRole('radio', { name: new RegExp(`^${messages.export.noLicence}`) }));
    for (let presses = 0; presses < 12 && !(await licence.isChecked()); presses += 1) await person.press('ArrowDown');
    expect(await licence.isChecked()).toBe(true);
    await person.tabTo(page.getByRole('textbox', { name: messages.export.destinationDrop }));
    await person.type(bundle);
    await person.tabTo(page.getByRole('button', { name: messages.export.create }));
    await person.press('Enter');
    await page.getByText(messages.export.overall.pass).waitFor({ timeout: JOB_MS / 3 });
    expect(existsSync(join(bundle, 'adapter_model.safetensors'))).toBe(true);
    part('export');

    const minutes = (person.seconds / 60).toFixed(1);
    console.log(`The whole job: ${person.keys} keys, no click, about ${minutes} minutes of a person's time.`, spent);
    expect(person.looks).toBe(PICTURES);
    expect(person.seconds).toBeLessThan(QUARTER_HOUR);
  });
});
