/** @file `atelier plan`: the memory and time that a run needs, before you start it. */
import type { MemoryPlan } from '../../contract/engine/memory.ts';
import { isRefused, memoryRefusal, pictureWords } from '../../method/memory-refusal.ts';
import { bytes } from '../../reporting/figures.ts';
import type { Command } from '../command.ts';
import { duration, table } from '../text.ts';
import { RECIPE_OPTIONS, trainRequest } from './train.ts';

export const planCommand: Command = {
  usage: 'plan [recipe]',
  summary: 'Show the memory and time that a run needs; starts nothing',
  options: RECIPE_OPTIONS,
  examples: ['atelier plan --dataset ./my-photos --detail medium'],
  run: async (context) => {
    const { output } = context;
    const request = await trainRequest(context, context.positional[0]);
    const client = await context.client();
    const plan = await client.runs.plan(request);
    if (plan !== null && isRefused(plan)) throw memoryRefusal(plan, 'run');
    output.result(plan, () =>
      plan === null ? 'This machine compiles nothing, so nothing can be planned.' : planText(plan),
    );
    return undefined;
  },
};

function planText(plan: MemoryPlan): string {
  const { largestPicture, secondsPerStep, byLayer, microBatchPrompts } = plan;
  return [
    `needs ${bytes(plan.predictedBytes)} of memory; ${bytes(plan.limitBytes)} are available`,
    table(plan.parts.map(({ name, bytes: size }) => [`  ${name}`, bytes(size)])),
    ...(secondsPerStep === undefined ? [] : [`about ${duration(secondsPerStep)} a step`]),
    `updates in micro-batches of ${microBatchPrompts}${byLayer ? ', layer by layer' : ''}, weights in ${plan.precision}`,
    ...(largestPicture === undefined
      ? []
      : [
          `largest picture: ${pictureWords(largestPicture)}, seen as ${largestPicture.seenWidth} × ${largestPicture.seenHeight}`,
        ]),
  ].join('\n');
}
