/** @file A folder of this machine, listed so that a path can be chosen instead of typed. */
import { z } from 'zod';

export const FolderRequest = z.object({
  /** Absolute, or as a person types it: with `~`, quotes or `file://`. Absent = the home folder. */
  path: z.string().min(1).max(4096).optional(),
  /** Which files to list beside the folders: tables and archives that can be imported, programs, or none. */
  files: z.enum(['none', 'tables', 'code']).default('none'),
});
export type FolderRequest = z.infer<typeof FolderRequest>;
export type FolderRequestInput = z.input<typeof FolderRequest>;

export const FolderListing = z.object({
  path: z.string(),
  /** Null where you cannot go further up. */
  parent: z.string().nullable(),
  /** The home folder and the disks that are connected. */
  places: z.array(z.object({ kind: z.enum(['home', 'disks']), path: z.string() })),
  /** Folders first, each kind by name. Hidden ones are left out. */
  entries: z.array(z.object({ name: z.string(), path: z.string(), kind: z.enum(['folder', 'file']) })),
  /** How many pictures lie directly in the folder. */
  pictures: z.int().nonnegative(),
  /** Entries beyond the most that a listing holds. */
  leftOut: z.int().nonnegative(),
});
export type FolderListing = z.infer<typeof FolderListing>;
