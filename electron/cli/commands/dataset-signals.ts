/** @file `atelier datasets`: what images say about their use, and decisions to use them all the same. */
import type { Sample } from '../../contract/model/datasets.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { DatasetId } from '../../contract/model/primitives.ts';
import { OverrideBasis, type OverrideResult } from '../../contract/model/signals.ts';
import type { CommandContext, StudioClient } from '../command.ts';
import { typedDatasetId } from '../ids.ts';
import { table } from '../text.ts';

const PAGE = 500;

/** Options of `datasets override`; they stand in the help of `datasets`. */
export const OVERRIDE_OPTIONS = [
  ['--signals', 'With an id: what the images say about their own use'],
  ['--image <name>', 'With override: one image, by file name or SHA-256 (default: every opted-out image)'],
  ['--basis <basis>', 'With override: own-work, permission or other; only the first two lift an opt-out in the ledger'],
  ['--reason <text>', 'With override: why; recorded in the audit log and exported with every bundle'],
  ['--withdraw', 'With override: an earlier decision no longer holds'],
] as const;

/** Every sample whose image says something, one line per signal. */
export async function listSignals(
  { output }: CommandContext,
  client: StudioClient,
  datasetId: DatasetId,
): Promise<void> {
  const samples = (await allSamples(client, datasetId)).filter((sample) => sample.signals.length > 0);
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
}

function signalText({ imageName, verdict, excluded, override, signals }: Sample): string {
  const state =
    override !== null
      ? `opted out, used all the same (${override.basis}): ${override.reason}`
      : excluded !== null
        ? 'opted out, left out of training and evaluation'
        : verdict;
  return `${imageName}: ${state}\n${table([['kind', 'value', 'trust', 'says'], ...signals.map((signal) => [signal.kind, signal.value, signal.trust, signal.statement])])}`;
}

/** `datasets override <dataset> --reason <text>`. */
export async function overrideOptOuts(
  context: CommandContext,
  client: StudioClient,
  id: string | undefined,
): Promise<void> {
  const { args, output } = context;
  if (id === undefined) {
    throw new AtelierError('BAD_INPUT', 'Say which dataset: `atelier datasets override <id> --reason <text>`.', {
      place: { field: 'id' },
      remedy: '`atelier datasets` lists the ids.',
    });
  }
  const datasetId = typedDatasetId(id);
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
    ...(imageSha256 === undefined ? {} : { imageSha256 }),
  });
  output.result(result, () => outcome(result, use));
}

function outcome({ images, excluded }: OverrideResult, use: boolean): string {
  const count = images.length === 1 ? '1 image' : `${images.length} images`;
  const now = use ? 'will be used in spite of an opt-out; the reason is recorded' : 'will be left out again';
  return `${count} ${now}. Left out now: ${excluded.train} training and ${excluded.test} test samples.`;
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
    { place: { field: '--image' }, remedy: '`atelier datasets <id> --signals --json` lists names and SHA-256.' },
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
