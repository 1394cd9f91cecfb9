/**
 * @file The manifest: one line per image of the dataset, stating what it is, whose it is and what it was used for.
 * The images themselves are not shared; their hashes let anyone who has them confirm that they are the same ones.
 */
import { z } from 'zod';
import { Override, Sha256, Signal, SignalVerdict, Source, Split, Task } from '../../contract/api/index.ts';
import type { Sample } from '../../contract/api/index.ts';
import { compareCodePoints, stableJsonLines } from '../signing/canonical-json.ts';
import type { ImageLicenceGroup } from '../ledger/ledger.ts';
import { answerGiverOf, answerOriginOf } from '../../method/answer-origin.ts';
import { NOT_STATED } from '../../contract/model/stated-licence.ts';

export const ImageUse = z.enum(['training', 'evaluation', 'training-and-evaluation', 'not-used']);
export type ImageUse = z.infer<typeof ImageUse>;

/** Who gave an answer: a person, or a model whose proposal a person confirmed or replaced. */
export const AnswerGiven = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('person') }),
  z.strictObject({
    by: z.literal('model'),
    confirmed: z.boolean(),
    model: z.string(),
    modelSha256: Sha256,
    runId: z.string().nullable(),
    step: z.int().nullable(),
  }),
]);
export type AnswerGiven = z.infer<typeof AnswerGiven>;

export const ManifestRow = z.strictObject({
  imageSha256: Sha256,
  names: z.array(z.string()).min(1),
  width: z.int().positive(),
  height: z.int().positive(),
  samples: z
    .array(
      z.strictObject({
        id: z.string(),
        split: Split,
        task: Task,
        /** How often training drew it; null if that was not recorded. */
        timesSeen: z.int().nonnegative().nullable(),
        /** Who gave its answer; absent if that was not recorded. */
        answer: AnswerGiven.optional(),
      }),
    )
    .min(1),
  use: ImageUse,
  why: z.string(),
  /** SPDX expression covering everything in the image; null = unknown. */
  licence: z.string().nullable(),
  authors: z.array(z.string()),
  sources: z.array(Source),
  /** What the image says about its own use, verbatim; absent in bundles from versions that did not look. */
  signals: z.array(Signal).optional(),
  /** The combined verdict of the signals: opted-out images are left out unless someone decided otherwise. */
  verdict: SignalVerdict.optional(),
  override: Override.nullable().optional(),
});
export type ManifestRow = z.infer<typeof ManifestRow>;

export interface ManifestInput {
  samples: readonly Sample[];
  /** Draws per sample id during training; null if the method records none (then the whole train split counts). */
  timesSeen: ReadonlyMap<string, number> | null;
  /** Samples used by an evaluation in the bundle. */
  evaluatedSampleIds: ReadonlySet<string>;
}

/** Builds the rows, sorted by image hash; the same facts give the same bytes. */
export function buildManifest(input: ManifestInput): ManifestRow[] {
  const byImage = new Map<string, Sample[]>();
  for (const sample of input.samples) {
    const group = byImage.get(sample.imageSha256);
    if (group === undefined) byImage.set(sample.imageSha256, [sample]);
    else group.push(sample);
  }
  return [...byImage.entries()]
    .sort(([a], [b]) => compareCodePoints(a, b))
    .map(([imageSha256, samples]) => rowFor(imageSha256, samples, input));
}

/** The manifest as JSON Lines. */
export function manifestText(rows: readonly ManifestRow[]): string {
  return stableJsonLines(rows);
}

/** True for an image that training used. */
export function isTrained(row: Pick<ManifestRow, 'use'>): boolean {
  return row.use === 'training' || row.use === 'training-and-evaluation';
}

/** True if an opt-out stands: only the owner can lift it, as the image's maker or by giving permission. */
export function optOutStands({ verdict, override }: Pick<ManifestRow, 'verdict' | 'override'>): boolean {
  return verdict === 'opted-out' && override?.basis !== 'own-work' && override?.basis !== 'permission';
}

/**
 * Everything that must be met for an image: its own licence, and that of every work it was made from. A CC0 picture of
 * a non-commercial work is not free for commerce.
 */
export function licenceWithSources({ licence, sources }: Pick<ManifestRow, 'licence' | 'sources'>): string | null {
  const all = [licence, ...sources.map((source) => source.licence)];
  const stated = unique(all.filter((one) => one !== null));
  if (stated.length === 0) return null;
  // A part that is not known makes the whole unknown, but what is known still binds.
  const parts = all.includes(null) ? [...stated, NOT_STATED] : stated;
  const [only] = parts;
  return parts.length === 1
    ? (only ?? null)
    : parts.map((part) => (part.includes(' ') ? `(${part})` : part)).join(' AND ');
}

/** The images the ledger must judge: those that training used, grouped by licence and opt-out, named by their hash. */
export function trainedImageLicences(rows: readonly ManifestRow[]): ImageLicenceGroup[] {
  const groups = new Map<string, { expression: string | null; imageIds: string[]; optedOut: boolean }>();
  for (const row of rows) {
    if (!isTrained(row)) continue;
    const optedOut = optOutStands(row);
    const expression = licenceWithSources(row);
    const key = JSON.stringify([expression, optedOut]);
    const group = groups.get(key) ?? { expression, imageIds: [], optedOut };
    group.imageIds.push(row.imageSha256);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ optedOut, ...group }) => (optedOut ? { ...group, optedOut } : group));
}

function rowFor(imageSha256: string, samples: readonly Sample[], input: ManifestInput): ManifestRow {
  const sorted = [...samples].sort((a, b) => compareCodePoints(a.id, b.id));
  const [first] = sorted;
  if (first === undefined) throw new Error('A manifest row needs a sample.');
  const entries = sorted.map((sample) => {
    const { id, split, task } = sample;
    const answer = answerGiven(sample);
    return {
      id,
      split,
      task,
      timesSeen: input.timesSeen === null ? null : (input.timesSeen.get(id) ?? 0),
      ...(answer === undefined ? {} : { answer }),
    };
  });
  // Even if draws were not counted, images that the run left out do not count as trained on.
  const offered = first.excluded === null;
  const trained = entries.some(
    ({ split, timesSeen }) => split === 'train' && (timesSeen === null ? offered : timesSeen !== 0),
  );
  const evaluated = entries.some(({ id }) => input.evaluatedSampleIds.has(id));
  return {
    imageSha256,
    names: unique(sorted.map((sample) => sample.imageName)),
    width: first.width,
    height: first.height,
    samples: entries,
    ...useOf(
      first,
      trained,
      evaluated,
      entries.some(({ split }) => split === 'train'),
      input.timesSeen !== null,
    ),
    licence: joinLicences(sorted.map((sample) => sample.licence)),
    authors: unique(sorted.flatMap((sample) => sample.authors)),
    sources: uniqueBy(sorted.flatMap((sample) => sample.sources)),
    signals: first.signals,
    verdict: first.verdict,
    override: first.override,
  };
}

/** Without the answer's text, as the manifest holds no questions and answers. */
function answerGiven(sample: Sample): AnswerGiven | undefined {
  const origin = answerOriginOf(sample);
  if (origin === null) return undefined;
  if (origin.by === 'person') return { by: 'person' };
  const { model, modelSha256, runId, step } = origin;
  return { by: 'model', confirmed: answerGiverOf(sample) === 'confirmed', model, modelSha256, runId, step };
}

/**
 * How many answers a model proposed, in a sentence; null if none is recorded. A person confirmed or replaced each.
 */
export function proposedAnswersText(rows: readonly ManifestRow[]): string | null {
  const answers = rows.flatMap(({ samples }) => samples.map(({ answer }) => answer));
  const proposed = answers.flatMap((answer) => (answer?.by === 'model' ? [answer] : []));
  if (proposed.length === 0) return null;
  const confirmed = proposed.filter((answer) => answer.confirmed).length;
  const who = unique(
    proposed.map(
      ({ model, modelSha256, runId, step }) =>
        `${model} (sha256 ${modelSha256}${runId === null ? '' : `, run ${runId}, step ${step ?? 0}`})`,
    ),
  );
  return (
    `A model proposed ${proposed.length} of the ${answers.length} answers. A person confirmed ${confirmed} of them as they were ` +
    `and replaced ${proposed.length - confirmed}. Proposed by: ${who.join('; ')}.`
  );
}

function useOf(
  { excluded, override, verdict }: Pick<Sample, 'excluded' | 'override' | 'verdict'>,
  trained: boolean,
  evaluated: boolean,
  inTrain: boolean,
  counted: boolean,
): { use: ImageUse; why: string } {
  const drawn = counted ? 'drawn in training' : 'in the training split; draws were not counted, so it counts as used';
  const despite =
    verdict === 'opted-out' ? 'despite its opt-out' : 'by decision, though it says nothing about training';
  const decided = override === null ? '' : `; used ${despite} (${override.basis}): ${override.reason}`;
  if (trained && evaluated)
    return { use: 'training-and-evaluation', why: `${drawn}, and asked about in an evaluation${decided}` };
  if (trained) return { use: 'training', why: `${drawn}${decided}` };
  if (evaluated)
    return { use: 'evaluation', why: `held out: asked about in an evaluation, never trained on${decided}` };
  if (excluded !== null) return { use: 'not-used', why: `left out: ${excluded.reason}` };
  return { use: 'not-used', why: inTrain ? 'in the training split, but never drawn' : 'held out, and not asked about' };
}

/** Several statements about one image must all be met; if one is unknown, the whole is unknown. */
function joinLicences(licences: readonly (string | null)[]): string | null {
  const stated = unique(licences.filter((licence) => licence !== null));
  if (licences.includes(null) || stated.length === 0) return null;
  const [only] = stated;
  return stated.length === 1 ? (only ?? null) : stated.map((licence) => `(${licence})`).join(' AND ');
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].sort(compareCodePoints);
}

function uniqueBy(sources: readonly Source[]): Source[] {
  const byText = new Map(
    sources.map(({ title, author, licence, url, ...credit }) => {
      const stated = Object.entries(credit).sort(([a], [b]) => compareCodePoints(a, b));
      const more = stated.length === 0 ? [] : [stated];
      return [JSON.stringify([title, author, licence, url, ...more]), { title, author, licence, url, ...credit }];
    }),
  );
  return [...byText.entries()].sort(([a], [b]) => compareCodePoints(a, b)).map(([, source]) => source);
}
