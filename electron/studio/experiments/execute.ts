/**
 * @file Works on one experiment, one child at a time. Finished work is never repeated, even after the process was
 * killed. If a child fails, the others still run.
 */
import { DEFAULT_GRPO } from '../../method/defaults.ts';
import { systemOf } from '../../method/prompt-template.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { ExperimentId, Progress, RunId } from '../../contract/model/primitives.ts';
import { accuracyParamsOf } from '../../contract/model/rewards.ts';
import type { ParsedExperiment, StoredChild } from '../../store/experiments/experiments.ts';
import type { StudioCore } from '../context.ts';
import { evaluate, type EvaluationParts } from '../evaluations/evaluate.ts';
import { planEvaluation, type EvaluationPlan } from '../evaluations/plan.ts';
import type { Bell } from '../queue/bell.ts';
import type { RunTrainer, WorkHandler } from '../queue/work.ts';
import { stopReasonOf } from '../queue/stop-reason.ts';
import { checkResumable, clearLaterCheckpoints } from '../runs/resume.ts';
import { completeRun } from '../runs/start.ts';
import { childRequest } from './child-run.ts';
import { earlierRuns, type EarlierRuns } from './earlier-runs.ts';
import { ChildSpec, type TestSpec } from './plan.ts';
import { counted } from '../../method/counted.ts';

/** What an experiment needs from the studio. */
export type ExperimentParts = EvaluationParts & Pick<StudioCore, 'log'>;

export interface ExperimentExecution {
  studio: ExperimentParts;
  experimentId: ExperimentId;
  /** Fires with a `StopReason` when the experiment must end. Evaluations end at once, runs after a checkpoint. */
  signal: AbortSignal;
  /** Trains a queued run until it ends, whatever the outcome. */
  train: (runId: RunId) => Promise<void>;
  report: (progress: Progress) => void;
}

/** Thrown to abandon a child that did not complete. */
class ChildEnded extends Error {
  readonly status: 'waiting' | 'interrupted' | 'failed';

  constructor(status: ChildEnded['status'], reason: string) {
    super(reason);
    this.status = status;
  }
}

/** Works on an experiment that this process has claimed, and records how it ended. */
export async function executeExperiment(execution: ExperimentExecution): Promise<void> {
  const { studio, experimentId, signal } = execution;
  const { experiments } = studio.store;
  const { request } = await experiments.get(experimentId);
  await experiments.setStatus(experimentId, 'running');
  const children = await experiments.children(experimentId);
  const askAgain = request.kind === 'study' ? request.askAgain : undefined;
  const earlier = askAgain === undefined ? null : await earlierRuns(studio.store, askAgain.study);
  const startedMs = Date.now();
  let [done, doneNow] = [children.filter((child) => child.status === 'completed').length, 0];
  for (const child of children) {
    if (child.status === 'completed') continue;
    if (signal.aborted) break;
    const plan = ChildSpec.parse(child.plan);
    const secondsLeft =
      doneNow === 0 ? undefined : ((Date.now() - startedMs) / 1000 / doneNow) * (children.length - done);
    execution.report({
      phase: plan.seed === null ? plan.label : `${plan.label} · seed ${plan.seed}`,
      done,
      total: children.length,
      ...(secondsLeft === undefined ? {} : { secondsLeft }),
    });
    await workOnChild(execution, request, earlier, child, plan);
    done += 1;
    doneNow += 1;
  }
  await conclude(execution);
}

async function conclude({ studio, experimentId, signal }: ExperimentExecution): Promise<void> {
  const { experiments } = studio.store;
  const children = await experiments.children(experimentId);
  const left = children.filter((child) => child.status !== 'completed');
  const done = `${children.length - left.length} of ${counted(children.length, 'part is done', 'parts are done')}`;
  const stopped = stopReasonOf(signal);
  if (left.length === 0) await experiments.setStatus(experimentId, 'completed');
  else if (stopped !== null) {
    await experiments.setStatus(
      experimentId,
      'interrupted',
      `${stopped.message}: ${done}. It can be resumed; nothing that is done is repeated.`,
    );
  } else if (left.every(({ status }) => status === 'waiting')) {
    await experiments.setStatus(
      experimentId,
      'interrupted',
      `${done}. The others are trained elsewhere: take the job folder back when it has gone on.`,
    );
  } else {
    const first = left.find((child) => child.reason !== null);
    const firstOfThem =
      first === undefined ? '' : `, the first one "${ChildSpec.parse(first.plan).label}": ${first.reason}`;
    await experiments.setStatus(
      experimentId,
      'failed',
      `${done}; ${left.length} did not come to their end${firstOfThem} Resuming repeats only these.`,
    );
  }
}

async function workOnChild(
  execution: ExperimentExecution,
  request: ParsedExperiment,
  earlier: EarlierRuns | null,
  child: StoredChild,
  plan: ChildSpec,
): Promise<void> {
  const { studio, experimentId, signal } = execution;
  const { experiments } = studio.store;
  await experiments.setChild(experimentId, child.ordinal, { status: 'running' });
  try {
    const runId = plan.request === null ? null : await runOfChild(execution, earlier, child, plan);
    for (const [index, test] of plan.tests.entries()) {
      if (child.evaluations.has(index)) continue;
      const planned = await planTest(studio, request, runId, test);
      const evaluation = await evaluate(studio, planned, () => undefined, execution.signal);
      await experiments.setTest(experimentId, child.ordinal, index, evaluation.id);
    }
    await experiments.setChild(experimentId, child.ordinal, { status: 'completed' });
  } catch (error) {
    const status =
      error instanceof ChildEnded
        ? error.status
        : signal.aborted || (error instanceof AtelierError && error.code === 'ENGINE_LOST')
          ? 'interrupted'
          : 'failed';
    if (!(error instanceof AtelierError) && !(error instanceof ChildEnded)) {
      studio.log.logger.error({ err: error, experimentId, child: child.ordinal }, 'a part of an experiment failed');
    }
    const reason = error instanceof Error ? error.message : String(error);
    await experiments.setChild(experimentId, child.ordinal, { status, reason });
  }
}

/** Returns the child's run, fully trained: that of an earlier study if its runs are asked again. */
async function runOfChild(
  execution: ExperimentExecution,
  earlier: EarlierRuns | null,
  child: StoredChild,
  plan: ChildSpec,
): Promise<RunId> {
  if (earlier === null) return trainChild(execution, child, plan);
  const runId = child.runId ?? earlier.of(plan);
  if (runId === null) throw new ChildEnded('failed', `${earlier.study} has no finished run of it.`);
  await execution.studio.store.experiments.setChild(execution.experimentId, child.ordinal, {
    status: 'running',
    runId,
  });
  return runId;
}

/** Returns the child's run, fully trained. */
async function trainChild(execution: ExperimentExecution, child: StoredChild, plan: ChildSpec): Promise<RunId> {
  const { studio } = execution;
  const { runs } = studio.store;
  const elsewhere = await studio.store.handoffs.ofPart(execution.experimentId, child.ordinal);
  if (child.runId === null && elsewhere !== null)
    throw new ChildEnded('waiting', `It was handed off as ${elsewhere}, and nothing of it has come back yet.`);
  const runId = child.runId ?? (await createRun(execution, child, plan));
  const { status, step, steps } = await runs.summary(runId);
  if (status === 'completed') return runId;
  if (elsewhere !== null)
    throw new ChildEnded('waiting', `It is trained elsewhere (${elsewhere}): ${step} of ${steps} steps.`);
  if (status === 'interrupted' || status === 'failed') {
    await runs.resume(runId, await checkResumable(studio, runId));
    await clearLaterCheckpoints(studio, runId);
  }
  await execution.train(runId);
  const ended = await runs.summary(runId);
  if (ended.status === 'completed') return runId;
  throw new ChildEnded(
    ended.status === 'failed' ? 'failed' : 'interrupted',
    ended.reason ?? `Its run ${runId} is ${ended.status}.`,
  );
}

async function createRun(
  { studio, experimentId }: ExperimentExecution,
  child: StoredChild,
  plan: ChildSpec,
): Promise<RunId> {
  const { store } = studio;
  const request = await childRequest(store, plan);
  if (request === null) throw new Error('The base model is not trained.');
  const { recipe } = await completeRun(studio, request);
  return await store.transaction(async () => {
    const { summary } = await store.runs.create(recipe);
    await store.experiments.setChild(experimentId, child.ordinal, { status: 'running', runId: summary.id });
    return summary.id;
  });
}

/** Queries the base model exactly as the runs do, so that a single evaluation provides its answers. */
async function planTest(
  studio: ExperimentParts,
  request: ParsedExperiment,
  runId: RunId | null,
  test: TestSpec,
): Promise<EvaluationPlan> {
  const { recipe } = request;
  const limit = recipe.evalSamples ?? 0;
  const planned = await planEvaluation(studio, {
    modelId: request.modelId,
    ...(runId === null ? {} : { runId }),
    datasetId: test.questionsOf ?? test.datasetId,
    split: 'test',
    limit,
    mode: test.mode,
    detail: test.maxPixels ?? 'original',
  });
  const own = readingOf(request, test.datasetId);
  if (runId !== null) {
    const { createdAt } = await studio.store.runs.summary(runId);
    return { ...planned, ...own, asOf: createdAt };
  }
  return {
    ...planned,
    promptTemplate: recipe.promptTemplate ?? planned.promptTemplate,
    ...systemOf(recipe.systemPrompt ?? planned.systemPrompt),
    maxNewTokens: recipe.grpo?.maxCompletionLength ?? DEFAULT_GRPO.maxCompletionLength,
    accuracy: recipe.rewards === undefined ? {} : accuracyParamsOf(recipe.rewards),
    ...own,
  };
}

/** How the answers of a dataset are asked for and read where its task says so itself, whatever a model was trained on. */
function readingOf(
  request: ParsedExperiment,
  datasetId: TestSpec['datasetId'],
): Pick<EvaluationPlan, 'accuracy'> & Partial<Pick<EvaluationPlan, 'promptTemplate'>> {
  const tasks = 'tasks' in request ? request.tasks : [request.task];
  const { rewards, promptTemplate } = tasks.find((task) => task.datasetId === datasetId) ?? {};
  return {
    ...(rewards === undefined ? {} : { accuracy: accuracyParamsOf(rewards) }),
    ...(promptTemplate === undefined ? {} : { promptTemplate }),
  };
}

/** Handles queue entries that are experiments. */
export function experimentHandler(studio: ExperimentParts, trainer: RunTrainer, bell: Bell<string>): WorkHandler {
  return async ({ entry, signal, report }) => {
    const { experimentId } = entry;
    if (experimentId === null) throw new Error(`The entry ${entry.id} of the queue does not name its experiment.`);
    await executeExperiment({
      studio,
      experimentId,
      signal,
      // The queue shows which part is running, not the progress of its run.
      train: (runId) => trainer.train(runId, signal, () => bell.ring('queue')),
      report(progress) {
        report(progress);
        bell.ring(experimentId);
      },
    });
  };
}
