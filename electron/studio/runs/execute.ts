/**
 * @file Works on one run: evaluates the base model, trains the adapter and evaluates what it learned. Everything that
 * the engine reports is stored before watchers are notified.
 */
import { join } from 'node:path';
import type { RecipeJob, TrainEvent } from '../../contract/engine/engine.ts';
import { AtelierError, type ErrorCode } from '../../contract/errors/errors.ts';
import type { ModelSummary } from '../../contract/model/models.ts';
import type { Progress, RunId, SampleId } from '../../contract/model/primitives.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import type { Completion, StepMetrics } from '../../contract/model/runs.ts';
import { accuracyParamsOf } from '../../contract/model/rewards.ts';
import { othersOf } from '../../method/mixture.ts';
import { systemOf } from '../../method/prompt-template.ts';
import { bestStep } from '../../method/held-out-best.ts';
import { hashCheckpoint } from '../../formats/checkpoint.ts';
import type { CheckpointRecord } from '../../store/runs/run-journal.ts';
import { StopReason, stopReasonOf } from '../queue/stop-reason.ts';
import { Diagnosis } from './diagnosis/diagnosis.ts';
import { recipeDatasets, trainingSamples } from '../datasets/recipe-data.ts';
import { evaluate } from '../evaluations/evaluate.ts';
import type { EvaluationPlan } from '../evaluations/plan.ts';
import { limitOf } from '../models/detail.ts';
import { memoryLimitOf, readPreferences } from '../system/preferences.ts';
import { heldOutSamples, recordHeldOut, scoresOf } from './held-out.ts';
import { memoryLimitWarning } from './memory-limit.ts';
import { refuseTooLargeRun } from './plan-run.ts';
import type { Execution, RunParts } from './execution.ts';
import { onEitherDevice, settleRunDevice } from './run-device.ts';
import { initialAdapterOf } from './start-from.ts';
import { clearLaterCheckpoints } from './resume.ts';
import { mustBeWhole, wholeCheckpoint } from './whole-checkpoint.ts';

/** How many earlier steps the diagnosis reads when a run resumes. */
const DIAGNOSED_STEPS = 100_000;

/** Works on a run that this process has claimed, and records how it ended. Never throws. */
export async function executeRun(execution: Execution): Promise<void> {
  const { parts, runId, changed } = execution;
  const { runs } = parts.store;
  let outcome: Parameters<typeof runs.end>[1];
  try {
    await work(execution);
    outcome = { status: 'completed' };
  } catch (error) {
    outcome = await outcomeOf(error, execution);
  }
  try {
    execution.setProgress(null);
    await execution.recordEnd(() => runs.end(runId, outcome));
  } catch (error) {
    // Another Atelier took over the run while this one was suspended; the run now belongs to it.
    parts.log.logger.error({ err: error, runId }, 'the end of a run could not be recorded');
  }
  changed();
}

async function work(execution: Execution): Promise<void> {
  const { parts, runId } = execution;
  const { recipe } = await parts.store.runs.recipeOf(runId);
  report(execution, { phase: 'start', done: 0 });
  const model = await unchangedModel(parts, recipe);
  const { path } = model;
  try {
    const trial = await settleRunDevice(execution, path);
    execution.signal.throwIfAborted();
    await onEitherDevice(
      execution,
      { modelPath: path, trial },
      {
        plan: () => planned(execution, recipe, model),
        compute: () => compute(execution, recipe, model),
      },
    );
  } finally {
    parts.engine.releaseDevice(path);
  }
}

async function planned(execution: Execution, recipe: Recipe, model: ModelSummary): Promise<void> {
  const { parts, runId } = execution;
  // If training is done, only the evaluation is left.
  if ((await parts.store.runs.lastCheckpoint(runId))?.step === recipe.steps) return;
  await refuseTooLargeRun(parts, await recipeJob(execution, recipe, model));
}

async function compute(execution: Execution, recipe: Recipe, model: ModelSummary): Promise<void> {
  execution.signal.throwIfAborted();
  await examine(execution, recipe, model, 'base');
  execution.signal.throwIfAborted();
  await train(execution, recipe, model);
  execution.signal.throwIfAborted();
  await chooseResult(execution, recipe);
  await examine(execution, recipe, model, 'tuned');
}

/** Lets the best checkpoint stand for the run from now on, if its recipe says so. */
async function chooseResult({ parts, runId, changed }: Execution, recipe: Recipe): Promise<void> {
  if (recipe.loadBestModelAtEnd !== true) return;
  const { runs } = parts.store;
  const steps = (await runs.checkpoints(runId)).map(({ step }) => step);
  const best = bestStep(scoresOf(await runs.heldOut(runId)), steps);
  if (best === undefined || best === (await runs.resultCheckpoint(runId))?.step) return;
  await runs.setResult(runId, best);
  changed();
}

/** The recipe names exact weights: if the folder's bytes have changed, it is no longer that model. */
async function unchangedModel(parts: RunParts, recipe: Recipe): Promise<ModelSummary> {
  const model = await parts.store.models.get(recipe.modelId);
  if ((await hashCheckpoint(model.path)) === recipe.modelSha256) return model;
  throw new AtelierError(
    'CONFLICT',
    `The model in ${model.path} is not the one that this run was made for: its files have changed.`,
    {
      place: { file: model.path },
      remedy: 'Put the original files back and resume, or start a new run with the model as it is now.',
    },
  );
}

async function examine(
  execution: Execution,
  recipe: Recipe,
  model: ModelSummary,
  which: 'base' | 'tuned',
): Promise<void> {
  const { parts, runId, changed } = execution;
  const { runs } = parts.store;
  const datasets = await recipeDatasets(parts.store, recipe);
  if (datasets.every(({ test, excluded }) => test - excluded.test === 0)) {
    if (which === 'tuned') return;
    const message = 'The dataset has no test samples, so the model is not examined before and after training.';
    await runs.addWarning(runId, { step: 0, code: 'NO_TEST_SAMPLES', message });
    changed();
    return;
  }
  const checkpoint = which === 'tuned' ? await runs.resultCheckpoint(runId) : null;
  if (which === 'tuned' && checkpoint === null) throw new Error('The engine ended the training without a checkpoint.');
  const plan: EvaluationPlan = {
    model,
    ...(checkpoint === null ? {} : { tuned: tunedBy(runId, checkpoint) }),
    datasetId: recipe.datasetId,
    ...othersOf(recipe),
    ...(recipe.mixture === undefined ? {} : { mixture: recipe.mixture }),
    split: 'test',
    limit: recipe.evalSamples,
    promptTemplate: recipe.promptTemplate,
    ...systemOf(recipe.systemPrompt),
    maxNewTokens: recipe.grpo.maxCompletionLength,
    ...limitOf(recipe),
    asOf: (await runs.summary(runId)).createdAt,
    accuracy: accuracyParamsOf(recipe.rewards),
  };
  // While the model loads, the phase is the engine's own.
  const tell = (progress: Progress): void =>
    report(execution, progress.unit === 'bytes' ? progress : { ...progress, phase: `evaluate ${which}` });
  const evaluation = await evaluate(parts, plan, tell, execution.signal);
  await runs.setEvaluation(runId, which, evaluation.id);
  if (which === 'tuned') await compareHeldOut(execution, recipe);
  changed();
}

/** Warns if training improved the reward but not the accuracy on held-out samples. */
async function compareHeldOut({ parts, runId }: Execution, recipe: Recipe): Promise<void> {
  const { runs } = parts.store;
  const { base, tuned, comparison, lastCheckpointStep } = await runs.summary(runId);
  if (base === null || tuned === null || comparison === null || lastCheckpointStep === null) return;
  const diagnosis = await openDiagnosis(parts, runId, recipe);
  const [before, after] = [
    { step: 0, accuracy: base },
    { step: lastCheckpointStep, accuracy: tuned },
  ];
  for (const warning of diagnosis.observeHeldOut(before, after, comparison.verdict)) {
    await runs.addWarning(runId, warning);
  }
}

/** The diagnosis of a run with everything recorded so far, so that no warning is repeated after a resume. */
async function openDiagnosis(parts: RunParts, runId: RunId, recipe: Recipe): Promise<Diagnosis> {
  const { runs } = parts.store;
  const codes = (await runs.warnings(runId)).map(({ code }) => code);
  return new Diagnosis(recipe, { steps: await runs.steps(runId, DIAGNOSED_STEPS), codes });
}

function tunedBy(runId: RunId, { step, path, sha256 }: CheckpointRecord): NonNullable<EvaluationPlan['tuned']> {
  return { runId, step, adapterPath: path, sha256 };
}

/**
 * Trains to the end. If the engine is lost, a fresh one continues from the last checkpoint, as long as each engine gets
 * further than the previous one, so a run can continue overnight without you.
 */
async function train(execution: Execution, recipe: Recipe, model: ModelSummary): Promise<void> {
  const { parts, runId } = execution;
  const { runs } = parts.store;
  for (;;) {
    const before = (await runs.lastCheckpoint(runId))?.step ?? 0;
    try {
      await trainOnce(execution, recipe, model);
      return;
    } catch (error) {
      const lost = error instanceof AtelierError && error.code === 'ENGINE_LOST';
      const reached = (await runs.lastCheckpoint(runId))?.step ?? 0;
      if (!lost || execution.signal.aborted || reached <= before) throw error;
      await goOnByItself(execution, error);
    }
  }
}

async function goOnByItself(execution: Execution, error: AtelierError): Promise<void> {
  const { parts, runId } = execution;
  const { runs } = parts.store;
  const step = await runs.lastStep(runId);
  parts.log.logger.warn({ err: error, runId, step }, 'the engine was lost, the run goes on');
  const { fromStep } = await runs.rewind(runId, await wholeCheckpoint(parts, runId));
  await clearLaterCheckpoints(parts, runId);
  const message = `${error.message} The run went on by itself from its checkpoint of step ${fromStep}.`;
  await runs.addWarning(runId, { step, code: 'ENGINE_LOST', message });
  report(execution, { phase: 'start', done: 0 });
}

/** What the engine needs to know to plan the training or to do it. */
async function recipeJob({ parts, runId }: Execution, recipe: Recipe, model: ModelSummary): Promise<RecipeJob> {
  const { createdAt } = await parts.store.runs.summary(runId);
  const samples = await trainingSamples(parts.store, recipe, createdAt);
  const initialAdapter = await initialAdapterOf(parts.store, runId, recipe);
  const from = initialAdapter === undefined ? {} : { initialAdapter };
  return { recipe, modelPath: model.path, samples, ...from, ...(await memoryLimitOf(parts.home)) };
}

async function trainOnce(execution: Execution, recipe: Recipe, model: ModelSummary): Promise<void> {
  const { parts, runId, signal } = execution;
  const { runs } = parts.store;
  const checkpoint = await runs.lastCheckpoint(runId);
  if (checkpoint?.step === recipe.steps) return;
  // A run may have waited for days since it was resumed.
  if (checkpoint !== null) await mustBeWhole(checkpoint);
  const { createdAt } = await runs.summary(runId);
  const job = await recipeJob(execution, recipe, model);
  const diagnosis = await openDiagnosis(parts, runId, recipe);
  // The faults of answers are looked for as the recipe reads them; a dataset with a reading of its own is left out.
  const references = new Map(
    job.samples.flatMap(({ id, answer, accuracy }) => (accuracy === undefined ? [[id, answer] as const] : [])),
  );
  // The engine may not have started the job when first asked to stop; the job's next event then triggers another try.
  let stopHeard = false;
  const askToStop = async (): Promise<void> => {
    if (stopHeard) return;
    stopHeard = true;
    stopHeard = await parts.engine.stop().then(
      ({ stopping }) => stopping,
      () => false,
    );
  };
  const onAbort = (): void => void askToStop();
  let finished = false;
  try {
    signal.addEventListener('abort', onAbort);
    const events = parts.engine.train({
      ...job,
      runId,
      checkpointRoot: join(parts.store.runFolder(runId), 'checkpoints'),
      ...(checkpoint === null ? {} : { resumeFrom: checkpoint.path }),
      heldOut: await heldOutSamples(parts, recipe, createdAt),
      heldOutScores: checkpoint === null ? [] : scoresOf(await runs.heldOut(runId), checkpoint.step),
    });
    for await (const event of events) {
      await record(execution, event, diagnosis, references);
      if (signal.aborted) await askToStop();
      finished ||= event.type === 'done';
    }
    if (!finished) throw new Error('The engine ended the training without saying so.');
  } finally {
    // If storing failed, the engine is still training with nobody to read its events.
    if (!finished) await parts.engine.stop().catch(() => undefined);
    signal.removeEventListener('abort', onAbort);
  }
}

async function record(
  execution: Execution,
  event: TrainEvent,
  diagnosis: Diagnosis,
  references: ReadonlyMap<SampleId, string>,
): Promise<void> {
  const { parts, runId, changed } = execution;
  const { runs } = parts.store;
  switch (event.type) {
    case 'phase':
      execution.setProgress(event.progress);
      break;
    case 'step':
      await runs.appendStep(runId, event.metrics, event.completions, event.projections);
      for (const warning of diagnosis.observe(event.metrics, withReferences(event.completions, references)))
        await runs.addWarning(runId, warning);
      await keepMemoryLimit(execution, event.metrics);
      break;
    case 'evaluation':
      await recordHeldOut(parts, runId, event, diagnosis);
      // The look is over: training goes on.
      execution.setProgress({ phase: 'train', done: 0 });
      break;
    case 'checkpoint':
      await runs.addCheckpoint(runId, { step: event.step, path: event.path, sha256: event.sha256 });
      break;
    case 'warning':
      if (diagnosis.isNew(event.warning.code)) await runs.addWarning(runId, event.warning);
      break;
    case 'done':
      break;
  }
  changed();
}

function withReferences(
  completions: readonly Pick<Completion, 'sampleId' | 'text'>[],
  references: ReadonlyMap<SampleId, string>,
): { completion: string; answer: string }[] {
  return completions.flatMap(({ sampleId, text }) => {
    const answer = references.get(sampleId);
    return answer === undefined ? [] : [{ completion: text, answer }];
  });
}

/** Reads the limit at each step, because you can change it during a run. */
async function keepMemoryLimit(execution: Execution, metrics: StepMetrics): Promise<void> {
  const { parts, runId } = execution;
  if (execution.signal.aborted) return;
  const warning = memoryLimitWarning(metrics, (await readPreferences(parts.home)).memoryLimitBytes);
  if (warning === null) return;
  await parts.store.runs.addWarning(runId, warning);
  execution.stop(new StopReason('memory-limit'));
}

function report({ setProgress, changed }: Execution, progress: Progress): void {
  setProgress(progress);
  changed();
}

/** Says how the run ended and from which step it can be resumed. */
async function outcomeOf(
  error: unknown,
  { parts, runId, signal }: Execution,
): Promise<{ status: 'interrupted' | 'failed'; reason: string; code?: ErrorCode }> {
  const { runs } = parts.store;
  const step = await runs.lastStep(runId).catch(() => 0);
  const checkpoint = await runs.lastCheckpoint(runId).catch(() => null);
  const onward =
    checkpoint === null
      ? 'It has no checkpoint yet and would start again from the beginning.'
      : `It can be resumed from step ${checkpoint.step}.`;
  const cancelled = error instanceof AtelierError && error.code === 'CANCELLED';
  if (cancelled || error instanceof StopReason) {
    const stopped = stopReasonOf(signal) ?? new StopReason('requested');
    const where = step === 0 ? 'before its first step' : `after step ${step}`;
    return { status: 'interrupted', reason: `${stopped.message} ${where}. ${onward}` };
  }
  if (error instanceof AtelierError) {
    parts.log.logger.warn({ err: error, runId }, 'a run ended early');
    const lost = error.code === 'ENGINE_LOST' || error.code === 'DISK_FULL';
    const remedy = error.code === 'DISK_FULL' ? `Free some space on that disk. ${onward}` : onward;
    const next = lost ? remedy : (error.remedy ?? onward);
    // An engine that lacks something here is not the run's own fault.
    const interrupted = lost || error.code === 'ENGINE_UNAVAILABLE';
    return { status: interrupted ? 'interrupted' : 'failed', reason: `${error.message} ${next}`, code: error.code };
  }
  parts.log.logger.error({ err: error, runId }, 'a bug: a run failed in an unexpected way');
  const message = error instanceof Error ? error.message : String(error);
  return {
    status: 'failed',
    reason: `Something went wrong inside Atelier: ${message.slice(0, 500)} The log ${parts.log.path} says more.`,
  };
}
