/** @file Hand-offs: a run, or an experiment with all its runs, as a job folder for another machine to train. */
import { z } from 'zod';
import { EvaluationRequest } from './evaluations.ts';
import { ExperimentRequest } from './experiments.ts';
import { LedgerPurposeVerdict } from './ledger.ts';
import { ExperimentId, HandoffId, RunId, Sha256, Timestamp } from './primitives.ts';
import { RunRequest } from './runs.ts';

/** How the other machine starts jobs. `shell` is in every folder; the others add their own file. */
export const Launcher = z.enum(['shell', 'ray', 'slurm', 'skypilot']);
export type Launcher = z.infer<typeof Launcher>;

/**
 * What to hand off: a run, whose recipe is used as it is; a request as for `runs.start`; an experiment, of which the runs
 * that have not been started are handed off; or a request as for `experiments.start`.
 */
export const HandoffRequest = z
  .object({
    runId: RunId.optional(),
    recipe: RunRequest.optional(),
    experimentId: ExperimentId.optional(),
    experiment: ExperimentRequest.optional(),
    /** Folder to create; it must not exist yet. */
    destination: z.string().min(1),
    launcher: Launcher.default('shell'),
    /** `reference`: the base model's name and hashes only; whoever runs the job has its files. */
    model: z.enum(['files', 'reference']).default('files'),
  })
  .refine(
    ({ runId, recipe, experimentId, experiment }) =>
      [runId, recipe, experimentId, experiment].filter((each) => each !== undefined).length === 1,
    { message: 'Give either a run, a recipe or an experiment.', path: ['runId'] },
  );
export type HandoffRequest = z.input<typeof HandoffRequest>;
/** A request as the contract has checked it. */
export type ParsedHandoffRequest = z.output<typeof HandoffRequest>;

export const Handoff = z.object({
  id: HandoffId,
  /** The name of the recipe or of the experiment. */
  name: z.string(),
  path: z.string(),
  launcher: Launcher,
  /** All runs together. */
  steps: z.int().positive(),
  /** Training samples in the folder, and the different images that they show. */
  samples: z.int().positive(),
  images: z.int().positive(),
  /** All files together. */
  sizeBytes: z.number().nonnegative(),
  /** Of the recipe; of the request, if it is an experiment. */
  recipeSha256: Sha256,
  /** The names of an experiment's runs, in the order of `children/`; empty for a single run. */
  children: z.array(z.string()).default([]),
  /** The experiment that was handed off; null for a single run. */
  experimentId: ExperimentId.nullable().default(null),
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

/** A run that was taken back. Nothing in it is measured here: the folder's files alone attest it. */
export const ReturnedRun = z.object({
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
export type ReturnedRun = z.infer<typeof ReturnedRun>;

/** The runs of an experiment that were taken back. The experiment evaluates them when it is resumed. */
export const ReturnedExperiment = z.object({
  handoffId: HandoffId,
  experimentId: ExperimentId,
  name: z.string(),
  /** Of those that have been started elsewhere. */
  runs: z.array(ReturnedRun),
  /** Runs that were handed off. */
  of: z.int().positive(),
  isComplete: z.boolean(),
});
export type ReturnedExperiment = z.infer<typeof ReturnedExperiment>;

/** What was taken back. */
export const Handback = z.union([ReturnedRun, ReturnedExperiment]);
export type Handback = z.infer<typeof Handback>;

/** Sends a job folder to a Ray cluster, or follows one that is there. */
export const ClusterRequest = z.object({
  /** The job folder, written with the launcher `ray`. */
  path: z.string().min(1),
  /** Of the cluster's dashboard, such as http://127.0.0.1:8265. */
  address: z.string().min(1).max(500),
  /** A folder that every node of the cluster can write. */
  storage: z.string().min(1).max(1000),
  workers: z.int().min(1).max(10_000).default(1),
  gpus: z.boolean().default(false),
  /** Further options of `train.py`. */
  options: z.array(z.string().max(1000)).max(50).default([]),
  /** Whether the evaluations of what comes back are queued. */
  evaluate: z.boolean().default(true),
});
export type ClusterRequest = z.input<typeof ClusterRequest>;
export type ParsedClusterRequest = z.output<typeof ClusterRequest>;

/** What happens to a job on a cluster. `done` comes once, last. */
export const ClusterEvent = z.discriminatedUnion('type', [
  /** What the person should know before the folder is sent. */
  z.object({ type: z.literal('warning'), message: z.string() }),
  z.object({ type: z.literal('submitted'), submissionId: z.string() }),
  /** It was there already, and is followed. */
  z.object({ type: z.literal('found'), submissionId: z.string() }),
  /** What the job printed since the last one. */
  z.object({ type: z.literal('log'), text: z.string() }),
  z.object({ type: z.literal('returned'), handback: Handback }),
  z.object({
    type: z.literal('done'),
    status: z.enum(['succeeded', 'failed', 'stopped']),
    message: z.string().nullable(),
  }),
]);
export type ClusterEvent = z.infer<typeof ClusterEvent>;

const ELSEWHERE = 'elsewhere ';

/** How a run names the device of a job. The words come from the job's own files, which alone attest them. */
export function elsewhereDevice(handoffId: HandoffId, said: string): string {
  return `${ELSEWHERE}(${handoffId}): ${said}`;
}

/** Whether a run's device is one of `elsewhereDevice`. */
export function isElsewhere(device: string | null): boolean {
  return device?.startsWith(ELSEWHERE) === true;
}
