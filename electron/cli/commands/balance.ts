/** @file `atelier balance`: what a dataset over-represents, and which answers could be guessed without looking. */
import type { BalanceReport } from '../../contract/model/balance.ts';
import type { Command } from '../command.ts';
import { resolveDataset } from '../resolve.ts';
import { proportion, table } from '../text.ts';

const MARKS = { fine: ' ', notice: '·', warning: '!' } as const;

export const balanceCommand: Command = {
  usage: 'balance <dataset>',
  summary: 'Who and what a dataset over-represents, and what a model could guess without looking',
  options: [],
  run: async (context) => {
    const dataset = await resolveDataset(context, context.positional[0] ?? '');
    const studio = await context.client();
    const report = await studio.datasets.balance({ datasetId: dataset.id });
    context.output.result(report, () => text(report));
  },
};

function text({ dimensions, priors, blind, train }: BalanceReport): string {
  return [
    `${train} training samples:`,
    ...dimensions.map(({ kind, of, level, sentence, gini }) => {
      const name = of === '' ? kind : `${kind} (${of})`;
      return `${MARKS[level]} ${name}: ${sentence} Gini ${gini.toFixed(2)}.`;
    }),
    ...(priors.length === 0
      ? []
      : [
          '',
          table([
            ['task', 'most frequent answer', 'always giving it is right'],
            ...priors.map(({ task, answer, accuracy, measuredOn }) => [
              task,
              answer,
              `${proportion(accuracy)} on ${measuredOn}`,
            ]),
          ]),
        ]),
    '',
    ...blind.map(({ level, sentence }) => `${MARKS[level]} ${sentence}`),
    ...(blind[0] === undefined ? [] : [blind[0].method]),
  ].join('\n');
}
