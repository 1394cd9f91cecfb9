/** @file Contribution: which images taught the model. An estimate stated with its method, never a price. */
import { z } from 'zod';
import { RunId, SampleId, Sha256, Timestamp } from './primitives.ts';

/**
 * How shares were computed. `exact`: by replaying the run and projecting each group's gradient onto the step's update.
 * `measured`: during training, by how much each group's own objective changed under the update (first order).
 * `advantages`: from the stored completions alone, as the size of the signal each group sent.
 * `draws`: how often it was drawn, which is all a supervised run records.
 */
export const ContributionMethod = z.enum(['exact', 'measured', 'advantages', 'draws']);
export type ContributionMethod = z.infer<typeof ContributionMethod>;

export const ContributionShare = z.object({
  /** Share of the update, 0..1; all images of a run add up to 1. */
  share: z.number(),
  /** The same, signed: below 0, the updates went against what it asked for (its share is then 0). */
  net: z.number(),
});

export const ContributionImage = ContributionShare.extend({
  imageSha256: Sha256,
  sampleIds: z.array(SampleId).min(1),
  name: z.string(),
  authors: z.array(z.string()),
  /** Its licence with those of the works in it, as the ledger counts it; null = unknown. */
  licence: z.string().nullable(),
  /** Groups (or supervised samples) that training drew from it. */
  timesSeen: z.int().nonnegative(),
  /** Completion tokens that training learned from. */
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
  /** The last step counted: that of the run's last checkpoint, or the latest step so far. */
  step: z.int(),
  method: ContributionMethod,
  /** What the method does and does not say, in plain words; shown wherever the numbers are. */
  methodText: z.string(),
  /** Steps that carry a share. A step in which no group sent a signal, or that moved no weight, carries none. */
  stepsCovered: z.int(),
  /** For `exact`: whether the replay reproduced the logged losses bit for bit; null for other methods. */
  reproduced: z.boolean().nullable(),
  /**
   * How well the cheaper methods order the images, compared with the exact replay: Spearman's ρ of the images' `net`,
   * null if one side is constant. Empty if there is no exact replay.
   */
  agreement: z.array(z.object({ method: ContributionMethod, spearman: z.number().nullable() })).default([]),
  images: z.array(ContributionImage),
  byAuthor: z.array(ContributionSum),
  byLicence: z.array(ContributionSum),
  bySource: z.array(ContributionSum),
});
export type Contribution = z.infer<typeof Contribution>;

/** A page of the report; sums always cover everything. */
export const ContributionReport = Contribution.extend({
  imagesTotal: z.int(),
  /** Methods for which the store has figures, best first. */
  available: z.array(ContributionMethod),
});
export type ContributionReport = z.infer<typeof ContributionReport>;

export const ContributionRequest = z.object({
  runId: RunId,
  /** Absent = the best available. */
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
    /** False if a step's loss differs from the log: another machine, or another version. */
    reproduced: z.boolean(),
    /** The first step that differed, with both losses. */
    firstDifference: z.object({ step: z.int(), logged: z.number(), replayed: z.number() }).nullable(),
    finishedAt: Timestamp,
  }),
]);
export type ReplayEvent = z.infer<typeof ReplayEvent>;
