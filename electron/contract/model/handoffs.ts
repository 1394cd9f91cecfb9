/** @file Hand-offs: a run as a job folder, for another machine to train. */
import { z } from 'zod';
import { LedgerPurposeVerdict } from './ledger.ts';
import { HandoffId, RunId, Sha256, Timestamp } from './primitives.ts';
import { RunRequest } from './runs.ts';

/** How the other machine starts jobs. `shell` is in every folder; the others add their own file. */
export const Launcher = z.enum(['shell', 'ray', 'slurm', 'skypilot']);
export type Launcher = z.infer<typeof Launcher>;

/** Either a run, whose recipe is used as it is, or a request as for `runs.start`. */
export const HandoffRequest = z
  .object({
    runId: RunId.optional(),
    recipe: RunRequest.optional(),
    /** Folder to create; it must not exist yet. */
    destination: z.string().min(1),
    launcher: Launcher.default('shell'),
    /** `reference`: the base model's name and hashes only; whoever runs the job has its files. */
    model: z.enum(['files', 'reference']).default('files'),
  })
  .refine(({ runId, recipe }) => (runId === undefined) !== (recipe === undefined), {
    message: 'Give either a run or a recipe.',
    path: ['runId'],
  });
export type HandoffRequest = z.input<typeof HandoffRequest>;
/** A request as the contract has checked it. */
export type ParsedHandoffRequest = z.output<typeof HandoffRequest>;

export const Handoff = z.object({
  id: HandoffId,
  /** The recipe's name. */
  name: z.string(),
  path: z.string(),
  launcher: Launcher,
  steps: z.int().positive(),
  /** Training samples in the folder, and the different images that they show. */
  samples: z.int().positive(),
  images: z.int().positive(),
  /** All files together. */
  sizeBytes: z.number().nonnegative(),
  recipeSha256: Sha256,
  /** Hash of `manifest.json`, which names the hash of every other file. */
  manifestSha256: Sha256,
  /** The ledger's verdicts when the folder was made. */
  ledger: z.array(LedgerPurposeVerdict.pick({ purpose: true, verdict: true, sentence: true })),
  /** What is different elsewhere, in sentences. */
  notes: z.array(z.string()),
  createdAt: Timestamp,
});
export type Handoff = z.infer<typeof Handoff>;
