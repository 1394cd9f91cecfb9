/** @file `atelier caption`: asks a run or a model the same question about every picture of a folder, into a table. */
import { join } from 'node:path';
import type { CaptionResult } from '../../contract/model/playground.ts';
import type { DatasetId, ModelId, RunId } from '../../contract/model/primitives.ts';
import { shownOnOneLine } from '../../reporting/shown-text.ts';
import { given } from '../arguments.ts';
import type { Command, CommandContext } from '../command.ts';
import { DETAIL_OPTION, detailOption } from '../detail-option.ts';
import { typedRunId } from '../ids.ts';
import { knownDataset, resolveModel } from '../resolve.ts';
import { behind, counted, timeLeft } from '../text.ts';

export const captionCommand: Command = {
  usage: 'caption <dir>',
  summary: 'Ask a run the same question about every picture of a folder, into a CSV file; started again, it continues',
  options: [
    ['--run <id>', 'The run whose checkpoint answers'],
    ['--step <n>', 'With --run: the checkpoint of this step (default: the one that stands for the run)'],
    ['--dataset <dataset>', 'With a --run of several datasets: in whose words it asks (default: the heaviest one’s)'],
    ['--model <id>', 'Instead of a run: a model by id or name, or its folder'],
    ['--question <text>', 'The question (default: "Describe this picture.")'],
    ['--out <file>', 'The table to write, or to continue (default: captions.csv in the folder)'],
    ['--max-new-tokens <n>', 'Longest answer (default 64)'],
    DETAIL_OPTION,
  ],
  examples: ['atelier caption ~/archive --run run-1a2b3c4d --question "How many birds are there?" --out birds.csv'],
  run: async (context) => {
    const { args, output, positional } = context;
    const folder = args.resolve(positional[0] ?? '');
    const question = args.text('question') ?? 'Describe this picture.';
    const out = args.path('out') ?? join(folder, 'captions.csv');
    const settings = given({ detail: detailOption(args), maxNewTokens: args.integer('max-new-tokens') });
    const who = await speaker(context);
    const client = await context.client();
    const events = await client.playground.caption({ folder, out, question, ...who, ...settings });
    let result: CaptionResult | null = null;
    let last = '';
    for await (const event of events) {
      if (event.type === 'done') result = event.result;
      else if (event.type === 'row') {
        last = shownOnOneLine(event.name);
        if (event.error !== null) output.note(`${last}: ${event.error}`);
      } else if (event.progress.unit === 'bytes') output.loading(event.progress);
      else if (!output.json && last !== '') {
        const { done, total, secondsLeft } = event.progress;
        output.note(`${done}/${total ?? done} ${last}${behind(timeLeft(secondsLeft))}`);
      }
    }
    if (result === null) throw new Error('The captions ended without a result.');
    const { path, answered, failed, earlier, pictures } = result;
    if (earlier > 0 && !output.json)
      output.note(
        `${earlier} of ${counted(pictures, 'picture')} ${earlier === 1 ? 'was' : 'were'} in ${path} already.`,
      );
    output.result(
      result,
      () =>
        `${failed === 0 ? '✓' : '!'} ${counted(answered, 'answer')}, ${counted(failed, 'error')}: ${shownOnOneLine(path)}`,
    );
    return failed === 0 ? 0 : 1;
  },
};

type Speaker = { modelId: ModelId; runId?: RunId; step?: number; datasetId?: DatasetId };

async function speaker(context: CommandContext): Promise<Speaker> {
  const { args } = context;
  const run = args.text('run');
  if (run === undefined) {
    args.refuse([['--step'], ['--dataset']], 'no run is named', 'Add --run');
    return { modelId: (await resolveModel(context, args.text('model'))).id };
  }
  args.refuse([['--model']], 'the run is asked', 'Leave --run out');
  const runId = typedRunId(run);
  const { recipe } = await (await context.client()).runs.get({ runId });
  const dataset = args.text('dataset');
  const datasetId = dataset === undefined ? undefined : (await knownDataset(context, dataset)).id;
  return { modelId: recipe.modelId, runId, ...given({ step: args.integer('step'), datasetId }) };
}
