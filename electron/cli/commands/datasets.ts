/** @file `atelier datasets`: lists datasets, shows one, and maintains one with its subcommands. */
import { licenceInWords } from '../../contract/model/stated-licence.ts';
import type { DatasetSummary } from '../../contract/model/datasets.ts';
import type { Command, CommandContext } from '../command.ts';
import { knownDataset } from '../resolve.ts';
import { counted, table } from '../text.ts';
import { CARE_COMMANDS } from './dataset-care.ts';
import { detailCommand } from './dataset-detail.ts';
import { exportAnswersCommand } from './label.ts';
import { listSignals, overrideCommand, signalsCommand } from './dataset-signals.ts';

export const datasetsCommand: Command = {
  usage: 'datasets [dataset]',
  summary: 'List the datasets, or show one by its id or name',
  options: [['--signals', 'Now `datasets signals`', 'hidden']],
  examples: [
    'atelier datasets "Shop windows"',
    'atelier datasets duplicates <dataset> --across',
    'atelier datasets split <dataset> --by author --test 0.2 --seed 7',
    'atelier datasets edit <dataset> --where author=Ada --set licence=CC-BY-4.0 --add-tag checked',
    'atelier datasets override <dataset> --image a.jpg --basis own-work --reason "I took this photograph myself"',
  ],
  subcommands: [
    {
      usage: 'show <dataset>',
      summary: 'Show one dataset: samples, tasks, licences and warnings',
      run: (context) => show(context, context.positional[0] ?? ''),
    },
    signalsCommand,
    overrideCommand,
    detailCommand,
    ...CARE_COMMANDS,
    exportAnswersCommand,
  ],
  run: async (context) => {
    const [named] = context.positional;
    if (named === undefined) return list(context);
    return context.args.flag('signals') ? listSignals(context, named) : show(context, named);
  },
};

async function list({ output, client }: CommandContext): Promise<undefined> {
  const studio = await client();
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
  return undefined;
}

async function show(context: CommandContext, named: string): Promise<undefined> {
  const dataset = await knownDataset(context, named);
  context.output.result(dataset, () => describe(dataset));
  return undefined;
}

function describe(dataset: DatasetSummary): string {
  return [
    `${dataset.id} "${dataset.name}" from ${dataset.origin}, ${dataset.createdAt}`,
    `${counted(dataset.samples, 'sample')}: ${dataset.train} train, ${dataset.test} test; ${dataset.tasks.map(({ task, samples }) => `${task} ${samples}`).join(', ')}`,
    `snapshot ${dataset.snapshotSha256}`,
    ...(dataset.unknownUse === 'use' ? [] : [`images that say nothing about training: ${dataset.unknownUse}`]),
    table([
      ['licence', 'samples'],
      ...dataset.licences.map(({ licence, samples }) => [
        licence === null ? 'not known' : licenceInWords(licence),
        String(samples),
      ]),
    ]),
    ...(dataset.excluded.train + dataset.excluded.test === 0
      ? []
      : [`left out (opted out, or unknown): ${dataset.excluded.train} train, ${dataset.excluded.test} test`]),
    ...(dataset.leakage === null || dataset.leakage.same + dataset.leakage.near === 0
      ? []
      : [
          `! ${dataset.leakage.same + dataset.leakage.near} held-out images are, or look like, images that train (atelier datasets leakage ${dataset.id})`,
        ]),
    ...dataset.warnings.map((warning) => `! ${warning}`),
  ].join('\n');
}
