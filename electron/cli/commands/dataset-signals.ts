/** @file `atelier datasets signals` and `override`: what images say about their use, and decisions to use them anyway. */
import type { Sample } from '../../contract/model/datasets.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { DatasetId } from '../../contract/model/primitives.ts';
import { OverrideBasis, type OverrideResult } from '../../contract/model/signals.ts';
import type { Command, CommandContext, StudioClient } from '../command.ts';
import { knownDataset } from '../resolve.ts';
import { counted, table } from '../text.ts';

const PAGE = 500;

export const signalsCommand: Command = {
  usage: 'signals <dataset>',
  summary: 'Show what the images say about their own use',
  run: (context) => listSignals(context, context.positional[0] ?? ''),
};

export const overrideCommand: Command = {
  usage: 'override <dataset>',
  summary: 'Use images that are left out (opted out or unknown), with a reason that goes into every bundle',
  options: [
    ['--image <name>', 'One image, by file name or SHA-256 (default: every opted-out image)'],
    ['--unknown', 'Without --image: the images that say nothing about training, instead of those that opted out'],
    ['--basis <basis>', 'own-work, permission or other; only the first two lift an opt-out in the ledger'],
    ['--reason <text>', 'Why; recorded in the audit log and exported with every bundle'],
    ['--withdraw', 'Take back an earlier decision'],
  ],
  run: overrideOptOuts,
};

/** Lists every sample whose image carries a signal, one line per signal. */
export async function listSignals(context: CommandContext, named: string): Promise<undefined> {
  const { output } = context;
  const client = await context.client();
  const { id: datasetId } = await knownDataset(context, named);
  const samples = (await allSamples(client, datasetId)).filter(
    (sample) => sample.signals.length > 0 || sample.excluded !== null || sample.override !== null,
  );
  const facts = samples.map(({ id, imageName, imageSha256, verdict, excluded, override, signals }) => ({
    id,
    imageName,
    imageSha256,
    verdict,
    excluded,
    override,
    signals,
  }));
  output.result(facts, () =>
    samples.length === 0
      ? 'No image of this dataset says anything about its own use. That is not consent: it is unknown.'
      : samples.map(signalText).join('\n\n'),
  );
  return undefined;
}

function signalText({ imageName, verdict, excluded, override, signals }: Sample): string {
  const state =
    override !== null
      ? `${verdict}, used by decision (${override.basis}): ${override.reason}`
      : excluded !== null
        ? `${verdict}, left out of training and evaluation`
        : verdict;
  return `${imageName}: ${state}\n${table([['kind', 'value', 'trust', 'says'], ...signals.map((signal) => [signal.kind, signal.value, signal.trust, signal.statement])])}`;
}

async function overrideOptOuts(context: CommandContext): Promise<undefined> {
  const { args, output } = context;
  const client = await context.client();
  const { id: datasetId } = await knownDataset(context, context.positional[0] ?? '');
  const use = !args.flag('withdraw');
  const reason = args.required('reason');
  const basis = args.oneOf('basis', OverrideBasis.options) ?? 'other';
  const name = args.text('image');
  const imageSha256 = name === undefined ? undefined : await imageCalled(client, datasetId, name);
  const result = await client.datasets.override({
    datasetId,
    use,
    basis,
    reason,
    which: args.flag('unknown') ? 'unknown' : 'opted-out',
    ...(imageSha256 === undefined ? {} : { imageSha256 }),
  });
  output.result(result, () => outcome(result, use));
  return undefined;
}

function outcome({ images, excluded }: OverrideResult, use: boolean): string {
  const count = counted(images.length, 'image');
  const now = use ? 'will be used; the reason is recorded' : 'will be left out again';
  return `${count} ${now}. Left out now: ${excluded.train} training and ${counted(excluded.test, 'test sample')}.`;
}

async function imageCalled(client: StudioClient, datasetId: DatasetId, name: string): Promise<string> {
  const samples = await allSamples(client, datasetId);
  const images = new Set(
    samples
      .filter((sample) => sample.imageName === name || sample.imageSha256 === name)
      .map((sample) => sample.imageSha256),
  );
  const [only] = images;
  if (only !== undefined && images.size === 1) return only;
  const many = `${images.size} different images of the dataset ${datasetId} are called "${name}".`;
  throw new AtelierError(
    images.size === 0 ? 'NOT_FOUND' : 'BAD_INPUT',
    images.size === 0 ? `The dataset ${datasetId} has no image "${name}".` : many,
    { place: { field: '--image' }, remedy: '`atelier datasets signals <dataset> --json` lists names and SHA-256.' },
  );
}

async function allSamples(client: StudioClient, datasetId: DatasetId): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (;;) {
    const page = await client.datasets.samples({ datasetId, offset: samples.length, limit: PAGE });
    samples.push(...page.samples);
    if (page.samples.length === 0 || samples.length >= page.total) return samples;
  }
}
