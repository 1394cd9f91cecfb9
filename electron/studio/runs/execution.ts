/** @file What those who work on a run share. */
import type { Progress, RunId } from '../../contract/model/primitives.ts';
import type { StudioCore } from '../context.ts';
import type { EvaluationParts } from '../evaluations/evaluate.ts';
import type { StopReason } from '../queue/stop-reason.ts';

/** The parts needed to train a run. */
export type RunParts = EvaluationParts & Pick<StudioCore, 'log'>;

export interface Execution {
  parts: RunParts;
  runId: RunId;
  /** Fires with a `StopReason` when the run must end. If the engine is training, it writes a checkpoint first. */
  signal: AbortSignal;
  /** Ends only this run. */
  stop: (reason: StopReason) => void;
  setProgress: (progress: Progress | null) => void;
  /** Called after every stored change. */
  changed: () => void;
  /** Stores the end of the run, or defers it if the disk is full. */
  recordEnd: (write: () => Promise<unknown>) => Promise<void>;
}
