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
import type { CommandContext, StudioClient } from '../command.ts';
import { resolveDataset } from '../resolve.ts';
import { table } from '../text.ts';

export const CARE_OPTIONS = [
  ['--across', 'With duplicates: look in the other datasets too'],
  ['--max-distance <bits>', 'With duplicates and leakage: bits of 64 that may differ, 0 to 7 (default 6)'],
  ['--limit <n>', 'With duplicates and leakage: how many are shown (default 20)'],
  ['--by <column>', 'With split: author, source, folder or a column whose groups stay whole (default: by seed)'],
  ['--test <share>', 'With split: share held out (default 0.2)'],
  ['--seed <n>', 'With split: seed of the choice (default 7)'],
  ['--dry-run', 'With split: only say what would happen'],
  [
    '--where <field=value>',
    'With edit: only samples with this split, licence, task, tag, author or search (repeatable)',
  ],
  ['--set <field=value>', 'With edit: split, licence, author, answer or task (repeatable)'],
  ['--add-tag <tag>', 'With edit: a tag to add (repeatable)'],
  ['--remove-tag <tag>', 'With edit: a tag to remove (repeatable)'],
  ['--note <text>', 'With edit: why; kept in the audit log'],
  ['--edit <id>', 'With undo: which edit (default: the newest that stands)'],
] as const;

type Care = (context: CommandContext, client: StudioClient, dataset: string) => Promise<void>;

export const CARE: Readonly<Record<string, Care>> = { duplicates, leakage, split, edit, edits, undo };

async function duplicates(context: CommandContext, client: StudioClient, name: string): Promise<void> {
  const { args, output } = context;
  const { id } = await resolveDataset(context, name);
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
      `${report.images} images compared; ${report.total} groups that are the same or look alike (up to ${report.maxDistance} of 64 bits). ${report.plainImages} are too plain to be compared.`,
      ...report.groups.map(
        (group) =>
          `${group.kind === 'same' ? 'the same' : 'similar'}${group.leaks ? ', train and test' : ''}${group.optOutNearby ? ', one says no to training' : ''}: ${group.members.map(memberText).join('; ')}`,
      ),
    ].join('\n'),
  );
}

async function leakage(context: CommandContext, client: StudioClient, name: string): Promise<void> {
  const { args, output } = context;
  const { id } = await resolveDataset(context, name);
  const limit = args.integer('limit') ?? 20;
  const maxDistance = args.integer('max-distance');
  const report = await client.datasets.leakage({ datasetId: id, offset: 0, limit, ...given({ maxDistance }) });
  output.result(report, () =>
    [
      report.total === 0
        ? `No image trains and tests, here or among ${report.compared.length - 1} other datasets.`
        : `${report.total} pairs of images train and test; ${report.testSamples} test samples are touched. Similar is a claim to look at.`,
      ...report.pairs.map(
        (pair) =>
          `${pair.kind === 'same' ? 'the same' : `similar (${pair.distance} bits)`}: train ${memberText(pair.train)} – test ${memberText(pair.test)}`,
      ),
    ].join('\n'),
  );
}

async function split(context: CommandContext, client: StudioClient, name: string): Promise<void> {
  const { args, output } = context;
  const { id } = await resolveDataset(context, name);
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
      `${result.train} train, ${result.test} test, ${result.groups} groups; ${result.changed} samples ${args.flag('dry-run') ? 'would change' : 'changed'} sides.`,
      ...result.warnings.map((warning) => `  ! ${warning}`),
    ].join('\n'),
  );
}

async function edit(context: CommandContext, client: StudioClient, name: string): Promise<void> {
  const { args, output } = context;
  const { id } = await resolveDataset(context, name);
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
  const { id } = await resolveDataset(context, name);
  const result = await client.datasets.undo({ datasetId: id, ...given({ editId: context.args.text('edit') }) });
  context.output.result(result, () => resultText(result));
}

async function edits(context: CommandContext, client: StudioClient, name: string): Promise<void> {
  const { id } = await resolveDataset(context, name);
  const list = await client.datasets.edits({ datasetId: id });
  context.output.result(list, () =>
    list.length === 0
      ? 'This dataset was not changed since its import.'
      : table([
          ['id', 'at', 'state', 'what'],
          ...list.map((entry) => [entry.id, entry.at, stateOf(entry), entry.summary]),
        ]),
  );
}

function stateOf(entry: DatasetEdit): string {
  return entry.kind === 'undo' ? 'undo' : entry.undoneBy !== null ? 'undone' : 'stands';
}

function resultText({ edit: made, changed, dataset }: EditResult): string {
  const what = made === null ? 'Nothing had to change.' : `${made.id}: ${made.summary} (${changed} samples)`;
  return `${what}\nDataset ${dataset.id} "${dataset.name}": ${dataset.train} train, ${dataset.test} test; snapshot ${dataset.snapshotSha256}`;
}

function memberText({ imageName, datasetName, split: side, distance }: DuplicateMember): string {
  return `${imageName} (${datasetName}, ${side}${distance === 0 ? '' : `, ${distance} bits`})`;
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
