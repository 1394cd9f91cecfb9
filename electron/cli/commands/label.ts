/** @file `atelier label`: pictures without questions, from the folder to a dataset. Answers are given in the studio. */
import { AtelierError } from '../../contract/errors/errors.ts';
import { AnswersFormat, type LabelSheet, type SheetId } from '../../contract/model/labels.ts';
import { resultOf } from '../../contract/model/result-events.ts';
import { UnknownUse } from '../../contract/model/signals.ts';
import { LEARNING_TASK_IDS } from '../../method/learning-tasks.ts';
import { shownOnOneLine } from '../../reporting/shown-text.ts';
import { given } from '../arguments.ts';
import type { Command, CommandContext } from '../command.ts';
import { typedId, typedRunId } from '../ids.ts';
import { knownDataset, resolveModel } from '../resolve.ts';
import { counted, progressLine, table } from '../text.ts';

const OUT_OPTIONS = [
  ['--out <dir>', 'The folder to write; it must not exist'],
  ['--format <format>', 'The table beside the pictures: jsonl (default) or parquet'],
] as const;

const OF_NEW = [['--task'], ['--question'], ['--name'], ['--as-stored']] as const;

export const labelCommand: Command = {
  usage: 'label [dir]',
  summary: 'Make a sheet from a folder of pictures without a table, to be answered in the studio; or list the sheets',
  options: [
    ['--task <task>', `What it should learn: ${LEARNING_TASK_IDS.join(', ')}`],
    ['--question <text>', 'The question about every picture (default: the example of the task)'],
    ['--name <name>', 'Name of the sheet (default: the name of the folder)'],
    ['--removed', 'List the removed sheets'],
    ['--as-stored', 'Use photographs as they are stored, without the turn that EXIF asks for'],
  ],
  examples: [
    'atelier label ~/birds --task count --question "How many birds are there?"',
    'atelier label propose birds --run run-1a2b3c4d',
    'atelier label finish birds --author "Ada" --licence "CC BY 4.0"',
  ],
  subcommands: [
    {
      usage: 'propose <sheet>',
      summary: 'Let a run or a model propose answers; a person confirms them in the studio',
      options: [
        ['--run <id>', 'The run whose result answers'],
        ['--model <id>', 'Instead of a run: a model by id or name, or its folder'],
        ['--max-new-tokens <n>', 'Longest answer (default 128)'],
      ],
      run: propose,
    },
    {
      usage: 'finish <sheet>',
      summary: 'Make a dataset from the answered pictures; the others stay on the sheet',
      options: [
        ['--name <name>', 'Name of the dataset (default: the name of the sheet)'],
        ['--author <name>', 'Author of images that name none themselves'],
        ['--licence <licence>', 'Licence of images that name none themselves, such as "CC BY 4.0"'],
        ['--test <share>', 'Share held out (default 0.2); what was held out before stays held out'],
        ['--seed <n>', 'Seed of that choice (default 7)'],
        ['--unknown <use>', 'Images that say nothing about training: use (default), ask or leave-out'],
      ],
      run: finish,
    },
    { usage: 'export <sheet>', summary: 'Write its answered pictures with a table', options: OUT_OPTIONS, run: write },
    {
      usage: 'remove <sheet>',
      summary: 'Take a sheet off the list; its answers are kept for `label restore`',
      run: remove,
    },
    { usage: 'restore <sheet>', summary: 'Bring a removed sheet back with its answers', run: restore },
  ],
  run: async (context) => {
    const [folder] = context.positional;
    const { args } = context;
    if (folder === undefined) {
      args.refuse(OF_NEW, 'no folder is named', 'Name the folder of the pictures, such as `atelier label ~/birds`');
      await list(context);
    } else {
      args.refuse([['--removed']], 'a folder is named', 'Leave the folder out');
      await create(context, folder);
    }
  },
};

/** `atelier datasets export-answers`. */
export const exportAnswersCommand: Command = {
  usage: 'export-answers <dataset>',
  summary: 'Write its pictures with their questions and answers, for Atelier or HF datasets (imagefolder)',
  options: OUT_OPTIONS,
  run: async (context) => {
    const { id: datasetId } = await knownDataset(context, context.positional[0] ?? '');
    await writeFrom(context, { datasetId });
  },
};

async function list({ args, client, output }: CommandContext): Promise<void> {
  const removed = args.flag('removed');
  const sheets = await (await client()).labels.list({ removed });
  output.result(sheets, () =>
    sheets.length === 0
      ? removed
        ? 'No sheet is removed.'
        : 'There are no sheets. `atelier label DIR --task TASK` makes one from a folder of pictures.'
      : table([
          ['id', 'name', 'task', 'answered', 'proposed', 'pictures', 'dataset'],
          ...sheets.map(({ id, name, task, counts, datasetId }) => [
            id,
            shownOnOneLine(name),
            task,
            String(counts.answered),
            String(counts.proposed),
            String(counts.pictures),
            datasetId ?? '–',
          ]),
        ]),
  );
}

async function create({ args, client, output }: CommandContext, folder: string): Promise<void> {
  const task = args.oneOf('task', LEARNING_TASK_IDS);
  if (task === undefined) {
    throw new AtelierError('BAD_INPUT', 'The command does not say what the pictures are labelled for.', {
      place: { field: '--task' },
      remedy: `Add --task with one of ${LEARNING_TASK_IDS.join(', ')}.`,
    });
  }
  const made = await resultOf(
    (await client()).labels.create({
      path: args.resolve(folder),
      task,
      orientation: args.flag('as-stored') ? 'as-stored' : 'upright',
      ...given({ question: args.text('question'), name: args.text('name') }),
    }),
    (progress) => {
      if (!output.json) output.note(progressLine(progress));
    },
  );
  output.result(made, () =>
    [
      `✓ Sheet ${made.sheet.id} "${shownOnOneLine(made.sheet.name)}": ${waitingText(made.sheet.counts.pictures)}.`,
      ...questionLines(made.sheet.question, args.flag('question')),
      ...made.problems.map(({ file, reason }) => `  ! ${reason.includes(file) ? reason : `${file}: ${reason}`}`),
      'Answer them in the studio: `atelier serve`, then Datasets. Nothing on a sheet is trained on.',
    ].join('\n'),
  );
}

function waitingText(pictures: number): string {
  return counted(pictures, 'picture waits for an answer', 'pictures wait for an answer');
}

/** A person who typed no question must learn which one is asked. */
function questionLines(question: string, typed: boolean): string[] {
  const quoted = `"${shownOnOneLine(question)}"`;
  if (typed) return [`  The question about every picture: ${quoted}`];
  return [
    `  The question about every picture is the example of the task: ${quoted}`,
    '  To ask another, make the sheet again with --question "…".',
  ];
}

async function propose(context: CommandContext): Promise<undefined> {
  const { args, output } = context;
  const client = await context.client();
  const { id: sheetId, name } = await knownSheet(context);
  const run = args.text('run');
  const settings = given({ maxNewTokens: args.integer('max-new-tokens') });
  const who =
    run === undefined
      ? { modelId: (await resolveModel(context, args.text('model'))).id }
      : await speaker(context, typedRunId(run));
  const request = { sheetId, ...who, ...settings };
  for await (const event of await client.labels.propose(request)) {
    if (event.type === 'progress' && !output.json) output.note(progressLine(event.progress));
    if (event.type !== 'done') continue;
    const { proposed, unreadable, sheet } = event;
    output.result({ sheet, proposed, unreadable }, () =>
      [
        `✓ ${counted(proposed, 'proposal')} for "${shownOnOneLine(name)}". ${proposed === 1 ? 'It counts once you confirm it' : 'They count once you confirm them'} in the studio.`,
        ...(unreadable === 0 ? [] : [`  ! ${droppedText(unreadable, sheet.task)}`]),
      ].join('\n'),
    );
  }
  return undefined;
}

function droppedText(count: number, task: string): string {
  return count === 1
    ? `1 answer was dropped: it does not fit the task ${task}.`
    : `${count} answers were dropped: they do not fit the task ${task}.`;
}

async function speaker({ client }: CommandContext, runId: ReturnType<typeof typedRunId>) {
  const { recipe } = await (await client()).runs.get({ runId });
  return { modelId: recipe.modelId, runId };
}

async function finish(context: CommandContext): Promise<undefined> {
  const { args, output } = context;
  const { id: sheetId } = await knownSheet(context);
  const made = await resultOf(
    (await context.client()).labels.finish({
      sheetId,
      testShare: args.number('test') ?? 0.2,
      seed: args.integer('seed') ?? 7,
      unknownUse: args.oneOf('unknown', UnknownUse.options) ?? 'use',
      ...given({ name: args.text('name'), author: args.text('author'), licence: args.text('licence') }),
    }),
    (progress) => {
      if (!output.json) output.note(progressLine(progress));
    },
  );
  const { dataset, waiting } = made;
  output.result(made, () =>
    [
      `✓ Dataset ${dataset.id} "${shownOnOneLine(dataset.name)}": ${counted(dataset.samples, 'sample')} (${dataset.train} train, ${dataset.test} test).`,
      ...(waiting === 0
        ? []
        : [
            `  ${counted(waiting, 'picture stays', 'pictures stay')} on the sheet and ${waiting === 1 ? 'trains' : 'train'} nothing.`,
          ]),
      ...dataset.warnings.map((warning) => `  ! ${warning}`),
    ].join('\n'),
  );
  return undefined;
}

async function write(context: CommandContext): Promise<undefined> {
  const { id: sheetId } = await knownSheet(context);
  await writeFrom(context, { sheetId });
  return undefined;
}

async function writeFrom(
  { args, client, output }: CommandContext,
  from: { sheetId: SheetId } | { datasetId: LabelSheet['datasetId'] & string },
): Promise<void> {
  const written = await (
    await client()
  ).labels.write({
    from,
    destination: args.resolve(args.required('out')),
    format: args.oneOf('format', AnswersFormat.options) ?? 'jsonl',
  });
  output.result(
    written,
    () =>
      `✓ ${counted(written.rows, 'answer')} about ${counted(written.pictures, 'picture')}: ${shownOnOneLine(written.path)}`,
  );
}

async function remove(context: CommandContext): Promise<undefined> {
  const { id: sheetId } = await knownSheet(context);
  const sheet = await (await context.client()).labels.remove({ sheetId });
  context.output.result(
    sheet,
    () =>
      `✓ "${shownOnOneLine(sheet.name)}" is off the list with its ${counted(sheet.counts.answered, 'answer')}. \`atelier label restore ${sheet.id}\` brings it back.`,
  );
  return undefined;
}

async function restore(context: CommandContext): Promise<undefined> {
  const { id: sheetId } = await knownSheet(context, true);
  const sheet = await (await context.client()).labels.restore({ sheetId });
  context.output.result(
    sheet,
    () => `✓ "${shownOnOneLine(sheet.name)}" is back: ${sheet.counts.answered} of ${sheet.counts.pictures} answered.`,
  );
  return undefined;
}

/** A sheet by its id or name. @throws AtelierError BAD_INPUT, NOT_FOUND, or CONFLICT if several have the name */
async function knownSheet({ client, positional }: CommandContext, removed = false): Promise<LabelSheet> {
  const named = typedId(positional[0], 'sheet');
  const sheets = await (await client()).labels.list({ removed });
  const byId = sheets.find(({ id }) => String(id) === named);
  const [only, ...others] = byId === undefined ? sheets.filter(({ name }) => name === named) : [byId];
  if (only === undefined) {
    throw new AtelierError(
      'NOT_FOUND',
      `There is no ${removed ? 'removed sheet' : 'sheet'} with the id or name "${named}".`,
      {
        place: { field: 'sheetId' },
        remedy: `\`atelier label${removed ? ' --removed' : ''}\` lists ${removed ? 'them' : 'the sheets'}.`,
      },
    );
  }
  if (others.length === 0) return only;
  throw new AtelierError('CONFLICT', `${others.length + 1} sheets are called "${named}".`, {
    place: { field: 'sheetId' },
    remedy: `Give the id of one of them: ${[only, ...others].map(({ id }) => id).join(', ')}.`,
  });
}
