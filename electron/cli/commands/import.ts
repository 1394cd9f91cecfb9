/** @file `atelier import`: turns images with questions and answers into a dataset; also imports the starter data. */
import { licenceInWords } from '../../contract/model/stated-licence.ts';
import { StarterData, Task, TaskStarter } from '../../contract/model/primitives.ts';
import type { DatasetSummary, ImportReport, ImportRequest, TablePeek } from '../../contract/model/datasets.ts';
import { TextEncoding, WrittenNumbers } from '../../contract/model/datasets.ts';
import { UnknownUse } from '../../contract/model/signals.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { given } from '../arguments.ts';
import type { Command, CommandContext } from '../command.ts';
import { counted, progressLine, table } from '../text.ts';

const COLUMNS = ['image', 'prompt', 'answer', 'task', 'split', 'licence', 'author', 'source', 'title'] as const;

export const importCommand: Command = {
  usage: 'import [path]',
  summary: 'Import images with questions: a folder, a table (JSONL, JSON, CSV, Parquet), a folder tree or a zip',
  options: [
    ['--name <name>', 'Name of the dataset'],
    ['--task <task>', 'Task of rows that name none: counting, geometry, other'],
    [
      '--column <field=column>',
      'Column to use for image, prompt, answer, task, split, licence, author, source or title (repeatable)',
      'repeatable',
    ],
    [
      '--map <field=column,…>',
      'The same for several at once: question=problem,answer=solution,image=img',
      'repeatable',
    ],
    ['--table <name>', 'Which table, where the folder or archive holds several'],
    [
      '--question <text>',
      'One question for all images, for folder trees: the answer is then the folder or the caption',
    ],
    ['--author <name>', 'Author of images whose row names none'],
    [
      '--licence <licence>',
      'Licence of images whose row names none: its name, address or SPDX id, such as "CC BY 4.0"',
    ],
    ['--split-by <column>', 'Keep rows with the same author, source, folder or other column on one side'],
    ['--columns', 'Only show the columns and first rows, and what was recognised'],
    ['--test <share>', 'Share of rows held out where the table names no split (default 0.2)'],
    ['--test-share <share>', 'The same as --test', 'hidden'],
    ['--seed <n>', 'Seed of that choice (default 7)'],
    ['--encoding <name>', 'Encoding of the table, where the guess is wrong: utf-8, windows-1252, shift_jis and so on'],
    [
      '--numbers <how>',
      'Where answers such as 1,234 can be read in two ways: as-written (1234) or decimal-comma (1.234)',
    ],
    ['--as-stored', 'Use photographs as they are stored, without the turn that EXIF asks for'],
    [
      '--unknown <use>',
      'Images that say nothing about training: use (default), ask (they wait for your decision) or leave-out',
    ],
    ['--skip-problems', 'Leave out rows that cannot be used instead of stopping'],
    ['--dry-run', 'Only say what would happen'],
    [
      '--starter <name>',
      `Import starter data instead: ${StarterData.options.join(', ')}; or a small example of a task: ${TaskStarter.options.join(', ')}`,
    ],
  ],
  examples: [
    'atelier import ./my-images --name "Shop windows"',
    'atelier import table.csv --column image=file --column answer=count',
    'atelier import --starter tags',
  ],
  run: async (context) => {
    const { args, output } = context;
    const client = await context.client();
    const named = args.oneOf('starter', [...StarterData.options, ...TaskStarter.options, 'count', 'measure']);
    const starter = named === 'count' ? 'counting' : named === 'measure' ? 'geometry' : named;
    if (starter !== undefined) {
      const others = (importCommand.options ?? []).filter(([flags]) => !flags.startsWith('--starter '));
      args.refuse(others, 'starter data is always imported in the same way', 'Import it alone');
      if (context.positional[0] !== undefined) throw besideStarter(context.positional[0]);
      const dataset = await client.datasets.importStarter({ data: starter });
      output.result({ dataset }, () => imported(dataset));
      return;
    }
    const request = importRequest(context);
    if (args.flag('columns')) {
      const peek = await client.datasets.peek(request);
      output.result(peek, () => peekText(peek));
      return;
    }
    if (args.flag('dry-run')) {
      const report = await client.datasets.inspect(request);
      output.result(report, () => reportText(report, request.fixed));
      return;
    }
    for await (const event of await client.datasets.import(request)) {
      if (event.type === 'progress') {
        if (!output.json) output.note(progressLine(event.progress));
      } else
        output.result(
          { dataset: event.dataset, report: event.report },
          () =>
            event.report.alreadyHere ??
            `${reportText(event.report, request.fixed)}\n${imported(event.dataset, toldIn(event.report))}`,
        );
    }
  },
};

function besideStarter(path: string): AtelierError {
  return new AtelierError('BAD_INPUT', `--starter imports starter data, and "${path}" is named too.`, {
    place: { field: '--starter' },
    remedy: 'Import the two one after the other.',
  });
}

function importRequest({ args, positional }: CommandContext): ImportRequest {
  const path = positional[0];
  if (path === undefined) {
    throw new AtelierError('BAD_INPUT', 'There is nothing to import: name a folder or a table, or --starter.', {
      remedy: 'For example `atelier import ./my-images`.',
    });
  }
  const mapping: Partial<Record<(typeof COLUMNS)[number], string>> = {};
  const maps = args.all('map').flatMap((text) => text.split(','));
  for (const text of [...args.all('column'), ...maps]) {
    const [field, ...column] = text.split('=');
    const known = COLUMNS.find((name) => name === field || (name === 'prompt' && field === 'question'));
    if (known === undefined || column.length === 0) {
      throw new AtelierError(
        'BAD_INPUT',
        `--column or --map ${text} is not of the form field=column with a field of ${COLUMNS.join(', ')}.`,
        {
          place: { field: '--column' },
          remedy: 'For example `--column image=file_name`.',
        },
      );
    }
    mapping[known] = column.join('=');
  }
  const fixed = given({ prompt: args.text('question'), author: args.text('author'), licence: args.text('licence') });
  return {
    path: args.resolve(path),
    testShare: args.number('test') ?? args.number('test-share') ?? 0.2,
    seed: args.integer('seed') ?? 7,
    onProblem: args.flag('skip-problems') ? 'skip' : 'stop',
    unknownUse: args.oneOf('unknown', UnknownUse.options) ?? 'use',
    orientation: args.flag('as-stored') ? 'as-stored' : 'upright',
    ...given({
      name: args.text('name'),
      task: args.oneOf('task', Task.options),
      table: args.text('table'),
      splitBy: args.text('split-by'),
      encoding: args.oneOf('encoding', TextEncoding.options),
      numbers: args.oneOf('numbers', WrittenNumbers.options),
    }),
    ...(Object.keys(fixed).length === 0 ? {} : { fixed }),
    ...(Object.keys(mapping).length === 0 ? {} : { mapping }),
  };
}

function peekText(peek: TablePeek): string {
  const how = [
    peek.format,
    peek.encoding,
    peek.delimiter === null ? null : `separated by ${JSON.stringify(peek.delimiter)}`,
  ];
  return [
    `${peek.table}: ${how.filter((part) => part !== null).join(', ')}`,
    table([
      ['column', 'recognised as', 'for example'],
      ...peek.columns.map(({ name, example }) => [
        name,
        fieldsOf(peek, name),
        example.replaceAll(/\s+/g, ' ').slice(0, 60),
      ]),
    ]),
    ...(peek.missing.length === 0 ? [] : [`Not recognised yet: ${peek.missing.join(', ')}. Use --map or --question.`]),
    ...(peek.tables.length === 0 ? [] : [`Tables to choose from with --table: ${peek.tables.join(', ')}`]),
  ].join('\n');
}

function fieldsOf({ detected }: TablePeek, column: string): string {
  return Object.entries(detected)
    .filter(([, name]) => name === column)
    .map(([field]) => field)
    .join(', ');
}

/** @param told warnings that stand above already */
function imported(dataset: DatasetSummary, told: readonly string[] = []): string {
  const lines = [
    `Dataset ${dataset.id} "${dataset.name}": ${counted(dataset.samples, 'sample')} (${dataset.train} train, ${dataset.test} test).`,
  ];
  const warnings = dataset.warnings.filter((warning) => !told.includes(warning));
  return [...lines, ...warnings.map((warning) => `  ! ${warning}`)].join('\n');
}

/** The warnings of a report: what stops training, and what the data stands beside, first. */
function toldIn({ stopsTraining, standsBeside, warnings }: ImportReport): string[] {
  return [...(stopsTraining === null ? [] : [stopsTraining]), ...standsBeside, ...warnings];
}

/** @param fixed what was given for all images in place of a column */
function reportText(report: ImportReport, fixed: ImportRequest['fixed'] = {}): string {
  const lines = [
    `${report.table}: ${counted(report.rowsRead, 'row')} read, ${report.rowsUsable} usable, ${counted(report.imagesMissing, 'image')} missing, ${counted(report.duplicates, 'duplicate')}.`,
    `Columns: ${Object.entries(report.mapping)
      .map(([field, column]) => `${field} = ${column === '' ? givenText(field, fixed) : column}`)
      .join(', ')}`,
    `Images found in: ${report.resolved.map(({ folder, images }) => `${folder} (${images})`).join(', ') || 'the table itself'}`,
    `Licences: ${report.licences.map(({ licence, samples }) => `${licence === null ? 'not known' : licenceInWords(licence)} (${samples})`).join(', ') || 'none'}`,
  ];
  const problems = report.problems.map(
    ({ row, file, field, reason }) =>
      `  - ${[row === null ? null : `row ${row}`, file, field].filter((part) => part !== null).join(', ')}: ${reason}`,
  );
  const asked =
    report.numbers?.asks === true
      ? [`Say how: ${WrittenNumbers.options.map((how) => `--numbers ${how}`).join(' or ')}`]
      : [];
  return [...lines, ...problems, ...asked, ...toldIn(report).map((warning) => `  ! ${warning}`)].join('\n');
}

function givenText(field: string, fixed: NonNullable<ImportRequest['fixed']>): string {
  const text = Object.entries(fixed).find(([name]) => name === field)?.[1];
  return text === undefined ? '(none)' : `${JSON.stringify(text)} (--${field === 'prompt' ? 'question' : field})`;
}
