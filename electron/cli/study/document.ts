/** @file The contents of study.json: what was run, on what, and all results. */
import { execFile } from 'node:child_process';
import { cpus, totalmem, type as systemType } from 'node:os';
import { promisify } from 'node:util';
import type { EvaluationSummary } from '../../contract/model/evaluations.ts';
import type { ExperimentDetail } from '../../contract/model/experiments.ts';
import type { StudioClient } from '../command.ts';
import type { Places } from '../../studio/places.ts';

export interface Probe {
  arm: string;
  evaluation: EvaluationSummary;
}

export interface StudyDocument {
  format: 'atelier-study/1';
  writtenAt: string;
  /** False if runs are still missing; the verdicts then cover only the finished ones. */
  complete: boolean;
  ran: {
    atelier: string;
    /** Commit of the source that ran; null outside a git checkout. */
    commit: string | null;
    machine: { system: string; processor: string; cores: number; memoryBytes: number; node: string };
    device: string | null;
    model: { name: string; sha256: string };
    startedAt: string | null;
    endedAt: string | null;
    /** Seconds of training in all runs together. */
    trainingSeconds: number;
    runs: number;
  };
  /** The plan written before the first run; absent in studies that began without one. `fault`: what was changed since. */
  plan?: { sha256: string; fault: string | null };
  experiment: Omit<ExperimentDetail, 'children'>;
  children: ExperimentDetail['children'];
  /** Direct answers, prompt sensitivity and hallucination; first task, first seed. */
  probes: Probe[];
}

export async function studyDocument(
  client: StudioClient,
  detail: ExperimentDetail,
  places: Pick<Places, 'root' | 'version'>,
): Promise<StudyDocument> {
  const { children, ...experiment } = detail;
  const { summary } = detail;
  const model = (await client.models.list()).find(({ id }) => id === summary.modelId);
  const probes: Probe[] = [];
  for (const cell of detail.cells) {
    if (cell.mode === 'reasoning') continue;
    for (const { evaluationId } of cell.seeds) {
      probes.push({ arm: cell.label, evaluation: await client.evaluations.get({ evaluationId }) });
    }
  }
  let device: string | null = null;
  let trainingSeconds = 0;
  const runs = children.flatMap(({ runId }) => runId ?? []);
  for (const runId of runs) {
    device ??= (await client.runs.get({ runId })).device;
    for (const step of await client.runs.steps({ runId, maxPoints: 100_000 })) trainingSeconds += step.secondsTotal;
  }
  return {
    format: 'atelier-study/1',
    writtenAt: new Date().toISOString(),
    complete: summary.status === 'completed',
    ran: {
      atelier: places.version,
      commit: await commitOf(places.root),
      machine: {
        system: `${systemType()} ${process.arch}`,
        processor: cpus()[0]?.model.trim() ?? 'unknown',
        cores: cpus().length,
        memoryBytes: totalmem(),
        node: process.version,
      },
      device,
      model: { name: summary.modelName, sha256: model?.sha256 ?? '' },
      startedAt: summary.startedAt,
      endedAt: summary.endedAt,
      trainingSeconds,
      runs: runs.length,
    },
    experiment,
    children,
    probes,
  };
}

async function commitOf(root: string): Promise<string | null> {
  return await promisify(execFile)('git', ['rev-parse', 'HEAD'], { cwd: root }).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
}
