/** @file `atelier eval`: greedy answers on held-out samples, with counts and intervals. */
import type { EvaluationSummary } from '../../contract/evaluations.ts';
import { Split } from '../../contract/primitives.ts';
import type { Command } from '../command.ts';
import { resolveSubject } from '../resolve.ts';
import { progressLine, proportion, table } from '../text.ts';

export const evalCommand: Command = {
  usage: 'eval',
  summary: 'Evaluate a model, or the adapter of a run, on held-out samples',
  options: [
    ['--dataset <id>', 'Dataset by id or name, counting or geometry, or a path (default: that of the run)'],
    ['--model <id>', 'Model by id or name, or its folder (default: that of the run, else the starter model)'],
    ['--run <id>', 'Run whose newest checkpoint is evaluated; absent = the model alone'],
    ['--split <split>', 'test (default) or train'],
    ['--limit <n>', 'At most so many samples (default: all)'],
  ],
  run: async (context) => {
    const { args, output } = context;
    const split = args.oneOf('split', Split.options) ?? 'test';
    const limit = args.integer('limit') ?? 0;
    const client = await context.client();
    const { runId, model, dataset } = await resolveSubject(context);
    const events = await client.evaluations.start({
      modelId: model.id,
      datasetId: dataset.id,
      split,
      limit,
      ...(runId === undefined ? {} : { runId }),
    });
    for await (const event of events) {
      if (event.type === 'progress') {
        if (!output.json) output.note(progressLine(event.progress));
      } else output.result(event.evaluation, () => evaluationText(event.evaluation));
    }
  },
};

function evaluationText(evaluation: EvaluationSummary): string {
  return table([
    ['', `${evaluation.split} (${evaluation.accuracy.n} samples)`],
    ['accuracy', proportion(evaluation.accuracy)],
    ...evaluation.byTask.map(({ task, accuracy }) => [`  ${task}`, proportion(accuracy)]),
    ['format', proportion(evaluation.format)],
    ['not readable', String(evaluation.unparsed)],
    ['tokens per answer', evaluation.meanTokens.toFixed(1)],
  ]);
}
