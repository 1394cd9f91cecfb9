/** @file Follows an import or a run to its end, or until you interrupt it. */
import type { DatasetSummary, ImportRequest } from '../../contract/model/datasets.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { RunId } from '../../contract/model/primitives.ts';
import type { RunSummary, StepMetrics } from '../../contract/model/runs.ts';
import type { StudioClient } from '../command.ts';
import type { DemoDisplay } from './display.ts';

/** Thrown when Ctrl-C ends a wait. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Resolves (never rejects) when you ask to stop. */
export interface Interrupt {
  readonly requested: boolean;
  readonly promise: Promise<void>;
}

export async function followImport(
  client: StudioClient,
  request: ImportRequest,
  display: DemoDisplay,
  interrupt: Interrupt,
): Promise<DatasetSummary> {
  for await (const event of untilInterrupted(await client.datasets.import(request), interrupt)) {
    if (event.type === 'done') return event.dataset;
    display.progress(event.progress);
  }
  throw new AtelierError('INTERNAL', `The import of ${request.path} ended without a result.`);
}

/** The stages of a run in order: evaluate the base model, train the adapter, evaluate the result. */
export const RUN_STAGES = ['base', 'training', 'tuned'] as const;
export type RunStage = (typeof RUN_STAGES)[number];

export interface RunWatcher {
  /** The run has reached this stage. Called once per stage, in order. */
  onStage: (stage: RunStage) => Promise<void>;
  onProgress: (progress: Parameters<DemoDisplay['progress']>[0]) => void;
  onNote: (text: string) => void;
}

/**
 * Follows a run to its end. The first interrupt asks the run to stop; this function then waits until the checkpoint is
 * written, and the summary says `interrupted`.
 *
 * @throws AtelierError ENGINE_LOST or INTERNAL if the run ended in any other way
 */
export async function followRun(
  client: StudioClient,
  run: RunSummary,
  watcher: RunWatcher,
  interrupt: Interrupt,
): Promise<RunSummary> {
  let stage: RunStage | null = null;
  let ended = false;
  const recent: number[] = [];
  const reach = async (next: RunStage): Promise<void> => {
    // A stage that ended before it was noticed is still reported.
    const from = stage === null ? 0 : RUN_STAGES.indexOf(stage) + 1;
    for (const passed of RUN_STAGES.slice(from, RUN_STAGES.indexOf(next) + 1)) {
      stage = passed;
      await watcher.onStage(passed);
    }
  };
  void interrupt.promise.then(async () => {
    if (ended) return;
    watcher.onNote('Stopping after the current step, with a checkpoint. Press Ctrl-C again to end at once.');
    // The run may have just ended by itself.
    await client.runs.stop({ runId: run.id }).catch(() => undefined);
  });

  try {
    await reach('base');
    for await (const event of await client.runs.watch({ runId: run.id, after: 0 })) {
      if (event.type === 'steps') {
        await reach('training');
        for (const step of event.steps) {
          recent.push(step.secondsTotal);
          watcher.onProgress(trainingProgress(step, run.steps, typicalSeconds(recent)));
        }
      } else if (event.type === 'phase') {
        const { phase, ...progress } = event.progress;
        // Every stage loads the model.
        const next = progress.unit === 'bytes' ? (stage ?? 'base') : stageOf(phase);
        await reach(next);
        if (next !== 'training' || progress.unit === 'bytes') watcher.onProgress(progress);
      } else if (event.type === 'warning') {
        watcher.onNote(`  ! step ${event.warning.step}: ${event.warning.message}`);
      }
    }
    // The events end with the run; its summary says how it ended.
    const { summary } = await client.runs.get({ runId: run.id });
    const final = checkedEnd(summary, interrupt);
    if (final.status === 'completed') await reach('tuned');
    return final;
  } finally {
    ended = true;
  }
}

/** The command that resumes the run. */
export function resumeHint(runId: RunId, home?: string): string {
  return `npx atelier resume ${runId}${home === undefined ? '' : ` --home ${shellWord(home)}`}`;
}

function stageOf(phase: string): RunStage {
  if (phase === 'evaluate tuned') return 'tuned';
  return phase === 'start' || phase === 'evaluate base' || phase.startsWith('wait') ? 'base' : 'training';
}

function checkedEnd(summary: RunSummary, interrupt: Interrupt): RunSummary {
  const { status, reason, id, step } = summary;
  if (status === 'completed' || (status === 'interrupted' && interrupt.requested)) return summary;
  if (status === 'interrupted') {
    throw new AtelierError(
      'ENGINE_LOST',
      `The run ${id} was interrupted: ${reason ?? `it ended after step ${step}.`}`,
      {
        remedy: `Resume it with: ${resumeHint(id)}`,
      },
    );
  }
  throw new AtelierError(
    'INTERNAL',
    `The run ${id} ${status === 'failed' ? 'failed' : `is still ${status}`}: ${reason ?? 'no reason was recorded.'}`,
  );
}

/** Median of the last nine steps, because the first step compiles and some write checkpoints. */
function typicalSeconds(seconds: readonly number[]): number {
  const last = seconds.slice(-9).sort((a, b) => a - b);
  return last[Math.floor(last.length / 2)] ?? 0;
}

function trainingProgress(
  metrics: StepMetrics,
  steps: number,
  secondsPerStep: number,
): Parameters<DemoDisplay['progress']>[0] {
  const figures = [
    metrics.reward === null ? null : `reward ${metrics.reward.toFixed(2)}`,
    metrics.kl === null ? null : `KL ${metrics.kl.toFixed(3)}`,
    metrics.beta === null ? null : `β ${metrics.beta.toFixed(3)}`,
  ];
  return {
    done: metrics.step,
    total: steps,
    secondsLeft: secondsPerStep * (steps - metrics.step),
    note: figures.filter((figure) => figure !== null).join(' · '),
  };
}

/** The events until an interrupt. The source is told to stop but not awaited, because it may be in the middle of a long step. */
export async function* untilInterrupted<T>(events: AsyncIterable<T>, interrupt: Interrupt): AsyncGenerator<T> {
  const iterator = events[Symbol.asyncIterator]();
  const stopped = interrupt.promise.then(() => 'interrupted' as const);
  for (;;) {
    const next = await Promise.race([iterator.next(), stopped]);
    if (next === 'interrupted') {
      void iterator.return?.()?.catch(() => undefined);
      throw new Interrupted('Stopped on request.');
    }
    if (next.done === true) return;
    yield next.value;
  }
}

function shellWord(text: string): string {
  return /^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
