/** @file `atelier queue`: shows the waiting entries, changes their order, and works through them. */
import { AtelierError } from '../../contract/errors/errors.ts';
import { QueueEntryId } from '../../contract/model/primitives.ts';
import type { QueueEntry } from '../../contract/model/queue.ts';
import type { Command, CommandContext } from '../command.ts';
import { typedId } from '../ids.ts';
import { progressLine, table } from '../text.ts';

const HELD =
  'Atelier ended twice while it worked on what is held, so it waits for you. Try it again with `atelier queue retry ID`.';

export const queueCommand: Command = {
  usage: 'queue',
  summary: 'Show what is running and what waits; change the order; work through it',
  options: [
    ['--move <id>', 'Now `queue move <id>`', 'hidden'],
    ['--to <n>', 'Now `queue move <id> --to <n>`', 'hidden'],
    ['--cancel <id>', 'Now `queue cancel <id>`', 'hidden'],
    ['--work', 'Now `queue work`', 'hidden'],
  ],
  examples: ['atelier queue', 'atelier queue move wait-1a2b3c4d --to 1', 'atelier queue work'],
  subcommands: [
    {
      usage: 'move <id>',
      summary: 'Give a waiting entry another place',
      options: [['--to <n>', 'The new place among those that wait; 1 = next (default)']],
      run: (context) => move(context, context.positional[0] ?? ''),
    },
    {
      usage: 'cancel <id>',
      summary: 'Remove a waiting entry',
      run: (context) => cancel(context, context.positional[0] ?? ''),
    },
    {
      usage: 'retry <id>',
      summary: 'Try an entry again that is held because Atelier ended while it worked on it',
      run: (context) => retry(context, context.positional[0] ?? ''),
    },
    {
      usage: 'work',
      summary: 'Work through everything that waits; Ctrl-C stops with a checkpoint',
      run: work,
    },
  ],
  run: async (context) => {
    const { args, output } = context;
    const [moved, cancelled] = [args.text('move'), args.text('cancel')];
    if (args.flag('work')) return work(context);
    if (moved !== undefined) return move(context, moved);
    if (cancelled !== undefined) return cancel(context, cancelled);
    const entries = await (await context.client()).queue.list();
    output.result(entries, () => queueText(entries));
    return 0;
  },
};

async function move(context: CommandContext, typed: string): Promise<number> {
  const client = await context.client();
  const to = placeOf(context.args.integer('to') ?? 1);
  const entries = await client.queue.move({ entryId: await entryId(context, typed), to });
  context.output.result(entries, () => queueText(entries));
  return 0;
}

async function cancel(context: CommandContext, typed: string): Promise<number> {
  const client = await context.client();
  const entries = await client.queue.cancel({ entryId: await entryId(context, typed) });
  context.output.result(entries, () => queueText(entries));
  return 0;
}

async function retry(context: CommandContext, typed: string): Promise<number> {
  const client = await context.client();
  const entries = await client.queue.retry({ entryId: await entryId(context, typed) });
  context.output.result(entries, () => queueText(entries));
  return 0;
}

async function work(context: CommandContext): Promise<number> {
  const { output, terminal } = context;
  const client = await context.client();
  const studio = await context.studio();
  const leave = new AbortController();
  const restore = terminal.onInterrupt(() => {
    output.note('Stopping after the current step, with a checkpoint. What waits stays in the queue.');
    leave.abort();
  });
  studio.workOnQueue();
  let told = '';
  try {
    for await (const entries of await client.queue.watch(undefined, { signal: leave.signal })) {
      if (output.json) output.line({ type: 'queue', entries });
      const [first] = entries;
      if (first === undefined) return 0;
      if (entries.every(({ held }) => held)) {
        output.note(`Left in the queue: ${entries.map(({ title }) => title).join(', ')}. ${HELD}`);
        return 0;
      }
      const line = `${first.title}: ${first.progress === null ? first.status : progressLine(first.progress)} · ${entries.length - 1} after it`;
      if (!output.json && line !== told) output.note(line);
      told = line;
    }
  } catch (error) {
    if (!leave.signal.aborted) throw error;
  } finally {
    restore();
  }
  return leave.signal.aborted ? 130 : 0;
}

/** Finds an entry by its own id, or by that of its run or experiment. */
async function entryId(context: CommandContext, typed: string): Promise<QueueEntryId> {
  const id = typedId(typed, 'queue entry');
  const client = await context.client();
  const found = (await client.queue.list()).find(
    (entry) =>
      entry.id === QueueEntryId.parse(id) ||
      (entry.kind === 'run' && String(entry.runId) === id) ||
      String(entry.experimentId) === id,
  );
  return found?.id ?? QueueEntryId.parse(id);
}

function placeOf(typed: number): number {
  if (typed >= 1) return typed - 1;
  throw new AtelierError('BAD_INPUT', `There is no place ${typed}: the next one is 1.`, { place: { field: '--to' } });
}

function queueText(entries: readonly QueueEntry[]): string {
  if (entries.length === 0) return 'The queue is empty.';
  const lines = table([
    ['place', 'id', 'what', 'kind', 'status'],
    ...entries.map((entry) => [
      entry.status === 'working'
        ? 'now'
        : String(entry.position + 1 - entries.filter((e) => e.status === 'working').length),
      entry.id,
      entry.title,
      entry.kind,
      entry.held ? 'held' : entry.progress === null ? entry.status : progressLine(entry.progress),
    ]),
  ]);
  return entries.some(({ held }) => held) ? `${lines}\n${HELD}` : lines;
}
