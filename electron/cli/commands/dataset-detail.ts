/** @file `atelier datasets detail`: how much of a dataset's pictures a model sees, what that costs, and what it loses. */
import { decodeError } from '../../contract/errors/error-codec.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { DetailEffect, DetailReport } from '../../contract/model/detail.ts';
import type { DatasetSummary } from '../../contract/model/datasets.ts';
import type { ModelSummary } from '../../contract/model/models.ts';
import { Split } from '../../contract/model/primitives.ts';
import { bytes, decimal } from '../../reporting/figures.ts';
import { given } from '../arguments.ts';
import type { Command, CommandContext } from '../command.ts';
import { detailOf, detailOption } from '../detail-option.ts';
import { knownDataset, lookUpModel } from '../resolve.ts';
import { duration, progressLine, table } from '../text.ts';

export const detailCommand: Command = {
  usage: 'detail <dataset>',
  summary: 'Show, set or measure how much of the pictures a model sees',
  options: [
    ['--model <id>', 'Model by id or name, or its folder (default: the starter model)'],
    ['--set <level>', 'Use this level, or largest number of pixels, for new runs; `default` returns to the default'],
    [
      '--measure',
      'Evaluate the base model twice, at --detail and at --against, and tell whether answers depend on what is lost',
    ],
    ['--detail <level>', 'The lower detail to measure (default: that of the dataset)'],
    ['--against <level>', 'The higher detail to measure (default: original)'],
    ['--split <split>', 'test (default) or train'],
    ['--limit <n>', 'Measure on at most so many samples (default: all)'],
  ],
  examples: [
    'atelier datasets detail "Shop windows"',
    'atelier datasets detail "Shop windows" --measure --detail low --limit 100',
  ],
  run: async (context) => {
    const dataset = await knownDataset(context, context.positional[0] ?? '');
    const found = await lookUpModel(context, context.args.text('model'));
    const measures = context.args.flag('measure') ? measureOptions(context) : null;
    const set = context.args.text('set');
    const detail = set === undefined || set === 'default' ? null : detailOf(set, '--set');
    const model = await found();
    if (set !== undefined) {
      const client = await context.client();
      // Refused here if the model does not take it, not when a run starts.
      if (typeof detail === 'number')
        await client.datasets.detail({ datasetId: dataset.id, modelId: model.id, maxPixels: detail });
      await client.datasets.setDetail({ datasetId: dataset.id, detail });
    }
    return measures === null ? show(context, dataset, model) : measure(context, dataset, model, measures);
  },
};

async function show(context: CommandContext, dataset: DatasetSummary, model: ModelSummary): Promise<undefined> {
  const client = await context.client();
  const report = await client.datasets.detail({ datasetId: dataset.id, modelId: model.id });
  const costs: Cost[] = [];
  for (const { maxPixels } of report.effects)
    costs.push(await costOf(client, { modelId: model.id, datasetId: dataset.id, maxPixels }));
  const evidence = await client.datasets.detailEvidence({ datasetId: dataset.id, modelId: model.id });
  context.output.result({ ...report, costs, evidence }, () =>
    [
      detailText(report, costs),
      ...(evidence === null ? [] : [`${evidence.lossy ? '! ' : ''}${evidence.sentence}`]),
    ].join('\n'),
  );
  return undefined;
}

interface Cost {
  maxPixels: number;
  predictedBytes: number | null;
  limitBytes: number | null;
  secondsPerStep: number | null;
}

/** From the plan of a run with default settings; unknown where such a run is refused. */
async function costOf(
  client: Awaited<ReturnType<CommandContext['client']>>,
  request: { modelId: ModelSummary['id']; datasetId: DatasetSummary['id']; maxPixels: number },
): Promise<Cost> {
  const plan = await client.runs.plan(request).catch((error: unknown) => {
    if (decodeError(error) === null) throw error;
    return null;
  });
  const { maxPixels } = request;
  return {
    maxPixels,
    predictedBytes: plan?.predictedBytes ?? null,
    limitBytes: plan?.limitBytes ?? null,
    secondsPerStep: plan?.secondsPerStep ?? null,
  };
}

function detailText(report: DetailReport, costs: readonly Cost[]): string {
  const row = (effect: DetailEffect, index: number): string[] => {
    const cost = costs[index];
    return [
      `${effect.maxPixels === report.maxPixels ? '→' : ' '} ${effect.levels.join(', ') || 'exact'}`,
      effect.maxPixels.toLocaleString('en'),
      `${effect.mostTokens.toLocaleString('en')} (${decimal(effect.meanTokens, 0)})`,
      `${effect.shrunk} of ${report.pictures}`,
      bytes(cost?.predictedBytes),
      cost?.secondsPerStep === null || cost?.secondsPerStep === undefined ? '–' : duration(cost.secondsPerStep),
    ];
  };
  return [
    table([
      ['  detail', 'pixels at most', 'image tokens (mean)', 'pictures shrunk', 'memory', 'a step'],
      ...report.effects.map(row),
    ]),
    `→ is what new runs use (${report.detail === null ? 'the default' : 'set for this dataset'}). Memory and time are those of a run with default settings.`,
  ].join('\n');
}

function measureOptions({ args }: CommandContext) {
  return {
    settings: {
      split: args.oneOf('split', Split.options) ?? ('test' as const),
      ...given({ limit: args.integer('limit') }),
    },
    details: [detailOption(args), detailOption(args, 'against') ?? ('original' as const)],
  };
}

async function measure(
  { client: open, output }: CommandContext,
  dataset: DatasetSummary,
  model: ModelSummary,
  { settings, details }: ReturnType<typeof measureOptions>,
): Promise<undefined> {
  const client = await open();
  const request = { modelId: model.id, datasetId: dataset.id, ...settings };
  const pixels: number[] = [];
  for (const detail of details) {
    for await (const event of await client.evaluations.start({ ...request, ...given({ detail }) })) {
      if (event.type === 'done') pixels.push(event.evaluation.maxPixels ?? 0);
      else if (!output.json) output.note(progressLine(event.progress));
    }
  }
  const [lower = 0, higher = 0] = pixels;
  if (lower >= higher) {
    throw new AtelierError('BAD_INPUT', `There is nothing to compare: both details mean ${higher} pixels or more.`, {
      place: { field: '--detail' },
      remedy: 'Choose a lower --detail, such as low, or a number of pixels.',
    });
  }
  const evidence = await client.datasets.detailEvidence({ datasetId: dataset.id, modelId: model.id, maxPixels: lower });
  output.result(evidence, () =>
    evidence === null ? 'The two evaluations have no question in common.' : evidence.sentence,
  );
  return undefined;
}
