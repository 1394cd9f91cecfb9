/**
 * @file The playground with the starter model and a short real run: several pictures, where the model looked, any two
 * speakers, the history over a reload, the camera, and a whole folder.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { BROWSER, loadedImages, seriousFindings } from './browser.ts';
import { makeDotsDataset } from './sample-dataset.ts';
import { atelier, ROOT, runAtelier } from './studio-host.ts';
import { studioInBrowser } from './studio-page.ts';

const RUN_MS = 240_000;
const text = messages.playground;

describe.skipIf(BROWSER === null)('the playground in the browser (needs Chromium)', () => {
  let pictures = '';
  let runId = '';
  const shared = studioInBrowser(async (home) => {
    pictures = await makeDotsDataset(join(home, 'pictures'));
    const set = ['promptsPerStep=2', 'grpo.numGenerations=2', 'grpo.maxCompletionLength=12', 'checkpointEvery=2'];
    runAtelier(home, 'train', '--dataset', 'counting', '--steps', '4', ...set.flatMap((each) => ['--set', each]));
    [{ id: runId }] = atelier(home, 'runs') as [{ id: string }];
  });
  const shot = async (name: string) => {
    if (process.env['LOOK'] !== undefined)
      await shared.studio.page.screenshot({ path: join(ROOT, 'test-results', `${name}.png`), fullPage: true });
  };
  const chooseFrom = async (label: string, option: string) => {
    const { page } = shared.studio;
    await page.getByLabel(label, { exact: true }).click();
    await page.getByRole('option', { name: option }).first().click();
  };

  it('shows where each answer looked, token by token, by keyboard', { timeout: RUN_MS }, async () => {
    const { page } = shared.studio;
    await shared.go(`/playground?run=${runId}`);
    await page.getByRole('option').first().click();
    await page.getByRole('button', { name: text.ask, exact: true }).click();
    const tokens = page.getByRole('listbox', { name: text.tokensLabel });
    await expect.poll(() => tokens.count(), { timeout: RUN_MS }).toBe(2);
    const see = page.getByRole('button', { name: messages.why.open });
    expect(await see.count()).toBe(2);
    await see.first().click();
    await page.getByText(messages.why.whole).first().waitFor({ timeout: RUN_MS });
    await page.getByRole('button', { name: messages.why.open }).click();
    await expect.poll(() => page.getByText(messages.why.meaning).count(), { timeout: RUN_MS }).toBe(2);
    expect(await page.locator('canvas').count()).toBe(2);
    const before = await page.locator('figcaption').first().textContent();
    await tokens.first().focus();
    await page.keyboard.press('Home');
    await page
      .getByText(/^The token “/)
      .first()
      .waitFor();
    await page.keyboard.press('ArrowDown');
    await page
      .getByRole('radio', { name: messages.why.band(1, 1) })
      .first()
      .or(page.getByRole('radio', { name: /^1–/ }).first())
      .check({ force: true });
    expect(before).toMatch(/^Most at row \d+ of \d+, column \d+ of \d+$/);
    expect(await seriousFindings(page)).toEqual([]);
    await shot('playground-why');
  });

  it('asks the checkpoint of an earlier step beside the last one', { timeout: RUN_MS }, async () => {
    const { page } = shared.studio;
    const [{ name } = { name: '' }] = atelier(shared.host.home, 'runs') as { name: string }[];
    await chooseFrom(text.first, name);
    await chooseFrom(text.checkpoint(text.first), text.step('2'));
    await page.getByText(text.stale).waitFor();
    await page.getByRole('button', { name: text.ask, exact: true }).click();
    await page.getByRole('heading', { name, level: 2 }).nth(1).waitFor();
    await expect.poll(() => page.getByRole('listbox', { name: text.tokensLabel }).count(), { timeout: RUN_MS }).toBe(2);
    await page.locator('section').getByText(text.step('2'), { exact: true }).first().waitFor();
  });

  it('takes several pictures, pasted and chosen, and refuses anything else', { timeout: RUN_MS }, async () => {
    const { page } = shared.studio;
    await page.getByRole('radio', { name: text.own }).check();
    const files = [0, 1].map((index) => join(pictures, `dots-0${index}.png`));
    const input = page.locator('input[type=file]');
    await input.setInputFiles(files);
    const wall = page.getByRole('list', { name: text.picturesShown });
    await expect.poll(() => wall.getByRole('listitem').count()).toBe(2);
    const base64 = readFileSync(files[0] ?? '').toString('base64');
    await page.evaluate((data) => {
      const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([bytes], 'pasted.png', { type: 'image/png' }));
      document.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, base64);
    await expect.poll(() => wall.getByRole('listitem').count()).toBe(3);
    await input.setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') });
    await page.getByText(text.refused.noPicture('notes.txt')).waitFor();
    await wall.getByRole('button').last().click();
    await expect.poll(() => wall.getByRole('listitem').count()).toBe(2);
    await page.getByRole('textbox', { name: text.question, exact: true }).fill('Which has more dots?');
    await page.getByRole('button', { name: text.ask, exact: true }).click();
    const see = page.getByRole('button', { name: messages.why.open });
    await expect.poll(() => see.count(), { timeout: RUN_MS }).toBe(2);
    await see.first().click();
    await expect.poll(() => page.locator('canvas').count(), { timeout: RUN_MS }).toBe(2);
    await expect.poll(() => loadedImages(page)).toBeGreaterThanOrEqual(4);
    expect(await seriousFindings(page)).toEqual([]);
    await shot('playground-several');
  });

  it(
    'has question, pictures and answers again after a reload, and forgets them when told to',
    { timeout: RUN_MS },
    async () => {
      const { page } = shared.studio;
      const question = page.getByRole('textbox', { name: text.question, exact: true });
      const wall = page.getByRole('list', { name: text.picturesShown });
      const expectForm = async () => {
        await expect.poll(() => question.inputValue()).toBe('Which has more dots?');
        await expect.poll(() => wall.getByRole('listitem').count()).toBe(2);
        await expect.poll(() => page.getByRole('listbox', { name: text.tokensLabel }).count()).toBe(2);
      };
      // The address names the run that was opened, and does not the second time.
      expect(page.url()).toContain(`run=${runId}`);
      await page.reload();
      await expectForm();
      await shared.go('/playground');
      await expectForm();
      await expect.poll(() => loadedImages(page)).toBeGreaterThanOrEqual(3);
      const history = page.getByRole('region', { name: text.history.title });
      await expect.poll(() => history.getByRole('listitem').count()).toBe(3);
      await history.getByRole('listitem').last().getByRole('button').first().click();
      await expect.poll(() => question.inputValue()).not.toBe('Which has more dots?');
      await shot('playground-history');
      await history.getByRole('button', { name: text.history.clear, exact: true }).click();
      await page.getByRole('button', { name: text.history.clearNow }).click();
      await history.getByText(text.history.none).waitFor();
      expect(await seriousFindings(page)).toEqual([]);
    },
  );

  it('asks about a whole folder into a table, says how far it is, and stops', { timeout: RUN_MS }, async () => {
    const { page } = shared.studio;
    await page.getByRole('button', { name: text.folder.open }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: text.folder.folder }).fill(pictures);
    await dialog.getByRole('textbox', { name: text.question, exact: true }).fill('How many dots?');
    expect(await seriousFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: text.folder.start, exact: true }).click();
    await dialog.getByText(join(pictures, 'captions.csv')).waitFor({ timeout: RUN_MS });
    const rows = readFileSync(join(pictures, 'captions.csv'), 'utf8').trimEnd().split('\r\n');
    expect(rows.length).toBeGreaterThan(4);
    await shot('playground-folder');
    await dialog.getByRole('button', { name: messages.common.close, exact: true }).last().click();
  });

  it('turns the camera on only when its button is pressed', { timeout: RUN_MS }, async () => {
    const { page } = shared.studio;
    await page.getByRole('radio', { name: text.own }).check();
    await page.evaluate(() => {
      const asked: unknown[] = [];
      Object.assign(globalThis, { asked });
      navigator.mediaDevices.getUserMedia = async (wanted) => {
        asked.push(wanted);
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [64, 48];
        const context = canvas.getContext('2d');
        const paint = () => {
          if (context === null) return;
          context.fillStyle = `rgb(${Math.floor(Math.random() * 255)} 90 40)`;
          context.fillRect(0, 0, 64, 48);
          requestAnimationFrame(paint);
        };
        paint();
        return canvas.captureStream(30);
      };
    });
    const askedFor = () => page.evaluate(() => (globalThis as unknown as { asked: object[] }).asked);
    expect(await askedFor()).toEqual([]);
    const wall = page.getByRole('list', { name: text.picturesShown });
    const had = await wall.getByRole('listitem').count();
    await page.getByRole('button', { name: text.camera.open }).click();
    const take = page.getByRole('button', { name: text.camera.take });
    await expect.poll(() => take.isEnabled()).toBe(true);
    expect(await askedFor()).toEqual([{ video: { facingMode: 'environment' }, audio: false }]);
    await take.click();
    await expect.poll(() => wall.getByRole('listitem').count()).toBeGreaterThanOrEqual(Math.max(1, had));
    await page.getByAltText(text.ownAlt(text.camera.fileName)).first().waitFor();
    // Without a camera, it says so.
    await page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
    });
    await page.getByRole('button', { name: text.camera.open }).click();
    await page.getByText(text.camera.refused).waitFor();
    await page.keyboard.press('Escape');
  });

  it('shows where a recorded answer looked beside one from before training', { timeout: RUN_MS }, async () => {
    const { page } = shared.studio;
    await shared.go(`/runs/${runId}`);
    await page.getByRole('button', { name: messages.why.open }).first().click();
    const dialog = page.getByRole('dialog');
    await expect.poll(() => dialog.locator('canvas').count(), { timeout: RUN_MS }).toBe(2);
    await dialog.getByText(messages.why.fresh).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await shot('why-steps');
    await page.keyboard.press('Escape');

    const [run] = atelier(shared.host.home, 'runs') as { evaluationIds: { tuned: string | null } }[];
    const id = run?.evaluationIds.tuned ?? '';
    await shared.go(`/evaluations/${id}`);
    await page.getByRole('option').first().click();
    await page.getByRole('button', { name: messages.why.open }).click();
    await dialog.locator('canvas').first().waitFor({ timeout: RUN_MS });
    expect(await seriousFindings(page)).toEqual([]);
    await shot('why-item');
    await page.keyboard.press('Escape');
  });
});
