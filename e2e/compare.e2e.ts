/**
 * @file Two short real runs of the tiny model: compared question by question and asked in the playground, and how these
 * screens respond to unusable input.
 */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { terms } from '../renderer/src/messages/terms.ts';
import { BROWSER, loadedImages, seriousFindings } from './browser.ts';
import { makeDotsDataset } from './sample-dataset.ts';
import { atelier, ROOT } from './studio-host.ts';
import { studioInBrowser } from './studio-page.ts';

const TINY_MODEL = join(ROOT, 'electron', 'engine', 'fixtures', 'qwen2vl-tiny', 'model');
const RUN_MS = 240_000;
/** More than the learning-rate warm-up, which must fit in a run. */
const STEPS = 6;

describe.skipIf(BROWSER === null)('comparing, asking and experiments in the browser (needs Chromium)', () => {
  const shared = studioInBrowser(async (home) => {
    const pictures = await makeDotsDataset(join(home, 'pictures'));
    atelier(home, 'models', '--add', TINY_MODEL, '--name', 'Tiny');
    atelier(home, 'import', pictures, '--name', 'Dots');
  });

  it('says what is missing before there is anything to compare', async () => {
    await shared.go('/compare');
    await shared.studio.page.getByRole('heading', { name: messages.compare.noRuns }).waitFor();
    expect(await seriousFindings(shared.studio.page)).toEqual([]);
  });

  it('refuses a recipe that cannot be read, with the field, and takes one that can', async () => {
    const { page } = shared.studio;
    await shared.go('/train');
    await page.getByRole('radio', { name: /Tiny/ }).check();
    await page.getByRole('button', { name: messages.train.yaml.open }).click();
    const dialog = page.getByRole('dialog');
    const text = dialog.getByRole('textbox', { name: messages.train.yaml.title });
    await text.fill('steps: 0');
    await dialog.getByRole('button', { name: messages.train.yaml.take }).click();
    await dialog.getByRole('alert').getByText('steps').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await text.fill('startFrom:\n  runId: run-1a2b3c4d');
    await dialog.getByRole('button', { name: messages.train.yaml.take }).click();
    await page.getByText(messages.train.yaml.followsAdapter).waitFor();
    await page.getByRole('button', { name: messages.train.yaml.open }).click();
    await text.fill(`steps: ${STEPS}\nmethod: grpo`);
    await dialog.getByRole('button', { name: messages.train.yaml.take }).click();
    await page.getByText(messages.train.yaml.taken).waitFor();
    await page.getByText(messages.train.yaml.followsAdapter).waitFor({ state: 'detached' });
    expect(await page.getByRole('textbox', { name: terms.steps.label, exact: true }).inputValue()).toBe(String(STEPS));
  });

  it('takes a model off the list, and brings it back', async () => {
    const { page } = shared.studio;
    const model = page.getByRole('radio', { name: /Tiny/ });
    await page.getByRole('button', { name: messages.train.modelRemove('Tiny') }).click();
    await page.getByText(messages.train.modelRemoved('Tiny', TINY_MODEL)).first().waitFor();
    expect(await model.count()).toBe(0);
    await page.getByRole('button', { name: messages.common.undo, exact: true }).click();
    await model.waitFor();
    expect(await model.isChecked()).toBe(true);
  });

  it('trains two runs, the second waiting in the queue', { timeout: 2 * RUN_MS }, async () => {
    const { page } = shared.studio;
    for (const method of [/^GRPO-D/, /^SFT/]) {
      await shared.go('/');
      await shared.go('/train');
      await page.getByRole('radio', { name: /Tiny/ }).check();
      await page.getByRole('radio', { name: method }).check();
      await page.getByRole('textbox', { name: terms.steps.label, exact: true }).fill(String(STEPS));
      await page.getByRole('textbox', { name: terms.promptsPerStep.label, exact: true }).fill('2');
      if (String(method).includes('GRPO')) {
        await page.getByRole('textbox', { name: terms.numGenerations.label, exact: true }).fill('2');
        await page.getByRole('textbox', { name: terms.maxCompletionLength.label, exact: true }).fill('8');
      }
      await page.getByRole('button', { name: messages.train.start }).click();
      await page.waitForURL(/#\/runs\/.+/);
    }
    await shared.go('/runs');
    const completed = page.getByText(messages.runs.status.completed);
    await expect.poll(() => completed.count(), { timeout: 2 * RUN_MS }).toBe(2);
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('compares them on the same questions and opens every answer', async () => {
    const { page } = shared.studio;
    const boxes = page.getByRole('checkbox');
    await boxes.nth(0).check();
    await boxes.nth(1).check();
    await page.getByRole('link', { name: messages.runs.compare(2) }).click();
    await page.getByRole('heading', { name: messages.compare.verdictTitle }).waitFor();
    await page.getByRole('heading', { name: messages.compare.pairs }).waitFor();
    await page.getByRole('heading', { name: messages.compare.differences }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);

    await page
      .getByRole('link', { name: new RegExp(`^${messages.compare.items('')}`) })
      .first()
      .click();
    await page.getByRole('option').first().click();
    await expect.poll(() => loadedImages(page)).toBeGreaterThanOrEqual(3);
    await page.keyboard.press('ArrowRight');
    await page.getByText(messages.dataset.position('2', '3')).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('fixes a wrong answer of the data where it shows, in a new version that can be undone', async () => {
    const { page } = shared.studio;
    const { fix } = messages.evaluation;
    const right = page.getByRole('definition').nth(1);
    await page.getByRole('button', { name: fix.button }).waitFor();
    const before = await right.innerText();
    const verdicts = await page.locator('article .who').allInnerTexts();
    await page.keyboard.press('f');
    await page.getByRole('textbox', { name: fix.label }).fill('41');
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByText(fix.done('41')).waitFor();
    await expect.poll(() => right.innerText()).toBe('41');
    // The evaluation keeps what it judged by, and its verdicts.
    await page.getByText(fix.then(before)).waitFor();
    expect(await page.locator('article .who').allInnerTexts()).toEqual(verdicts);
    const address = page.url();

    // The dataset has a new version, which says where it comes from; the question is a test question as before.
    await shared.go('/datasets');
    await page.getByRole('heading', { name: 'Dots', level: 2 }).click();
    await page.getByText(messages.datasets.splitCounts('9', '3')).waitFor();
    await page
      .getByRole('navigation', { name: messages.dataset.viewsLabel })
      .getByRole('link', { name: messages.dataset.views.changes })
      .click();
    await page.getByText(fix.note(''), { exact: false }).waitFor();
    await page.getByRole('button', { name: messages.dataset.changes.undo }).click();
    await page.getByText(messages.dataset.changes.undone, { exact: true }).waitFor();
    await page.goto(address);
    await expect.poll(() => right.innerText()).toBe(before);
    expect(await page.getByText(fix.then(before)).count()).toBe(0);
  });

  it('names runs and evaluations that are not there', async () => {
    const { page } = shared.studio;
    await shared.go('/compare/run-none,run-nobody');
    await page.getByText(messages.compare.missing('run-none, run-nobody')).waitFor();
    await shared.go('/evaluations/eval-none');
    await page.getByRole('heading', { name: messages.evaluation.notFound }).waitFor();
    await shared.go('/exam/exam-none');
    await page.getByRole('heading', { name: messages.exam.notFound }).waitFor();
    // The studio answers these with 404, which the browser rightly reports.
    shared.studio.troubles.splice(0);
  });

  it('answers in the playground token by token, and refuses anything but a picture', { timeout: RUN_MS }, async () => {
    const { page } = shared.studio;
    await shared.go('/playground');
    await page.getByRole('option').first().click();
    await page.getByRole('button', { name: messages.playground.ask, exact: true }).click();
    await expect
      .poll(() => page.getByRole('listbox', { name: messages.playground.tokensLabel }).count(), { timeout: RUN_MS })
      .toBe(2);
    expect(await seriousFindings(page)).toEqual([]);

    await page.getByRole('radio', { name: messages.playground.own }).check();
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') });
    await page.getByText(messages.playground.refused.noPicture('notes.txt')).waitFor();
  });

  it('says what an experiment lacks before it starts', async () => {
    const { page } = shared.studio;
    await shared.go('/exam');
    await page.getByText(messages.exam.needTwo).waitFor();
    await page.getByRole('radio', { name: new RegExp(`^${messages.exam.kind.sweep}`) }).check();
    await page.getByRole('textbox', { name: messages.exam.values }).fill('a lot');
    await page.getByRole('button', { name: messages.exam.missing.values }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('examines on another task who learnt what, and opens the answers of a cell', { timeout: 2 * RUN_MS }, async () => {
    const { page } = shared.studio;
    const home = shared.host.home;
    atelier(home, 'import', await makeDotsDataset(join(home, 'others'), 8), '--name', 'Other dots');
    await shared.go('/');
    await shared.go('/exam');
    const choose = async (what: string, option: RegExp) => {
      await page.getByLabel(what, { exact: true }).click();
      await page.getByRole('option', { name: option }).click();
    };
    await page.getByRole('radio', { name: new RegExp(`^${messages.exam.kind.exam}`) }).check();
    await choose(messages.exam.model, /^Tiny/);
    await choose(messages.exam.firstTask, /^Dots/);
    await choose(messages.exam.secondTask, /^Other dots/);
    await page.getByRole('textbox', { name: terms.steps.label, exact: true }).fill(String(STEPS));
    await page.getByRole('textbox', { name: terms.promptsPerStep.label, exact: true }).fill('2');
    for (const arm of ['grpo', 'grpo-d'] as const)
      await page.getByRole('checkbox', { name: messages.exam.arm[arm], exact: true }).uncheck();
    await page.getByRole('button', { name: messages.exam.startRuns(2) }).click();
    await page.waitForURL(/#\/exam\/.+/);
    await page.getByRole('heading', { name: messages.exam.matrix }).waitFor();
    await expect.poll(() => page.getByText(messages.exam.pending).count(), { timeout: RUN_MS }).toBe(0);
    await page
      .getByRole('button', { name: /tested on/ })
      .last()
      .click();
    await page.getByRole('link', { name: messages.exam.answers }).first().waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });
});
