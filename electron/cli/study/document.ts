/** @file The contents of study.json: what was run, on what, and all results. */
import { execFile } from 'node:child_process';
import { cpus, totalmem, type as systemType } from 'node:os';
import { promisify } from 'node:util';
import type { EvaluationSummary } from '../../contract/model/evaluations.ts';
import type { ClaimVerdict, ExperimentDetail } from '../../contract/model/experiments.ts';
import type { DatasetId } from '../../contract/model/primitives.ts';
import type { StudioClient } from '../command.ts';
import type { Places } from '../../studio/places.ts';
import type { StudyPlan } from './plan.ts';

export interface Probe {
  arm: string;
  evaluation: EvaluationSummary;
}

export interface Reading {
  label: string;
  testedOn: DatasetId;
  strict: number;
  lenient: number;
  /** Share of answers in the required form. */
  form: number;
}

/** The earlier study that the plan rests on, which lies beside the new one. */
export const PILOT_FILE = 'study-pilot.json';

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
    /** The options that the command was given; absent in studies of earlier versions. */
    options?: string;
    /** Seconds of training in all runs together. */
    trainingSeconds: number;
    runs: number;
  };
  /** The plan written before the first run; absent in studies that began without one. `fault`: what was changed since. */
  plan?: { sha256: string; fault: string | null; statistics?: StudyPlan['statistics'] };
  experiment: Omit<ExperimentDetail, 'children'>;
  children: ExperimentDetail['children'];
  /** What the earlier study found by the rule of its time. */
  pilot?: { writtenAt: string; seeds: number; runs: number; claims: { claim: string; verdict: ClaimVerdict }[] };
  /** Each method on the task it was trained on, strictly and leniently read: means over its seeds. */
  readings?: Reading[];
  /** Direct answers, prompt sensitivity and hallucination; first task, first seed. */
  probes: Probe[];
}

/** What is said of an earlier study. */
export function pilotClaims({ writtenAt, ran, experiment }: StudyDocument): NonNullable<StudyDocument['pilot']> {
  const claims = experiment.claims.map(({ claim, verdict }) => ({ claim, verdict }));
  return { writtenAt, seeds: experiment.summary.seeds.length, runs: ran.runs, claims };
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
  const readings: Reading[] = [];
  for (const cell of detail.cells) {
    if (cell.mode !== 'reasoning' || !cell.parts.includes('contest')) continue;
    if (cell.trainedOn !== null && cell.trainedOn !== cell.testedOn) continue;
    const read: EvaluationSummary[] = [];
    for (const { evaluationId } of cell.seeds) read.push(await client.evaluations.get({ evaluationId }));
    const mean = (of: (one: EvaluationSummary) => number): number =>
      read.reduce((sum, one) => sum + of(one), 0) / read.length;
    if (read.length === 0 || read.some(({ lenient }) => lenient === null)) continue;
    readings.push({
      label: cell.label,
      testedOn: cell.testedOn,
      strict: mean(({ accuracy }) => accuracy.value),
      lenient: mean(({ lenient }) => lenient?.value ?? 0),
      form: mean(({ format }) => format.value),
    });
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
    readings,
    probes,
  };
}

async function commitOf(root: string): Promise<string | null> {
  return await promisify(execFile)('git', ['rev-parse', 'HEAD'], { cwd: root }).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
}
