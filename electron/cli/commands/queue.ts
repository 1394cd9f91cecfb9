/** @file `atelier queue`: what waits for its turn, in another order, or without one of them; and working on it. */
import { AtelierError } from '../../contract/errors/errors.ts';
import { QueueEntryId } from '../../contract/model/primitives.ts';
import type { QueueEntry } from '../../contract/model/queue.ts';
import type { Command, CommandContext } from '../command.ts';
import { typedId } from '../ids.ts';
import { progressLine, table } from '../text.ts';

export const queueCommand: Command = {
  usage: 'queue',
  summary: 'Show what is worked on and what waits; change the order; work on it',
  options: [
    ['--move <id>', 'Give a waiting entry another place, with --to'],
    ['--to <n>', 'The new place among those that wait; 1 = next (default)'],
    ['--cancel <id>', 'Take a waiting entry out'],
    ['--work', 'Work on everything that waits, until nothing does; Ctrl-C stops with a checkpoint'],
  ],
  examples: ['atelier queue', 'atelier queue --move wait-1a2b3c4d --to 1', 'atelier queue --work'],
  run: async (context) => {
    const { args, output } = context;
    const client = await context.client();
    const [move, cancel] = [args.text('move'), args.text('cancel')];
    if (args.flag('work')) return work(context);
    let entries: QueueEntry[];
    if (move !== undefined) {
      entries = await client.queue.move({
        entryId: await entryId(context, move),
        to: placeOf(args.integer('to') ?? 1),
      });
    } else if (cancel !== undefined) entries = await client.queue.cancel({ entryId: await entryId(context, cancel) });
    else entries = await client.queue.list();
    output.result(entries, () => queueText(entries));
    return 0;
  },
};

async function work(context: CommandContext): Promise<number> {
  const { output, terminal } = context;
  const client = await context.client();
  const studio = await context.studio();
  const leave = new AbortController();
  const restore = terminal.onInterrupt(() => {
    output.note('Stopping after the step in work, with a checkpoint. What waits stays in the queue.');
    leave.abort();
  });
  studio.workOnQueue();
  let told = '';
  try {
    for await (const entries of await client.queue.watch(undefined, { signal: leave.signal })) {
      if (output.json) output.line({ type: 'queue', entries });
      const [first] = entries;
      if (first === undefined) return 0;
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

/** An entry by its own id, or by that of its run or experiment. */
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
  if (entries.length === 0) return 'Nothing waits, and nothing is worked on.';
  return table([
    ['place', 'id', 'what', 'kind', 'status'],
    ...entries.map((entry) => [
      entry.status === 'working'
        ? 'now'
        : String(entry.position + 1 - entries.filter((e) => e.status === 'working').length),
      entry.id,
      entry.title,
      entry.kind,
      entry.progress === null ? entry.status : progressLine(entry.progress),
    ]),
  ]);
}
