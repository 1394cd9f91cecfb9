/** @file Writes the measurements of a run for other tools: a table, an event file for TensorBoard, or a folder for Trackio. */
import { stringify } from 'csv-stringify/sync';
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AtelierError } from '../../../contract/errors/errors.ts';
import type { MetricsFile, MetricsFileRequest } from '../../../contract/model/run-files.ts';
import type { RunSummary } from '../../../contract/model/runs.ts';
import { writeAside } from '../../../formats/files.ts';
import { EVENT_FILE_MARK, eventFile } from '../../../formats/tensorboard-events.ts';
import type { Store } from '../../../store/connection/open.ts';
import { makeOutputFolder } from '../../output-folder.ts';
import { namedMetrics, valuesOf, type NamedMetrics } from './named-metrics.ts';
import { writeTrackioFolder } from './trackio-folder.ts';

/**
 * Writes every recorded step; none is left out.
 * @throws AtelierError NOT_FOUND for an unknown run; CONFLICT if it has no step yet or the file exists; DISK_FULL
 */
export async function writeMetricsFile(
  { runs }: Pick<Store, 'runs'>,
  { runId, format, path: given }: MetricsFileRequest,
): Promise<MetricsFile> {
  const { summary, recipe } = await runs.get(runId);
  const steps = await runs.steps(runId, Number.MAX_SAFE_INTEGER);
  const metrics = namedMetrics(steps, await runs.heldOut(runId));
  if (metrics.length === 0) {
    throw new AtelierError('CONFLICT', `${summary.name} has recorded no step yet, so there is nothing to write.`, {
      remedy: 'Wait for its first step.',
    });
  }
  const sizes = { steps: steps.length, metrics: columnsOf(metrics).length };
  if (format === 'trackio') return { ...(await writeTrackioFolder({ summary, recipe, metrics }, given)), ...sizes };
  const path = format === 'csv' ? resolve(given) : join(resolve(given), eventFileName(summary));
  if ((await stat(path).catch(() => null)) !== null) {
    throw new AtelierError('CONFLICT', `${path} exists already. Nothing was written.`, {
      place: { file: path },
      remedy: 'Choose another name, or move the file away.',
    });
  }
  const bytes = format === 'csv' ? table(metrics) : events(summary, metrics);
  await makeOutputFolder(dirname(path));
  await writeAside(path, (write) => write(bytes));
  return { path, sizeBytes: bytes.length, ...sizes };
}

interface Column {
  name: string;
  of: (metrics: NamedMetrics) => number | undefined;
}

/** Every quantity that any step has, in the order of the first step that has it. */
function columnsOf(metrics: readonly NamedMetrics[]): Column[] {
  const train = new Set(metrics.flatMap((each) => [...each.train.keys()]));
  const heldOut = new Set(metrics.flatMap((each) => [...each.heldOut.keys()]));
  return [
    ...[...train].map((name) => ({ name, of: (each: NamedMetrics) => each.train.get(name) })),
    ...[...heldOut].map((name) => ({ name: `eval/${name}`, of: (each: NamedMetrics) => each.heldOut.get(name) })),
  ];
}

/** A row for each step; a quantity that the step does not have is an empty cell. */
function table(metrics: readonly NamedMetrics[]): Buffer {
  const columns = columnsOf(metrics);
  // A name can come from a person's own reward, and a spreadsheet runs what begins with "=".
  const header = stringify([['step', ...columns.map(({ name }) => name)]], { escape_formulas: true });
  return Buffer.from(
    header + stringify(metrics.map((each) => [each.step, ...columns.map(({ of }) => of(each) ?? '')])),
  );
}

/** TensorBoard takes the time of an event from the file; pauses between the steps are not in it. */
function events(run: RunSummary, metrics: readonly NamedMetrics[]): Buffer {
  const startSeconds = secondsAt(run.startedAt ?? run.createdAt);
  return eventFile(
    startSeconds,
    metrics.map(({ step, train, heldOut, trainedSeconds }) => ({
      wallTimeSeconds: startSeconds + trainedSeconds,
      step,
      values: valuesOf({ train, heldOut }),
    })),
  );
}

/** The same for the same run, so that a second file is noticed instead of drawn over the first. */
function eventFileName(run: RunSummary): string {
  return `events.out.${EVENT_FILE_MARK}.${Math.floor(secondsAt(run.createdAt))}.${run.id}`;
}

function secondsAt(timestamp: string): number {
  return Date.parse(timestamp) / 1000;
}
