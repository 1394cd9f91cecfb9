/**
 * @file Models from a hub: what one would cost before anything is fetched, and where a model came from. Together
 * with the Ray door (studio/handoff/ray) this is all that opens a connection, and only when a person asks for a model.
 */
import { z } from 'zod';
import { LicenceEvidence } from './licence-evidence.ts';
import { ModelId, Timestamp } from './primitives.ts';

/** `OWNER/NAME`, as on the model's page. Dots and dashes never stand twice in a row, so a name is never a path. */
export const HubName = z
  .string()
  .trim()
  .max(200)
  .regex(/^\w[\w.-]*\/\w[\w.-]*$/, 'a model on the hub is named OWNER/NAME')
  .refine((name) => !/\.\.|--/.test(name), 'a model on the hub is named OWNER/NAME');

/** A branch, a tag or a commit. */
export const HubRevision = z
  .string()
  .trim()
  .max(200)
  .regex(/^\w[\w./-]*$/, 'a revision is a branch, a tag or a commit')
  .refine((revision) => !revision.includes('..'), 'a revision is a branch, a tag or a commit');

/** The exact version of a model: the commit that its files belong to. */
export const HubCommit = z.string().regex(/^[0-9a-f]{40}$/);

export const HubOfferRequest = z.object({
  name: HubName,
  /** Absent = the newest version. */
  revision: HubRevision.optional(),
});
export type HubOfferRequest = z.infer<typeof HubOfferRequest>;

/** What a model on the hub is and needs. Nothing of it is kept yet. */
export const HubOffer = z.object({
  name: HubName,
  revision: HubCommit,
  endpoint: z.string(),
  family: z.string(),
  /** As it will count in the ledger; null = unknown. */
  licence: z.string().nullable(),
  licenceEvidence: z.array(LicenceEvidence),
  /** Whether its owner asks people to accept terms first. */
  gated: z.boolean(),
  files: z.array(z.object({ name: z.string(), sizeBytes: z.int().nonnegative() })),
  sizeBytes: z.int().nonnegative(),
  /** What has arrived already, from a download that was stopped. */
  hereBytes: z.int().nonnegative(),
  /** Free on the disk that the model goes to. */
  freeBytes: z.number().nonnegative(),
  /** Where the model will be. */
  folder: z.string(),
  /** The model, if this version of it was added already. */
  modelId: ModelId.nullable(),
});
export type HubOffer = z.infer<typeof HubOffer>;

/** Fetches the version that an offer named. */
export const HubDownloadRequest = z.object({ name: HubName, revision: HubCommit });
export type HubDownloadRequest = z.infer<typeof HubDownloadRequest>;

/** Where a downloaded model came from. */
export const HubOrigin = z.object({
  name: HubName,
  revision: HubCommit,
  endpoint: z.string(),
  downloadedAt: Timestamp,
  /** SHA-256 of the model's card as it was published; null = it has none. */
  cardSha256: z.string().nullable(),
});
export type HubOrigin = z.infer<typeof HubOrigin>;
