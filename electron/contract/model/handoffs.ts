/** @file Hand-offs: a run as a job folder, for another machine to train. */
import { z } from 'zod';
import { EvaluationRequest } from './evaluations.ts';
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

/** The folder of a hand-off, or a copy of its `manifest.json` and `results/`. */
export const HandbackRequest = z.object({
  path: z.string().min(1),
  /** Whether the evaluations of what came back are queued; otherwise they are left to the caller. */
  evaluate: z.boolean().default(true),
});
export type HandbackRequest = z.input<typeof HandbackRequest>;

/** What was taken back. Nothing in it is measured here: the folder's files alone attest it. */
export const Handback = z.object({
  handoffId: HandoffId,
  runId: RunId,
  name: z.string(),
  /** Steps that were known before, that are known now, and that the recipe asks for. */
  stepBefore: z.int().nonnegative(),
  step: z.int().nonnegative(),
  steps: z.int().positive(),
  /** Steps of the checkpoints that came with it. */
  checkpoints: z.array(z.int().positive()),
  isComplete: z.boolean(),
  /** What is to be evaluated here: the newest adapter, and the base model if that was never done. Empty without a new adapter. */
  evaluations: z.array(EvaluationRequest),
});
export type Handback = z.infer<typeof Handback>;

const ELSEWHERE = 'elsewhere ';

/** How a run names the device of a job. The words come from the job's own files, which alone attest them. */
export function elsewhereDevice(handoffId: HandoffId, said: string): string {
  return `${ELSEWHERE}(${handoffId}): ${said}`;
}

/** Whether a run's device is one of `elsewhereDevice`. */
export function isElsewhere(device: string | null): boolean {
  return device?.startsWith(ELSEWHERE) === true;
}
