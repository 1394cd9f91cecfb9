/** @file `atelier runs rename|tag|remove|restore|empty-trash`: looking after runs from a terminal. */
import type { RunSummary } from '../../contract/model/runs.ts';
import { bytes } from '../../reporting/figures.ts';
import type { Command, CommandContext } from '../command.ts';
import { typedRunId } from '../ids.ts';
import { counted } from '../text.ts';

export const RUN_CARE_COMMANDS: readonly Command[] = [
  {
    usage: 'rename <id> <name>',
    summary: 'Give a run another name; its recipe and papers keep the old one',
    run: rename,
  },
  {
    usage: 'tag <id>',
    summary: 'Show the tags of a run, or change them',
    options: [
      ['--add <tag>', 'A tag to add (repeatable)', 'repeatable'],
      ['--remove <tag>', 'A tag to remove (repeatable)', 'repeatable'],
    ],
    run: tag,
  },
  { usage: 'remove <id>', summary: 'Put a run in the trash; `runs restore` brings it back', run: remove },
  { usage: 'restore <id>', summary: 'Take a run out of the trash', run: restore },
  {
    usage: 'empty-trash [id]',
    summary: 'Say which checkpoints of removed runs would be deleted; with --yes, delete them for good',
    options: [['--yes', 'Delete them']],
    run: emptyTrash,
  },
];

async function rename({ positional: [id, name = ''], output, client }: CommandContext): Promise<undefined> {
  const run = await (await client()).runs.rename({ runId: typedRunId(id), name });
  output.result(run, () => `Run ${run.id} is now called "${run.name}".`);
}

async function tag({ positional: [id], args, output, client }: CommandContext): Promise<undefined> {
  const { runs } = await client();
  const runId = typedRunId(id);
  const { summary } = await runs.get({ runId });
  const [added, removed] = [args.all('add'), args.all('remove')];
  const isChange = added.length + removed.length > 0;
  const tags = [...(summary.tags ?? []), ...added].filter((each) => !removed.includes(each));
  const run = isChange ? await runs.setTags({ runId, tags }) : summary;
  output.result(run, () => (run.tags === undefined ? `Run ${run.id} has no tags.` : run.tags.join('\n')));
}

async function remove({ positional: [id], output, client }: CommandContext): Promise<undefined> {
  const run = await (await client()).runs.remove({ runId: typedRunId(id) });
  output.result(run, () =>
    [
      `Run ${nameOf(run)} is in the trash. \`atelier runs restore ${run.id}\` brings it back.`,
      'Its checkpoints stay on the disk until `atelier runs empty-trash`.',
    ].join('\n'),
  );
}

async function restore({ positional: [id], output, client }: CommandContext): Promise<undefined> {
  const run = await (await client()).runs.restore({ runId: typedRunId(id) });
  output.result(run, () => `Run ${nameOf(run)} is back on the list.`);
}

async function emptyTrash({ positional: [id], args, output, client }: CommandContext): Promise<undefined> {
  const dryRun = !args.flag('yes');
  const runId = id === undefined ? {} : { runId: typedRunId(id) };
  const result = await (await client()).runs.emptyTrash({ ...runId, dryRun });
  output.result(result, () =>
    [
      ...result.runs.map(
        ({ runId: of, name, checkpoints }) => `${of} "${name}": ${counted(checkpoints, 'checkpoint')}`,
      ),
      result.runs.length === 0
        ? 'No run in the trash has checkpoints to delete.'
        : dryRun
          ? `${bytes(result.freedBytes)} would be free. Without checkpoints these runs cannot answer, resume or be exported again. What was recorded, and what was exported, stays. Nothing was deleted; add --yes to delete.`
          : `Deleted: ${bytes(result.freedBytes)}. What was recorded, and what was exported, stays.`,
      ...result.skipped.map(({ runId: of, reason }) => `${of} keeps everything: ${reason}`),
    ].join('\n'),
  );
}

function nameOf({ id, name }: RunSummary): string {
  return `${id} "${name}"`;
}
