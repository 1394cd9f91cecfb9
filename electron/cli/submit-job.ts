/** @file Sending a job folder to a Ray cluster from a terminal, and following it. */
import { AtelierError, EXIT_STATUS } from '../contract/errors/errors.ts';
import type { ClusterEvent, Handback } from '../contract/model/handoffs.ts';
import { given } from './arguments.ts';
import type { CommandContext } from './command.ts';
import { counted } from './text.ts';

export const CLUSTER_OPTIONS = [
  ['--storage <dir>', "Folder on the cluster that every node can write; the job's results go there"],
  ['--workers <n>', 'Workers of each run (default 1)'],
  ['--gpus', 'Give each worker a GPU'],
  [
    '--job-option <option>',
    'A further option of train.py on the cluster, such as --accumulate=4 (repeatable)',
    'repeatable',
  ],
] as const;

/** Follows the job until it has ended. Ctrl-C ends the following alone. @returns the exit status */
export async function submitJob(context: CommandContext, path: string, address: string): Promise<number> {
  const { args, output, terminal } = context;
  const storage = args.required('storage');
  // The contract checks every value.
  const request = {
    path,
    address,
    storage,
    gpus: args.flag('gpus'),
    options: args.all('job-option'),
    ...given({ workers: args.integer('workers') }),
  };
  const client = await context.client();
  const leave = new AbortController();
  const restore = terminal.onInterrupt(() => leave.abort());
  let taken: Handback | null = null;
  try {
    for await (const event of await client.handoffs.submit(request, { signal: leave.signal })) {
      if (event.type === 'returned') taken = event.handback;
      if (output.json) output.line(event);
      else output.note(textOf(event));
      if (event.type !== 'done') continue;
      if (event.status === 'succeeded') return 0;
      throw new AtelierError(
        'CLUSTER_UNAVAILABLE',
        `The job ${event.status} on the cluster. ${event.message ?? ''}`.trim(),
        {
          remedy: 'Its log is above. The same command sends it again; it goes on from its last whole checkpoint.',
        },
      );
    }
  } catch (error) {
    if (!leave.signal.aborted) throw error;
  } finally {
    restore();
  }
  output.note('The job goes on without you. The same command follows it again.');
  return taken === null || leave.signal.aborted ? EXIT_STATUS.CANCELLED : 0;
}

function textOf(event: ClusterEvent): string {
  switch (event.type) {
    case 'warning':
      return event.message;
    case 'submitted':
      return `Submitted as ${event.submissionId}.`;
    case 'found':
      return `${event.submissionId} is on the cluster already. It is followed.`;
    case 'log':
      return event.text.trimEnd();
    case 'returned': {
      const { handback } = event;
      return 'runs' in handback
        ? `Taken back: ${handback.runs.length} of ${counted(handback.of, 'run')} of ${handback.experimentId}.`
        : `Taken back as ${handback.runId}: step ${handback.step} of ${handback.steps}.`;
    }
    case 'done':
      return `The job ${event.status}.`;
  }
}
