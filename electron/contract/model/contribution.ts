/** @file Contribution: which image taught the model. An estimate with its method, never a price. */
import { z } from 'zod';
import { RunId, SampleId, Sha256, Timestamp } from './primitives.ts';

/**
 * How shares were found. `exact`: the run was replayed, each group's gradient projected on the step's update.
 * `measured`: while training, by how much each group's own objective changed under the update (first order).
 * `advantages`: from the stored completions alone, the size of the signal that each group sent.
 * `draws`: how often it was drawn; all that a supervised run records.
 */
export const ContributionMethod = z.enum(['exact', 'measured', 'advantages', 'draws']);
export type ContributionMethod = z.infer<typeof ContributionMethod>;

export const ContributionShare = z.object({
  /** Share of the update, 0..1; all images of a run add up to 1. */
  share: z.number(),
  /** The same with its sign: below 0, the updates went against what this asked for (its share is then 0). */
  net: z.number(),
});

export const ContributionImage = ContributionShare.extend({
  imageSha256: Sha256,
  sampleIds: z.array(SampleId).min(1),
  name: z.string(),
  authors: z.array(z.string()),
  licence: z.string().nullable(),
  /** Groups (or supervised samples) that training drew from it. */
  timesSeen: z.int().nonnegative(),
  /** Completion tokens that were learnt from. */
  tokens: z.int().nonnegative(),
  /** Mean total reward of its group when it was first and last drawn; null where the method has no rewards. */
  rewardFirst: z.number().nullable(),
  rewardLast: z.number().nullable(),
  stepFirst: z.int().nullable(),
  stepLast: z.int().nullable(),
});
export type ContributionImage = z.infer<typeof ContributionImage>;

/** A sum over images that share an author, a licence or a source; an image of several is split evenly between them. */
export const ContributionSum = ContributionShare.extend({
  /** Null = not known. */
  key: z.string().nullable(),
  images: z.int(),
  timesSeen: z.number(),
  tokens: z.number(),
});
export type ContributionSum = z.infer<typeof ContributionSum>;

export const Contribution = z.object({
  version: z.literal(1),
  runId: RunId,
  /** The last step that counts: that of the run's last checkpoint, or of the run so far. */
  step: z.int(),
  method: ContributionMethod,
  /** What the method does and does not say, in plain words; goes wherever the numbers go. */
  methodText: z.string(),
  /** Steps that carry a share. A step whose groups all sent nothing carries none. */
  stepsCovered: z.int(),
  /** For `exact`: whether the replay gave the logged losses bit for bit; null for other methods. */
  reproduced: z.boolean().nullable(),
  images: z.array(ContributionImage),
  byAuthor: z.array(ContributionSum),
  byLicence: z.array(ContributionSum),
  bySource: z.array(ContributionSum),
});
export type Contribution = z.infer<typeof Contribution>;

/** A page of the report; sums are always whole. */
export const ContributionReport = Contribution.extend({
  imagesTotal: z.int(),
  /** Methods for which the store has figures, best first. */
  available: z.array(ContributionMethod),
});
export type ContributionReport = z.infer<typeof ContributionReport>;

export const ContributionRequest = z.object({
  runId: RunId,
  /** Absent = the best that is there. */
  method: ContributionMethod.optional(),
  offset: z.int().min(0).default(0),
  limit: z.int().min(1).max(500).default(100),
  sort: z.enum(['share', 'seen', 'reward-gain']).default('share'),
});
export type ContributionRequest = z.input<typeof ContributionRequest>;

/** Progress of an exact replay. */
export const ReplayEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), step: z.int(), steps: z.int(), secondsLeft: z.number().nullable() }),
  z.object({
    type: z.literal('done'),
    steps: z.int(),
    /** False when a step gave another loss than the log: another machine, or another version. */
    reproduced: z.boolean(),
    /** The first step that differed, with both losses. */
    firstDifference: z.object({ step: z.int(), logged: z.number(), replayed: z.number() }).nullable(),
    finishedAt: Timestamp,
  }),
]);
export type ReplayEvent = z.infer<typeof ReplayEvent>;
