/** @file A run or an experiment as one page to hand on. */
import { z } from 'zod';
import { ExperimentId, RunId } from './primitives.ts';

export const ReportSubject = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('run'), runId: RunId }),
  z.object({ kind: z.literal('experiment'), experimentId: ExperimentId }),
]);
export type ReportSubject = z.infer<typeof ReportSubject>;

/** A whole HTML page that needs nothing but itself, and a name for its file. */
export const ReportPage = z.object({ fileName: z.string(), html: z.string() });
export type ReportPage = z.infer<typeof ReportPage>;
