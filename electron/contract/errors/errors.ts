/**
 * @file The errors a user can encounter. Each has a code and a sentence, and says where the problem is (file, row or
 * field) and what to do about it. Anything else that is thrown is a bug.
 */
import { z } from 'zod';

export const ErrorCode = z.enum([
  'BAD_INPUT', // a value, file or row that cannot be used; nothing was changed
  'NOT_FOUND', // a run, dataset, model or file that does not exist
  'CONFLICT', // not possible in the current state: second start, name taken, store busy
  'ENGINE_LOST', // the engine process ended and the run could not continue by itself; it is interrupted and resumable
  'ENGINE_UNAVAILABLE', // TensorFlow could not be loaded
  'OUT_OF_MEMORY', // the engine could not allocate the memory for a step; the run can be resumed
  'DISK_FULL',
  'HUB_UNAVAILABLE', // the hub could not be reached, or its answer cannot be used; nothing was changed
  'CLUSTER_UNAVAILABLE', // the cluster could not be reached, or its answer cannot be used; a job there goes on by itself
  'VERIFICATION_FAILED',
  'CANCELLED',
  'INTERNAL',
]);
export type ErrorCode = z.infer<typeof ErrorCode>;

export const ErrorPlace = z.object({
  file: z.string().optional(),
  row: z.int().optional(),
  field: z.string().optional(),
});
export type ErrorPlace = z.infer<typeof ErrorPlace>;

/** An expected failure. `message` is a full sentence; `remedy` says what to do next. */
export class AtelierError extends Error {
  override readonly name = 'AtelierError';
  readonly code: ErrorCode;
  readonly place: ErrorPlace;
  readonly remedy: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { place?: ErrorPlace; remedy?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.place = options.place ?? {};
    this.remedy = options.remedy;
  }
}

/** The command line's exit status for each code (documented in docs/cli.md). */
export const EXIT_STATUS: Record<ErrorCode, number> = {
  INTERNAL: 1,
  BAD_INPUT: 2,
  NOT_FOUND: 3,
  CONFLICT: 4,
  ENGINE_LOST: 5,
  ENGINE_UNAVAILABLE: 6,
  DISK_FULL: 7,
  VERIFICATION_FAILED: 8,
  OUT_OF_MEMORY: 10,
  HUB_UNAVAILABLE: 11,
  CLUSTER_UNAVAILABLE: 12,
  CANCELLED: 130,
};

/** What an error carries across a boundary besides its code and sentence. */
export const ErrorData = z.object({ place: ErrorPlace, remedy: z.string().optional() });
export type ErrorData = z.infer<typeof ErrorData>;
