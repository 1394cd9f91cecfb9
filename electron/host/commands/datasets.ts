/** @file `atelier datasets`: what there is to learn from. */
import type { DatasetSummary } from '../../contract/datasets.ts';
import type { Command } from '../command.ts';
import { DatasetId } from '../../contract/primitives.ts';
import { table } from '../text.ts';

export const datasetsCommand: Command = {
  usage: 'datasets [id]',
  summary: 'List the datasets, or show one with its licences',
  options: [],
  run: async ({ positional, output, client }) => {
    const studio = await client();
    const [id] = positional;
    if (id !== undefined) {
      const dataset = await studio.datasets.get({ datasetId: DatasetId.parse(id) });
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
    ...dataset.warnings.map((warning) => `! ${warning}`),
  ].join('\n');
}
