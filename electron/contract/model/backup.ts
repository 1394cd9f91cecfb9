/** @file Backups: one file with everything that a data folder keeps. */
import { z } from 'zod';

export const BackupRequest = z.object({
  /** The file to write; must not exist. */
  path: z.string().min(1),
  /** Whoever has a backup with the signing key can sign as you. */
  signingKey: z.boolean().default(false),
});
export type BackupRequest = z.infer<typeof BackupRequest>;

/** A file or folder that could not go into the backup, with a sentence that says why. */
export const BackupProblem = z.object({ path: z.string(), reason: z.string() });
export type BackupProblem = z.infer<typeof BackupProblem>;

export const BackupReport = z.object({
  path: z.string(),
  createdAt: z.string(),
  files: z.int().nonnegative(),
  sizeBytes: z.number().nonnegative(),
  signingKey: z.boolean(),
  /** What is damaged or missing in the data folder; everything else is in the backup. */
  problems: z.array(BackupProblem),
  /** Models whose folders are elsewhere: a backup holds what is in the data folder. */
  modelsElsewhere: z.array(z.object({ name: z.string(), path: z.string() })),
});
export type BackupReport = z.infer<typeof BackupReport>;
