/** @file Exports a run with its proof: licence, preview, export, receipt down to the images, and an altered bundle. */
import { appendFileSync, cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../electron/store/connection/connection.ts';
import { messages } from '../renderer/src/messages/en.ts';
import { BROWSER, seriousFindings } from './browser.ts';
import { runAtelier } from './studio-host.ts';
import { studioInBrowser } from './studio-page.ts';

const RUN_MS = 240_000;
const NAME = 'Short';
const text = messages.export;
/** A few real steps: their length does not matter here. */
const SMALL = ['steps=6', 'promptsPerStep=2', 'numGenerations=2', 'evalSamples=4'].flatMap((set) => ['--set', set]);

describe.skipIf(BROWSER === null)('export, receipt and verify in the browser (needs Chromium)', () => {
  let bundle: string;
  const shared = studioInBrowser((home) => {
    bundle = join(home, 'bundle');
    runAtelier(home, 'train', '--dataset', 'counting', '--name', NAME, ...SMALL);
  });

  it('offers the licences that the ledger allows, and says what each document will say', async () => {
    const { page } = shared.studio;
    await shared.go('/export');
    expect(await seriousFindings(page)).toEqual([]);
    await page
      .getByRole('link', { name: new RegExp(NAME) })
      .first()
      .click();
    await page.getByRole('radio', { name: /CC-BY-SA-4.0/ }).check();
    await page.getByText(/^Not allowed here:/).click();
    await page
      .getByText(/Rule R\d/)
      .first()
      .waitFor();
    await page.getByText('license: cc-by-sa-4.0').waitFor({ timeout: RUN_MS });
    await page.getByRole('button', { name: /ATTRIBUTION.csv/ }).click();
    await page
      .getByRole('region', { name: 'ATTRIBUTION.csv' })
      .getByText(/title,author/)
      .waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('writes and checks the bundle', async () => {
    const { page } = shared.studio;
    await page.getByRole('textbox', { name: text.destinationDrop }).fill(shared.host.home);
    await page.getByRole('button', { name: text.create }).click();
    await page.getByRole('alert').waitFor();
    await page.getByRole('textbox', { name: text.destinationDrop }).fill(bundle);
    await page.getByRole('button', { name: text.create }).click();
    await page.getByText(text.overall.pass).waitFor({ timeout: RUN_MS });
    expect(existsSync(join(bundle, 'adapter_model.safetensors'))).toBe(true);
    await page.getByRole('heading', { name: text.use }).waitFor();
    await page.getByText('use/ask_with_transformers.py picture.png', { exact: false }).waitFor();
    expect(existsSync(join(bundle, 'use', 'ask_with_transformers.py'))).toBe(true);
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('shows the chain from the weights to every image, and who taught the model', async () => {
    const { page } = shared.studio;
    await page.getByRole('link', { name: text.receipt }).click();
    await page.getByRole('heading', { name: messages.receipt.chain }).waitFor({ timeout: RUN_MS });
    await page.getByText(messages.receipt.kind['audit-log']).first().waitFor();
    expect(await page.getByText(`${text.outcome.fail}:`, { exact: true }).count()).toBe(0);
    await page.getByRole('heading', { name: messages.receipt.byAuthor }).waitFor();
    await page.getByText(/^An estimate, /).waitFor();
    await page.getByText(messages.receipt.use.training, { exact: false }).first().waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('proves a good bundle, finds what was altered in another, and says where nothing is', async () => {
    const { page } = shared.studio;
    await shared.go(`/verify?path=${encodeURIComponent(bundle)}`);
    await page.getByText(messages.verify.overall.pass).waitFor({ timeout: RUN_MS });
    await page.getByRole('heading', { name: messages.verify.cannot }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);

    appendFileSync(join(bundle, 'NOTICE'), 'Nobody was credited.\n');
    await page.getByRole('button', { name: messages.verify.again }).click();
    await page.getByText(messages.verify.overall.fail).waitFor({ timeout: RUN_MS });
    await page
      .getByText(/NOTICE/)
      .first()
      .waitFor();

    await page.getByRole('textbox', { name: messages.verify.drop }).fill(join(shared.host.home, 'nowhere'));
    await page.getByRole('button', { name: messages.verify.check, exact: true }).click();
    await page
      .getByText(messages.verify.overall.fail)
      .or(page.getByText(messages.verify.overall['cannot-tell']))
      .or(page.getByRole('alert'))
      .first()
      .waitFor({ timeout: RUN_MS });
  });

  it('shows at which row a log was tampered with: in a bundle, and in this data folder', async () => {
    const { page } = shared.studio;
    const copy = join(shared.host.home, 'tampered');
    cpSync(bundle, copy, { recursive: true });
    const rows = readFileSync(join(copy, 'audit.jsonl'), 'utf8').trim().split('\n');
    writeFileSync(join(copy, 'audit.jsonl'), `${rows.filter((_, index) => index !== 1).join('\n')}\n`);
    await shared.go(`/verify?path=${encodeURIComponent(copy)}`);
    await page.getByText(text.place('audit.jsonl', '2'), { exact: true }).waitFor({ timeout: RUN_MS });
    await page.getByText(/^Entry 2 is missing/).waitFor();
    expect(await seriousFindings(page)).toEqual([]);

    await shared.go('/settings');
    await page.getByText(/^\s*Intact: \d/).waitFor();
    const database = await openDatabase(join(shared.host.home, 'atelier.sqlite'));
    await database.exec('DROP TRIGGER audit_is_never_updated');
    await database.run(`UPDATE audit SET action = 'nothing.happened' WHERE seq = 2`);
    await database.close();
    await page.reload();
    await page.getByText(messages.settings.auditBroken('2')).waitFor();
    await page.getByText(/Entry 2 of the audit log was altered/).waitFor();
    await page.getByRole('row', { name: new RegExp(`^\\s*2 ${messages.settings.auditHere}`) }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('says so where there is no such run or export', async () => {
    const { page } = shared.studio;
    await shared.go('/export/nothing');
    await page.getByRole('heading', { name: messages.run.notFound }).waitFor();
    await shared.go('/receipt/nothing');
    await page.getByRole('heading', { name: messages.receipt.notFound }).waitFor();
  });
});
