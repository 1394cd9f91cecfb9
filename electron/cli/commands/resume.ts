/** @file `atelier resume`: resumes an interrupted run from its last checkpoint. */
import type { Command } from '../command.ts';
import { followRun } from '../follow-run.ts';
import { typedRunId } from '../ids.ts';

export const resumeCommand: Command = {
  usage: 'resume <run>',
  summary: 'Go on with an interrupted run; Ctrl-C stops again with a checkpoint',
  options: [],
  run: async (context) => {
    const runId = typedRunId(context.positional[0]);
    const client = await context.client();
    const run = await client.runs.resume({ runId });
    if (!context.output.json) context.output.note(`Run ${run.id} goes on after step ${run.step} of ${run.steps}.`);
    return followRun(context, client, run);
  },
};
