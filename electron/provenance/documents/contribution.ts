/**
 * @file Contribution: how much each image taught the model, from one number per group and step. Within a step, the
 * numbers are divided by the sum of their absolute values, so that every step counts the same, however far it moved the
 * weights; over the steps they are averaged per image. An image's share is the positive part of its average, divided by
 * the sum of all positive parts. Pure and deterministic.
 */
import type {
  Contribution,
  ContributionImage,
  ContributionMethod,
  ContributionSum,
} from '../../contract/model/contribution.ts';
import { rankCorrelation } from '../../method/statistics.ts';
import { SampleId } from '../../contract/model/primitives.ts';
import { compareCodePoints } from '../signing/canonical-json.ts';
import { isTrained, licenceWithSources } from './manifest.ts';
import type { ManifestRow } from './manifest.ts';

/** One group of one step: the weight is a projection, or the size of the signal. */
export interface GroupWeight {
  step: number;
  sampleId: string;
  weight: number;
}

/** A drawn group: the number of tokens learnt from, and the group's mean reward. */
export interface GroupDraw {
  step: number;
  sampleId: string;
  tokens: number;
  reward: number | null;
}

export interface ContributionInput {
  runId: Contribution['runId'];
  step: number;
  method: ContributionMethod;
  reproduced: boolean | null;
  weights: readonly GroupWeight[];
  draws: readonly GroupDraw[];
  /** Steps that moved no weight beyond rounding: they taught nothing, whatever their groups sent. */
  idleSteps?: ReadonlySet<number>;
  manifest: readonly ManifestRow[];
}

/**
 * A learning rate from which on down an update is lost in rounding. A step of AdamW moves no weight by more than about
 * three times the learning rate (Kingma & Ba 2015, section 2.1), and float32 does not add 2^-33 to a number of 2^-9 or
 * more. Weights that start at zero (LoRA's B) do move, but what they change in the model's sums is as small.
 */
export const ROUNDED_AWAY = 2 ** -33;

/** What each method measures, and what it does not; these words accompany the numbers everywhere. */
export const METHOD_TEXT: Record<ContributionMethod, string> = {
  exact:
    'Exact to first order, from a replay of the run: each image’s gradient, projected on the change that each step made to the weights.',
  measured:
    'Measured while training: after each step, by how much the update lowered each image’s own part of the objective (first order in the log-probabilities of its answers).',
  advantages:
    'Estimated from the record of the run: the size of the signal (sum of the absolute advantages) that each image’s answers sent. Whether updates followed it was not measured.',
  draws: 'Counted: how often training drew each image. What it learnt from it was not measured.',
};

const CAVEAT =
  'An estimate of influence on the weights, step by step; not a measure of quality, of likeness, or of what is owed. Other methods give other figures.';
const NOT_REPRODUCED =
  'The replay did not give the logged losses again, so the shares are those of the replay, a run of the same recipe.';

export function methodText(method: ContributionMethod, reproduced: boolean | null): string {
  return [METHOD_TEXT[method], ...(reproduced === false ? [NOT_REPRODUCED] : []), CAVEAT].join(' ');
}

/** Shares per image, and their sums. Images that training did not use are not listed. */
export function contributionOf(input: ContributionInput): Contribution {
  const { runId, step, method, reproduced, manifest } = input;
  const imageOf = new Map(manifest.flatMap((row) => row.samples.map(({ id }) => [id, row.imageSha256] as const)));
  const idle = input.idleSteps ?? new Set<number>();
  const taught = input.weights.filter((group) => !idle.has(group.step));
  const { nets, stepsCovered } = netsOf(taught, imageOf);
  const positive = [...nets.values()].reduce((sum, net) => sum + Math.max(0, net), 0);
  const drawsOf = groupedBy(input.draws, ({ sampleId }) => imageOf.get(sampleId));
  const images = manifest.filter(isTrained).map((row): ContributionImage => {
    const net = nets.get(row.imageSha256) ?? 0;
    return {
      imageSha256: row.imageSha256,
      sampleIds: row.samples.map(({ id }) => SampleId.parse(id)),
      name: row.names[0] ?? row.imageSha256,
      authors: row.authors,
      licence: licenceWithSources(row),
      share: positive === 0 ? 0 : Math.max(0, net) / positive,
      net,
      ...seenOf(drawsOf.get(row.imageSha256) ?? []),
    };
  });
  images.sort((a, b) => b.share - a.share || b.net - a.net || compareCodePoints(a.imageSha256, b.imageSha256));
  return {
    version: 1,
    runId,
    step,
    method,
    methodText: methodText(method, reproduced),
    stepsCovered,
    reproduced,
    agreement: [],
    images,
    ...sumsOf(images, manifest),
  };
}

/** Spearman's ρ between what two methods find about the same images. */
export function agreementWith(exact: Contribution, other: Contribution): Contribution['agreement'][number] {
  const netOf = new Map(other.images.map(({ imageSha256, net }) => [imageSha256, net]));
  const pairs = exact.images.map(({ imageSha256, net }) => [net, netOf.get(imageSha256) ?? 0] as const);
  const spearman = rankCorrelation(
    pairs.map(([net]) => net),
    pairs.map(([, net]) => net),
  );
  return { method: other.method, spearman: spearman === null ? null : Math.round(spearman * 1000) / 1000 };
}

/** Stands in the place of shares where no step counts. */
export const NOBODY_TAUGHT =
  'No step of this run both had a signal and moved a weight by more than rounding, so no image has a share.';

/** The agreement in words; one sentence without figures where no replay was made. */
export function agreementText({ method, agreement }: Pick<Contribution, 'method' | 'agreement'>): string {
  const found = agreement.flatMap(({ method: other, spearman }) =>
    spearman === null ? [] : [`${NAME_OF[other]} ρ = ${spearman.toFixed(2)}`],
  );
  if (found.length > 0) return `Rank agreement with the exact replay (Spearman): ${found.join(', ')}.`;
  return method === 'exact'
    ? 'No other method recorded figures to compare with the exact replay.'
    : 'The shares were not compared with an exact replay of the run.';
}

const NAME_OF: Record<ContributionMethod, string> = {
  exact: 'exact',
  measured: 'measured while training',
  advantages: 'estimated from advantages',
  draws: 'counted draws',
};

/** Sums per author, licence and source; verification recomputes them from the images. */
export function sumsOf(
  images: readonly ContributionImage[],
  manifest: readonly ManifestRow[],
): Pick<Contribution, 'byAuthor' | 'byLicence' | 'bySource'> {
  const rows = new Map(manifest.map((row) => [row.imageSha256, row]));
  return {
    byAuthor: sumBy(images, ({ authors }) => authors),
    byLicence: sumBy(images, ({ licence }) => (licence === null ? [] : [licence])),
    bySource: sumBy(images, ({ imageSha256 }) =>
      (rows.get(imageSha256)?.sources ?? []).map(({ url, place, title }) => url ?? place ?? title),
    ),
  };
}

/** Each image's signed part of a step, averaged over the covered steps. A step without any signal is not covered. */
function netsOf(
  weights: readonly GroupWeight[],
  imageOf: ReadonlyMap<string, string>,
): { nets: Map<string, number>; stepsCovered: number } {
  const nets = new Map<string, number>();
  let stepsCovered = 0;
  for (const groups of groupedBy(weights, ({ step }) => step).values()) {
    const total = groups.reduce((sum, { weight }) => sum + Math.abs(weight), 0);
    if (total === 0) continue;
    stepsCovered++;
    for (const { sampleId, weight } of groups) {
      const image = imageOf.get(sampleId);
      if (image !== undefined) nets.set(image, (nets.get(image) ?? 0) + weight / total);
    }
  }
  for (const [image, sum] of nets) nets.set(image, sum / stepsCovered);
  return { nets, stepsCovered };
}

function seenOf(
  draws: readonly GroupDraw[],
): Pick<ContributionImage, 'timesSeen' | 'tokens' | 'rewardFirst' | 'rewardLast' | 'stepFirst' | 'stepLast'> {
  const ordered = [...draws].sort((a, b) => a.step - b.step);
  const [first] = ordered;
  const last = ordered.at(-1);
  return {
    timesSeen: draws.length,
    tokens: draws.reduce((sum, { tokens }) => sum + tokens, 0),
    rewardFirst: first?.reward ?? null,
    rewardLast: last?.reward ?? null,
    stepFirst: first?.step ?? null,
    stepLast: last?.step ?? null,
  };
}

function sumBy(
  images: readonly ContributionImage[],
  keysOf: (image: ContributionImage) => readonly string[],
): ContributionSum[] {
  const sums = new Map<string | null, ContributionSum>();
  for (const image of images) {
    const own = [...new Set(keysOf(image))];
    const keys: readonly (string | null)[] = own.length === 0 ? [null] : own;
    for (const key of keys) {
      const sum = sums.get(key) ?? { key, images: 0, timesSeen: 0, tokens: 0, share: 0, net: 0 };
      sum.images++;
      sum.timesSeen += image.timesSeen / keys.length;
      sum.tokens += image.tokens / keys.length;
      sum.share += image.share / keys.length;
      sum.net += image.net / keys.length;
      sums.set(key, sum);
    }
  }
  return [...sums.values()].sort((a, b) => b.share - a.share || compareCodePoints(a.key ?? '', b.key ?? ''));
}

function groupedBy<T, K>(items: readonly T[], keyOf: (item: T) => K | undefined): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
