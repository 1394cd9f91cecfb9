/** @file `atelier datasets`: what there is to learn from. */
import type { DatasetSummary } from '../../contract/model/datasets.ts';
import type { Command } from '../command.ts';
import { typedDatasetId } from '../ids.ts';
import { table } from '../text.ts';
import { CARE, CARE_OPTIONS } from './dataset-care.ts';
import { OVERRIDE_OPTIONS, listSignals, overrideOptOuts } from './dataset-signals.ts';

export const datasetsCommand: Command = {
  usage: 'datasets [id] [dataset]',
  summary:
    'List the datasets, show one, decide about opted-out images (override <id>), or look after one: duplicates, leakage, split, edit, edits, undo <id>',
  options: [...OVERRIDE_OPTIONS, ...CARE_OPTIONS],
  examples: [
    'atelier datasets override <id> --image a.jpg --basis own-work --reason "I took this photograph myself"',
    'atelier datasets duplicates <id> --across',
    'atelier datasets leakage <id>',
    'atelier datasets split <id> --by author --test 0.2 --seed 7',
    'atelier datasets edit <id> --where author=Ada --set licence=CC-BY-4.0 --add-tag checked',
    'atelier datasets undo <id>',
  ],
  run: async (context) => {
    const { positional, args, output, client } = context;
    const studio = await client();
    const [id, other] = positional;
    if (id === 'override') {
      await overrideOptOuts(context, studio, other);
      return;
    }
    const care = id === undefined ? undefined : CARE[id];
    if (care !== undefined && other !== undefined) {
      await care(context, studio, other);
      return;
    }
    if (id !== undefined && args.flag('signals')) {
      await listSignals(context, studio, typedDatasetId(id));
      return;
    }
    if (id !== undefined) {
      const dataset = await studio.datasets.get({ datasetId: typedDatasetId(id) });
      output.result(dataset, () => describe(dataset));
      return;
    }
    const datasets = await studio.datasets.list();
    output.result(datasets, () =>
      datasets.length === 0
        ? 'There are no datasets yet. `atelier import --starter counting` brings the first one.'
        : table([
            ['id', 'name', 'samples', 'train', 'test', 'tasks'],
            ...datasets.map((dataset) => [
              dataset.id,
              dataset.name,
              String(dataset.samples),
              String(dataset.train),
              String(dataset.test),
              dataset.tasks.map(({ task }) => task).join(', '),
            ]),
          ]),
    );
  },
};

function describe(dataset: DatasetSummary): string {
  return [
    `${dataset.id} "${dataset.name}" from ${dataset.origin}, ${dataset.createdAt}`,
    `${dataset.samples} samples: ${dataset.train} train, ${dataset.test} test; ${dataset.tasks.map(({ task, samples }) => `${task} ${samples}`).join(', ')}`,
    `snapshot ${dataset.snapshotSha256}`,
    table([
      ['licence', 'samples'],
      ...dataset.licences.map(({ licence, samples }) => [licence ?? 'not known', String(samples)]),
    ]),
    ...(dataset.excluded.train + dataset.excluded.test === 0
      ? []
      : [`left out, because their images opted out: ${dataset.excluded.train} train, ${dataset.excluded.test} test`]),
    ...(dataset.leakage === null || dataset.leakage.same + dataset.leakage.near === 0
      ? []
      : [
          `! ${dataset.leakage.same + dataset.leakage.near} held-out images are, or look like, images that train (atelier datasets leakage ${dataset.id})`,
        ]),
    ...dataset.warnings.map((warning) => `! ${warning}`),
  ].join('\n');
}
