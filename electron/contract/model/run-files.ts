/** @file The measurements of a run as a file that other tools read. */
import { z } from 'zod';
import { RunId } from './primitives.ts';

/**
 * `csv`: a table for spreadsheets and pandas. `tensorboard`: a folder that holds an event file. `trackio`: a new folder with the
 * steps and a program that logs them to Trackio.
 */
export const MetricsFormat = z.enum(['csv', 'tensorboard', 'trackio']);
export type MetricsFormat = z.infer<typeof MetricsFormat>;

/** `path`: of the file for `csv`, of the folder for the others. */
export const MetricsFileRequest = z.object({ runId: RunId, format: MetricsFormat, path: z.string().min(1) });
export type MetricsFileRequest = z.infer<typeof MetricsFileRequest>;

/** What was written; `path` is the file's own. */
export const MetricsFile = z.object({ path: z.string(), sizeBytes: z.int(), steps: z.int(), metrics: z.int() });
export type MetricsFile = z.infer<typeof MetricsFile>;
