/** @file `atelier experiments`: lists the experiments, shows one, resumes one or stops one. */
import { ExperimentId } from '../../contract/model/primitives.ts';
import type { Command, CommandContext } from '../command.ts';
import { concludeExperiment, experimentText } from '../experiment-options.ts';
import { followExperiment } from '../follow-experiment.ts';
import { typedId } from '../ids.ts';
import { table } from '../text.ts';

export const experimentsCommand: Command = {
  usage: 'experiments [id]',
  summary: 'List the experiments, or show the results of one',
  options: [
    ['--resume', 'Now `experiments resume <id>`', 'hidden'],
    ['--stop', 'Now `experiments stop <id>`', 'hidden'],
  ],
  subcommands: [
    {
      usage: 'resume <id>',
      summary: 'Continue with the parts that are not done yet',
      run: (context) => resume(context, experimentOf(context)),
    },
    {
      usage: 'stop <id>',
      summary: 'Stop it, with a checkpoint',
      run: (context) => stop(context, experimentOf(context)),
    },
  ],
  run: async (context) => {
    const { positional, args, output } = context;
    if (positional[0] === undefined) return list(context);
    const experimentId = experimentOf(context);
    if (args.flag('stop')) return stop(context, experimentId);
    if (args.flag('resume')) return resume(context, experimentId);
    const detail = await (await context.client()).experiments.get({ experimentId });
    output.result(detail, () => experimentText(detail));
    return undefined;
  },
};

async function list({ output, client }: CommandContext): Promise<undefined> {
  const all = await (await client()).experiments.list();
  output.result(all, () =>
    all.length === 0
      ? 'There are no experiments yet. `atelier contest --dataset counting` starts one.'
      : table([
          ['id', 'name', 'kind', 'status', 'parts', 'failed'],
          ...all.map((one) => [
            one.id,
            one.name,
            one.kind,
            one.status,
            `${one.completed}/${one.children}`,
            String(one.failed),
          ]),
        ]),
  );
  return undefined;
}

async function stop({ output, client }: CommandContext, experimentId: ExperimentId): Promise<undefined> {
  const summary = await (await client()).experiments.stop({ experimentId });
  output.result(summary, `Experiment ${summary.id} is ${summary.status}. ${summary.reason ?? ''}`.trim());
  return undefined;
}

async function resume(context: CommandContext, experimentId: ExperimentId): Promise<number> {
  const summary = await (await context.client()).experiments.resume({ experimentId });
  return concludeExperiment(context, await followExperiment(context, summary));
}

function experimentOf({ positional }: CommandContext): ExperimentId {
  return ExperimentId.parse(typedId(positional[0], 'experiment'));
}
