/** @file One statement about the licence of a model's weights. */
import { z } from 'zod';

export const LicenceEvidence = z.object({
  /** Where it stands, such as `README.md, license`. */
  place: z.string(),
  /** Its words, cut after 200 characters. */
  words: z.string(),
  /** The SPDX expression they mean; null = not understood. */
  licence: z.string().nullable(),
});
export type LicenceEvidence = z.infer<typeof LicenceEvidence>;
