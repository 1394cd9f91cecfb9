/** @file The ledger of a small run in a real store, and the licences it offers. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LedgerReport, LicenceChoices } from '../../contract/api/index.ts';
import type { RunId } from '../../contract/api/index.ts';
import { openStore } from '../../store/connection/open.ts';
import type { Store } from '../../store/connection/open.ts';
import { makeSmallRun } from '../exports/fixtures/small-run.ts';
import type { SmallRunOptions } from '../exports/fixtures/small-run.ts';
import { licenceChoices } from '../exports/build/licence-choices.ts';
import { ledgerForDatasets, ledgerForRun } from './report.ts';

let store: Store;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-ledger-'));
  store = await openStore(join(folder, 'home'));
});
afterEach(() => store.close());

async function small(options: SmallRunOptions = {}): Promise<RunId> {
  return makeSmallRun(store, folder, options);
}
const verdicts = (report: LedgerReport): string[] => report.purposes.map(({ verdict }) => verdict);

describe('the ledger of a run', () => {
  it('judges the images that were drawn, names them, and credits their works in one line each', async () => {
    const report = LedgerReport.parse(await ledgerForRun(store, await small()));
    // Position 3 of the training split is never drawn.
    expect(report.images).toBe(3);
    expect(report.lines.map(({ licence, images }) => [licence, images.count])).toEqual([
      ['CC-BY-4.0', 1],
      ['CC-BY-SA-4.0', 1],
      ['MIT', 1],
    ]);
    expect(report.lines[1]?.images.shown[0]).toMatchObject({ name: 'scene-1.png', datasetId: report.datasets[0]?.id });
    expect(report.outboundLicences).toEqual(['CC-BY-SA-4.0']);
    expect(report.credits).toHaveLength(3);
    expect(report.attributionText).toContain(
      '“Icon 2 | *bold*” by Author 2, https://example.org/icon/2, licence MIT (https://spdx.org/licenses/MIT.html); used for training',
    );
    expect(report.rules.every(({ source, text }) => source.length > 10 && text.length > 10)).toBe(true);
  });

  it('counts the licence of what an image was made from', async () => {
    const free = ['CC0-1.0', 'CC0-1.0', 'CC0-1.0', 'CC0-1.0', 'CC0-1.0', 'CC0-1.0'];
    const sourceLicences = ['CC0-1.0', 'CC-BY-NC-4.0', ...free.slice(2)];
    const report = await ledgerForRun(store, await small({ licences: free, sourceLicences }));
    expect(verdicts(report)).toEqual(['allowed-with-duties', 'allowed-with-duties', 'blocked']);
    expect(report.lines.map(({ licence, images }) => [licence, images.count])).toEqual([
      ['CC0-1.0', 2],
      ['CC-BY-NC-4.0 AND CC0-1.0', 1],
    ]);
    const commercial = report.purposes[2];
    expect(commercial?.reasons.find(({ rule }) => rule === 'R3')?.images.shown[0]?.name).toBe('scene-1.png');
    expect(report.outboundLicences).toEqual(['CC-BY-NC-4.0', 'CC-BY-NC-SA-4.0']);
  });

  it('takes an unknown licence of a source for unknown, and still counts what is known', async () => {
    const licences = ['CC0-1.0', 'CC-BY-NC-4.0', 'CC0-1.0', 'CC0-1.0', 'CC0-1.0', 'CC0-1.0'];
    const sourceLicences = ['CC0-1.0', null, 'CC0-1.0', 'CC0-1.0', 'CC0-1.0', 'CC0-1.0'];
    const report = await ledgerForRun(store, await small({ licences, sourceLicences }));
    expect(verdicts(report)).toEqual(['needs-decision', 'needs-decision', 'blocked']);
    expect(report.purposes[0]?.sentence).toContain('the licence of a work in it is not stated');
    expect(report.outboundLicences).toEqual([]);
  });

  it('says in a sentence that what is not stated is not known, and names the image', async () => {
    const report = await ledgerForRun(
      store,
      await small({ licences: ['CC-BY-4.0', null, 'MIT', 'CC0-1.0', 'MIT', 'MIT'] }),
    );
    expect(verdicts(report)).toEqual(['needs-decision', 'needs-decision', 'needs-decision']);
    const publish = report.purposes[1];
    expect(publish?.sentence).toContain('you must decide');
    expect(publish?.reasons.find(({ rule }) => rule === 'R7')?.images.shown[0]?.name).toBe('scene-1.png');
    expect(report.outboundLicences).toEqual([]);
  });

  it('of datasets before a run counts every image that training may use, and shows the left out', async () => {
    await small({ optedOut: [1] });
    const [dataset] = await store.datasets.list();
    const report = await ledgerForDatasets(store, { datasetIds: dataset === undefined ? [] : [dataset.id] });
    expect(report.base).toBeNull();
    expect(report.images).toBe(3);
    expect(report.optedOut.leftOut).toMatchObject({ count: 1, shown: [{ name: 'scene-1.png' }] });
  });

  it('permits nothing where no image trains', async () => {
    await small({ optedOut: [0, 1, 2, 3] });
    const [dataset] = await store.datasets.list();
    const report = await ledgerForDatasets(store, { datasetIds: dataset === undefined ? [] : [dataset.id] });
    expect(report.images).toBe(0);
    expect(verdicts(report)).toEqual(['needs-decision', 'needs-decision', 'needs-decision']);
    expect(report.purposes[0]?.sentence).toBe('No image here trains, so there is nothing to permit.');
    expect(report.outboundLicences).toEqual([]);
  });
});

describe('licences to choose from', () => {
  it('refuses with the rule and the images, and never chooses', async () => {
    const choices = LicenceChoices.parse(await licenceChoices(store, await small()));
    expect(choices.allowed.map(({ id }) => id)).toEqual(['CC-BY-SA-4.0']);
    expect(choices.allowed[0]?.textShipped).toBe(true);
    const mit = choices.refused.find(({ id }) => id === 'MIT');
    expect(mit?.reasons).toMatchObject([{ rule: 'R6', images: { count: 1, shown: [{ name: 'scene-1.png' }] } }]);
    expect(choices.withoutChoice).toContain('all rights stay reserved');
  });

  it('offers nothing commercial over non-commercial images, and no CC0 over work that asks for credit', async () => {
    const licences = ['CC-BY-NC-4.0', 'CC0-1.0', 'MIT', 'CC0-1.0', 'CC0-1.0', 'CC0-1.0'];
    const choices = await licenceChoices(store, await small({ licences }));
    expect(choices.allowed.map(({ id }) => id)).toEqual(['CC-BY-NC-4.0', 'CC-BY-NC-SA-4.0']);
    const refused = Object.fromEntries(choices.refused.map(({ id, reasons }) => [id, reasons.map(({ rule }) => rule)]));
    expect(refused).toMatchObject({ 'Apache-2.0': ['R3'], 'CC0-1.0': ['R3', 'R2'] });
  });

  it('offers no single licence where the base binds by its own terms and an image is non-commercial', async () => {
    const licences = ['CC-BY-NC-4.0', 'CC0-1.0', 'MIT', 'CC0-1.0', 'CC0-1.0', 'CC0-1.0'];
    const runId = await small({ licences, baseLicence: 'LicenseRef-Qwen' });
    expect((await licenceChoices(store, runId)).allowed).toEqual([]);
  });
});
