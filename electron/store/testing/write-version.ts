/**
 * @file Writes the store of the current version that `migrations/real-stores.test.ts` opens in later versions: one small
 * run. Run it once when a migration is added: `npx tsx electron/store/testing/write-version.ts`.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { SampleId } from '../../contract/model/primitives.ts';
import { wilson } from '../../method/statistics.ts';
import { sha256Hex } from '../connection/canonical.ts';
import { openStore, type Store } from '../connection/open.ts';
import { MIGRATIONS } from '../migrations/all.ts';
import { addDataset, addModel, completion, recipeFor, stepMetrics, temporaryFolder } from './fixture.ts';

const file = join(import.meta.dirname, 'stores', `version-${String(MIGRATIONS.length).padStart(2, '0')}.sqlite.gz`);
if (existsSync(file)) throw new Error(`${file} exists. The store of a version is never written again.`);
const folder = await temporaryFolder();
const store = await openStore(folder.path);
await smallRun(store);
await store.close();
writeFileSync(file, gzipSync(readFileSync(join(folder.path, 'atelier.sqlite'))));
await folder.remove();

async function smallRun({ runs, evaluations, datasets }: Store): Promise<void> {
  const model = await addModel(store);
  const dataset = await addDataset(store, 6);
  const samples = (await datasets.allSamples(dataset.id)).map(({ id }) => id);
  const { summary } = await runs.create({ ...recipeFor(model, dataset, 2), name: 'A small run' });
  await runs.begin(summary.id, 'CPU');
  await evaluate('base', 0);
  for (const step of [1, 2]) {
    const answers = [0, 1, 2, 3].map((index) => completion(step, samples[step] ?? '', index));
    await runs.appendStep(summary.id, stepMetrics(step), answers);
  }
  await runs.addCheckpoint(summary.id, { step: 2, path: '/c/step-000002', sha256: sha256Hex('c') });
  await evaluate('tuned', 1);
  await runs.end(summary.id, { status: 'completed' });

  async function evaluate(which: 'base' | 'tuned', right: number): Promise<void> {
    const asked = samples.slice(-1);
    const share = wilson(right, asked.length);
    const figures = {
      accuracy: share,
      lenient: share,
      format: share,
      unparsed: 0,
      thinkRate: 1,
      meanTokens: 3,
      byTask: [],
    };
    const { id } = await evaluations.insert(
      {
        modelId: model.id,
        runId: which === 'base' ? null : summary.id,
        step: which === 'base' ? null : 2,
        datasetId: dataset.id,
        split: 'test',
        ...figures,
      },
      asked.map((sampleId: SampleId) => ({
        sampleId,
        text: '<answer> 1 </answer>',
        verdict: right === 1 ? ('correct' as const) : ('wrong' as const),
        formatOk: true,
        lenient: right === 1,
        tokens: 3,
      })),
    );
    await runs.setEvaluation(summary.id, which, id);
  }
}
