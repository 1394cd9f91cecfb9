/** @file `atelier stop`: ends a run after the current step, even if another Atelier is training it. */
import type { Command } from '../command.ts';
import { typedRunId } from '../ids.ts';

export const stopCommand: Command = {
  usage: 'stop <run>',
  summary: 'Stop a run after the current step, with a checkpoint',
  options: [],
  run: async ({ positional, output, client }) => {
    const runId = typedRunId(positional[0]);
    const studio = await client();
    if (!output.json) output.note('Waiting for the current step and its checkpoint …');
    const run = await studio.runs.stop({ runId });
    output.result(run, `Run ${run.id} is ${run.status}. ${run.reason ?? ''}`.trim());
  },
};
