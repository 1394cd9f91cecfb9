/** @file `atelier import`: images with questions and answers become a dataset; starter data too. */
import { Task } from '../../contract/primitives.ts';
import type { DatasetSummary, ImportReport, ImportRequest } from '../../contract/datasets.ts';
import { AtelierError } from '../../contract/errors.ts';
import { given } from '../arguments.ts';
import type { Command, CommandContext } from '../command.ts';
import { progressLine } from '../text.ts';

const COLUMNS = ['image', 'prompt', 'answer', 'task', 'split', 'licence', 'author', 'source'] as const;

export const importCommand: Command = {
  usage: 'import [path]',
  summary: 'Import a folder of images with a table, or the table itself',
  options: [
    ['--name <name>', 'Name of the dataset'],
    ['--task <task>', 'Task of rows that name none: counting, geometry, other'],
    [
      '--column <field=column>',
      'Column to use for image, prompt, answer, task, split, licence, author or source (repeatable)',
    ],
    ['--test-share <share>', 'Share of rows held out where the table names no split (default 0.2)'],
    ['--seed <n>', 'Seed of that choice (default 7)'],
    ['--skip-problems', 'Leave out rows that cannot be used instead of stopping'],
    ['--dry-run', 'Only say what would happen'],
    ['--starter <task>', 'Import the starter data instead: counting or geometry'],
  ],
  examples: [
    'atelier import ./my-images --name "Shop windows"',
    'atelier import table.csv --column image=file --column answer=count',
  ],
  run: async (context) => {
    const { args, output } = context;
    const client = await context.client();
    const starter = args.oneOf('starter', ['counting', 'geometry']);
    if (starter !== undefined) {
      const dataset = await client.datasets.importStarter({ task: starter });
      output.result({ dataset }, () => imported(dataset));
      return;
    }
    const request = importRequest(context);
    if (args.flag('dry-run')) {
      const report = await client.datasets.inspect(request);
      output.result(report, () => reportText(report));
      return;
    }
    for await (const event of await client.datasets.import(request)) {
      if (event.type === 'progress') {
        if (!output.json) output.note(progressLine(event.progress));
      } else
        output.result(
          { dataset: event.dataset, report: event.report },
          () => `${reportText(event.report)}\n${imported(event.dataset)}`,
        );
    }
  },
};

function importRequest({ args, positional }: CommandContext): ImportRequest {
  const path = positional[0];
  if (path === undefined) {
    throw new AtelierError('BAD_INPUT', 'There is nothing to import: name a folder or a table, or --starter.', {
      remedy: 'For example `atelier import ./my-images`.',
    });
  }
  const mapping: Partial<Record<(typeof COLUMNS)[number], string>> = {};
  for (const text of args.all('column')) {
    const [field, ...column] = text.split('=');
    const known = COLUMNS.find((name) => name === field);
    if (known === undefined || column.length === 0) {
      throw new AtelierError(
        'BAD_INPUT',
        `--column ${text} is not of the form field=column with a field of ${COLUMNS.join(', ')}.`,
        {
          place: { field: '--column' },
          remedy: 'For example `--column image=file_name`.',
        },
      );
    }
    mapping[known] = column.join('=');
  }
  return {
    path: args.resolve(path),
    testShare: args.number('test-share') ?? 0.2,
    seed: args.integer('seed') ?? 7,
    onProblem: args.flag('skip-problems') ? 'skip' : 'stop',
    ...given({ name: args.text('name'), task: args.oneOf('task', Task.options) }),
    ...(Object.keys(mapping).length === 0 ? {} : { mapping }),
  };
}

function imported(dataset: DatasetSummary): string {
  const lines = [
    `Dataset ${dataset.id} "${dataset.name}": ${dataset.samples} samples (${dataset.train} train, ${dataset.test} test).`,
  ];
  return [...lines, ...dataset.warnings.map((warning) => `  ! ${warning}`)].join('\n');
}

function reportText(report: ImportReport): string {
  const lines = [
    `${report.table}: ${report.rowsRead} rows read, ${report.rowsUsable} usable, ${report.imagesMissing} images missing, ${report.duplicates} duplicates.`,
    `Columns: ${Object.entries(report.mapping)
      .map(([field, column]) => `${field} = ${column}`)
      .join(', ')}`,
    `Licences: ${report.licences.map(({ licence, samples }) => `${licence ?? 'not known'} (${samples})`).join(', ') || 'none'}`,
  ];
  const problems = report.problems.map(
    ({ row, file, field, reason }) =>
      `  - ${[row === null ? null : `row ${row}`, file, field].filter((part) => part !== null).join(', ')}: ${reason}`,
  );
  return [...lines, ...problems, ...report.warnings.map((warning) => `  ! ${warning}`)].join('\n');
}
