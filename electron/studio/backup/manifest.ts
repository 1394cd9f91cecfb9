/** @file The manifest of a backup: every file in it with its size and SHA-256. It is the archive's last entry. */
import { z } from 'zod';
import { BackupProblem } from '../../contract/model/backup.ts';

export const MANIFEST_FILE = 'backup.json';

/** The only paths that a backup may contain, relative to the data folder. */
const CONTENT = /^(atelier\.sqlite|preferences\.json|blobs\/[0-9a-f]{2}\/[0-9a-f]{62}|(runs|keys)(\/[^/\\:\0]+)+)$/;

export function isBackupPath(path: string): boolean {
  return CONTENT.test(path) && !path.split('/').some((part) => part === '.' || part === '..');
}

export const Manifest = z.object({
  format: z.literal('atelier-backup'),
  version: z.literal(1),
  createdAt: z.string(),
  /** The version of Atelier that made the backup, and of the store in it. */
  atelier: z.string(),
  storeVersion: z.int().positive(),
  /** The data folder that was backed up: the store names checkpoints by their full paths. */
  home: z.string().min(1),
  /** Where Atelier kept the models that ship with it. */
  resources: z.string().min(1),
  signingKey: z.boolean(),
  files: z.array(
    z.object({
      path: z.string().refine(isBackupPath),
      sizeBytes: z.int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
  problems: z.array(BackupProblem),
  modelsElsewhere: z.array(z.object({ name: z.string(), path: z.string() })),
});
export type Manifest = z.infer<typeof Manifest>;
