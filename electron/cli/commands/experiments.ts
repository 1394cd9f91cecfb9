/** @file `atelier experiments`: the experiments, one with its tables, going on with one, or stopping it. */
import { ExperimentId } from '../../contract/model/primitives.ts';
import type { Command } from '../command.ts';
import { concludeExperiment, experimentText } from '../experiment-options.ts';
import { followExperiment } from '../follow-experiment.ts';
import { typedId } from '../ids.ts';
import { table } from '../text.ts';

export const experimentsCommand: Command = {
  usage: 'experiments [id]',
  summary: 'List the experiments, show what came out of one, or go on with it',
  options: [
    ['--resume', 'Go on with what is not done yet'],
    ['--stop', 'Stop it, with a checkpoint'],
  ],
  run: async (context) => {
    const { positional, args, output } = context;
    const client = await context.client();
    const [id] = positional;
    if (id === undefined) {
      const all = await client.experiments.list();
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
      return;
    }
    const experimentId = ExperimentId.parse(typedId(id, 'experiment'));
    if (args.flag('stop')) {
      const summary = await client.experiments.stop({ experimentId });
      output.result(summary, `Experiment ${summary.id} is ${summary.status}. ${summary.reason ?? ''}`.trim());
      return;
    }
    if (args.flag('resume')) {
      const summary = await client.experiments.resume({ experimentId });
      return concludeExperiment(context, await followExperiment(context, summary));
    }
    const detail = await client.experiments.get({ experimentId });
    output.result(detail, () => experimentText(detail));
    return;
  },
};
