/** @file `atelier datasets duplicates|leakage|split|edit|edits|undo`: looking after a dataset from a terminal. */
import type {
  DatasetEdit,
  DuplicateMember,
  EditResult,
  SampleChange,
  SampleFilter,
} from '../../contract/model/curation.ts';
import { Split, Task } from '../../contract/model/primitives.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { given } from '../arguments.ts';
import type { Command, CommandContext, StudioClient } from '../command.ts';
import { knownDataset } from '../resolve.ts';
import { counted, table } from '../text.ts';

const LOOK_ALIKE_OPTIONS = [
  ['--max-distance <bits>', 'Bits of 64 in which two perceptual hashes may differ, 0 to 7 (default 6)'],
  ['--limit <n>', 'How many are shown (default 20)'],
] as const;

export const CARE_COMMANDS: readonly Command[] = [
  {
    usage: 'duplicates <dataset>',
    summary: 'Find images that are the same or look alike',
    options: [['--across', 'Search the other datasets too'], ...LOOK_ALIKE_OPTIONS],
    run: care(duplicates),
  },
  {
    usage: 'leakage <dataset>',
    summary: 'Find images that both train and test, here or in another dataset',
    options: LOOK_ALIKE_OPTIONS,
    run: care(leakage),
  },
  {
    usage: 'split <dataset>',
    summary: 'Choose anew which samples train and which test',
    options: [
      ['--by <column>', 'Author, source, folder or a column whose groups stay whole (default: by seed)'],
      ['--test <share>', 'Share held out (default 0.2)'],
      ['--seed <n>', 'Seed of the choice (default 7)'],
      ['--dry-run', 'Only say what would happen'],
    ],
    run: care(split),
  },
  {
    usage: 'edit <dataset>',
    summary: 'Change many samples at once; `undo` takes it back',
    options: [
      [
        '--where <field=value>',
        'Only samples with this split, licence, task, tag, author or search (repeatable)',
        'repeatable',
      ],
      ['--set <field=value>', 'Split, licence, author, answer or task (repeatable)', 'repeatable'],
      ['--add-tag <tag>', 'A tag to add (repeatable)', 'repeatable'],
      ['--remove-tag <tag>', 'A tag to remove (repeatable)', 'repeatable'],
      ['--note <text>', 'Why; kept in the audit log'],
    ],
    run: care(edit),
  },
  { usage: 'edits <dataset>', summary: 'List what was changed since the import', run: care(edits) },
  {
    usage: 'undo <dataset>',
    summary: 'Take back an edit',
    options: [['--edit <id>', 'Which one (default: the newest that still counts)']],
    run: care(undo),
  },
];

type Care = (context: CommandContext, client: StudioClient, dataset: string) => Promise<void>;

function care(run: Care): Command['run'] {
  return async (context) => {
    await run(context, await context.client(), context.positional[0] ?? '');
    return undefined;
  };
}

async function duplicates(context: CommandContext, client: StudioClient, name: string): Promise<void> {
  const { args, output } = context;
  const { id } = await knownDataset(context, name);
  const limit = args.integer('limit') ?? 20;
  const maxDistance = args.integer('max-distance');
  const report = await client.datasets.duplicates({
    datasetId: id,
    across: args.flag('across'),
    offset: 0,
    limit,
    ...given({ maxDistance }),
  });
  output.result(report, () =>
    [
      `${counted(report.images, 'image')} compared; ${counted(report.total, 'group')} of images that are the same or look alike (up to ${report.maxDistance} of 64 bits). ${report.plainImages} ${report.plainImages === 1 ? 'is' : 'are'} too plain to be compared.`,
      ...report.groups.map(
        (group) =>
          `${group.kind === 'same' ? 'the same' : 'similar'}${group.leaks ? ', train and test' : ''}${group.optOutNearby ? ', one says no to training' : ''}: ${group.members.map(memberText).join('; ')}`,
      ),
    ].join('\n'),
  );
}

async function leakage(context: CommandContext, client: StudioClient, name: string): Promise<void> {
  const { args, output } = context;
  const { id } = await knownDataset(context, name);
  const limit = args.integer('limit') ?? 20;
  const maxDistance = args.integer('max-distance');
  const report = await client.datasets.leakage({ datasetId: id, offset: 0, limit, ...given({ maxDistance }) });
  output.result(report, () =>
    [
      report.total === 0
        ? `No image trains and tests, here or among ${counted(report.compared.length - 1, 'other dataset')}.`
        : `${counted(report.total, 'pair of images trains and tests', 'pairs of images train and test')}; ${counted(report.testSamples, 'test sample is', 'test samples are')} touched. Similar is a claim to look at.`,
      ...report.pairs.map(
        (pair) =>
          `${pair.kind === 'same' ? 'the same' : `similar (${counted(pair.distance, 'bit')})`}: train ${memberText(pair.train)} – test ${memberText(pair.test)}`,
      ),
    ].join('\n'),
  );
}

async function split(context: CommandContext, client: StudioClient, name: string): Promise<void> {
  const { args, output } = context;
  const { id } = await knownDataset(context, name);
  const column = args.text('by');
  const result = await client.datasets.split({
    datasetId: id,
    by: column === undefined ? { kind: 'seed' } : { kind: 'group', column },
    testShare: args.number('test') ?? 0.2,
    seed: args.integer('seed') ?? 7,
    keepSimilarTogether: true,
    dryRun: args.flag('dry-run'),
  });
  output.result(result, () =>
    [
      `${result.train} train, ${result.test} test, ${counted(result.groups, 'group')}; ${counted(result.changed, 'sample')} ${args.flag('dry-run') ? 'would change' : 'changed'} sides.`,
      ...result.warnings.map((warning) => `  ! ${warning}`),
    ].join('\n'),
  );
}

async function edit(context: CommandContext, client: StudioClient, name: string): Promise<void> {
  const { args, output } = context;
  const { id } = await knownDataset(context, name);
  const note = args.text('note');
  const result = await client.datasets.edit({
    datasetId: id,
    select: { filter: filterFrom(pairs(args.all('where'), 'where')) },
    set: changeFrom(pairs(args.all('set'), 'set'), args.all('add-tag'), args.all('remove-tag')),
    ...given({ note }),
  });
  output.result(result, () => resultText(result));
}

async function undo(context: CommandContext, client: StudioClient, name: string): Promise<void> {
  const { id } = await knownDataset(context, name);
  const result = await client.datasets.undo({ datasetId: id, ...given({ editId: context.args.text('edit') }) });
  context.output.result(result, () => resultText(result));
}

async function edits(context: CommandContext, client: StudioClient, name: string): Promise<void> {
  const { id } = await knownDataset(context, name);
  const list = await client.datasets.edits({ datasetId: id });
  context.output.result(list, () =>
    list.length === 0
      ? 'This dataset has not changed since its import.'
      : table([
          ['id', 'at', 'state', 'what'],
          ...list.map((entry) => [entry.id, entry.at, stateOf(entry), entry.summary]),
        ]),
  );
}

function stateOf(entry: DatasetEdit): string {
  return entry.kind === 'undo' ? 'undo' : entry.undoneBy !== null ? 'undone' : 'in effect';
}

function resultText({ edit: made, changed, dataset }: EditResult): string {
  const what = made === null ? 'Nothing had to change.' : `${made.id}: ${made.summary} (${counted(changed, 'sample')})`;
  return `${what}\nDataset ${dataset.id} "${dataset.name}": ${dataset.train} train, ${dataset.test} test; snapshot ${dataset.snapshotSha256}`;
}

function memberText({ imageName, datasetName, split: side, distance }: DuplicateMember): string {
  return `${imageName} (${datasetName}, ${side}${distance === 0 ? '' : `, ${counted(distance, 'bit')}`})`;
}

function pairs(texts: readonly string[], option: string): [string, string][] {
  return texts.map((text) => {
    const at = text.indexOf('=');
    if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
    throw wrong(option, `"${text}" is not of the form field=value`);
  });
}

function filterFrom(fields: readonly [string, string][]): SampleFilter {
  const filter: SampleFilter = {};
  for (const [field, value] of fields) {
    if (field === 'split') filter.split = oneOf(Split.options, value, 'where');
    else if (field === 'task') filter.task = oneOf(Task.options, value, 'where');
    else if (field === 'licence') filter.licence = value === '' ? null : value;
    else if (field === 'tag' || field === 'author' || field === 'search') filter[field] = value;
    else throw wrong('where', `"${field}" is not one of split, licence, task, tag, author, search`);
  }
  return filter;
}

function changeFrom(fields: readonly [string, string][], addTags: string[], removeTags: string[]): SampleChange {
  const change: SampleChange = {};
  for (const [field, value] of fields) {
    if (field === 'split') change.split = oneOf(Split.options, value, 'set');
    else if (field === 'task') change.task = oneOf(Task.options, value, 'set');
    else if (field === 'licence') change.licence = value === '' ? null : value;
    else if (field === 'author')
      change.authors = value
        .split(';')
        .map((author) => author.trim())
        .filter((author) => author !== '');
    else if (field === 'answer') change.answer = value;
    else throw wrong('set', `"${field}" is not one of split, licence, author, answer, task`);
  }
  if (addTags.length > 0) change.addTags = addTags;
  if (removeTags.length > 0) change.removeTags = removeTags;
  return change;
}

function oneOf<const Options extends readonly string[]>(
  options: Options,
  value: string,
  option: string,
): Options[number] {
  if (options.includes(value)) return value;
  throw wrong(option, `"${value}" is not one of ${options.join(', ')}`);
}

function wrong(option: string, why: string): AtelierError {
  return new AtelierError('BAD_INPUT', `The option --${option}: ${why}.`, {
    place: { field: `--${option}` },
    remedy: 'Add --help to the command to see its options. An empty value after = means: not known.',
  });
}
