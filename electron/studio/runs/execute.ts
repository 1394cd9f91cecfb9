/**
 * @file One run from its turn to its end: the base model is examined, the adapter is trained, and what it learned
 * is examined. Everything the engine reports is stored first and only then told to those who watch.
 */
import { join } from 'node:path';
import type { TrainEvent } from '../../contract/engine/engine.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { ModelSummary } from '../../contract/model/models.ts';
import type { Progress, RunId } from '../../contract/model/primitives.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import type { StepMetrics } from '../../contract/model/runs.ts';
import { accuracyParamsOf } from '../../contract/model/rewards.ts';
import { hashCheckpoint } from '../../formats/checkpoint.ts';
import type { CheckpointRecord } from '../../store/runs/run-journal.ts';
import type { StudioCore } from '../context.ts';
import { Diagnosis } from './diagnosis/diagnosis.ts';
import { engineSamples } from '../datasets/engine-samples.ts';
import type { EvaluationPlan } from '../evaluations/evaluate.ts';
import { evaluate } from '../evaluations/evaluate.ts';
import { readPreferences } from '../system/preferences.ts';
import { heldOutSamples, recordHeldOut } from './held-out.ts';
import { memoryLimitWarning } from './memory-limit.ts';
import { clearLaterCheckpoints } from './resume.ts';
import type { RunControl } from './run-control.ts';

/** Steps of a resumed run that the diagnosis looks back on. */
const DIAGNOSED_STEPS = 100_000;

export interface Execution {
  studio: StudioCore;
  control: RunControl;
  /** Called after every change that was stored. */
  changed: () => void;
}

/** What stands in the way of going on, thrown to leave the work of a run in an orderly way. */
class StoppedOnRequest extends Error {}

/** Works on a run that this process has taken, and records how it ended. Never throws. */
export async function executeRun(execution: Execution): Promise<void> {
  const { studio, control, changed } = execution;
  const { runs } = studio.store;
  let outcome: Parameters<typeof runs.end>[1];
  try {
    await work(execution);
    outcome = { status: 'completed' };
  } catch (error) {
    outcome = await outcomeOf(error, execution);
  }
  try {
    control.progress = null;
    await runs.end(control.runId, outcome);
  } catch (error) {
    // Another Atelier took the run over while this one slept: it is theirs now.
    studio.log.logger.error({ err: error, runId: control.runId }, 'the end of a run could not be recorded');
  }
  changed();
}

async function work(execution: Execution): Promise<void> {
  const { studio, control } = execution;
  const { recipe } = await studio.store.runs.recipeOf(control.runId);
  report(execution, { phase: 'start', done: 0 });
  const { backend, device } = await studio.engine.info();
  await studio.store.runs.setDevice(control.runId, `${backend} · ${device}`);
  const model = await unchangedModel(studio, recipe);
  stopHere(control);

  await examine(execution, recipe, model, 'base');
  stopHere(control);
  await train(execution, recipe, model);
  stopHere(control);
  await examine(execution, recipe, model, 'tuned');
}

/** The recipe names exact weights; a folder whose bytes changed since is not that model any more. */
async function unchangedModel(studio: StudioCore, recipe: Recipe): Promise<ModelSummary> {
  const model = await studio.store.models.get(recipe.modelId);
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
  const { studio, control, changed } = execution;
  const { runs, datasets } = studio.store;
  const { test, excluded } = await datasets.get(recipe.datasetId);
  if (test - excluded.test === 0) {
    if (which === 'tuned') return;
    const message = 'The dataset has no test samples, so the model is not examined before and after training.';
    await runs.addWarning(control.runId, { step: 0, code: 'NO_TEST_SAMPLES', message });
    changed();
    return;
  }
  const checkpoint = which === 'tuned' ? await runs.lastCheckpoint(control.runId) : null;
  if (which === 'tuned' && checkpoint === null) throw new Error('The engine ended the training without a checkpoint.');
  const plan: EvaluationPlan = {
    model,
    ...(checkpoint === null ? {} : { tuned: tunedBy(control.runId, checkpoint) }),
    datasetId: recipe.datasetId,
    split: 'test',
    limit: recipe.evalSamples,
    promptTemplate: recipe.promptTemplate,
    maxNewTokens: recipe.grpo.maxCompletionLength,
    asOf: (await runs.summary(control.runId)).createdAt,
    accuracy: accuracyParamsOf(recipe.rewards),
  };
  const tell = (progress: Progress): void => report(execution, { ...progress, phase: `evaluate ${which}` });
  const evaluation = await evaluate(studio, plan, tell, control.abort.signal);
  await runs.setEvaluation(control.runId, which, evaluation.id);
  if (which === 'tuned') await compareHeldOut(execution, recipe);
  changed();
}

/** Whether what was won in training was lost on held-out samples. */
async function compareHeldOut({ studio, control }: Execution, recipe: Recipe): Promise<void> {
  const { runs } = studio.store;
  const { base, tuned, comparison, lastCheckpointStep } = await runs.summary(control.runId);
  if (base === null || tuned === null || comparison === null || lastCheckpointStep === null) return;
  const diagnosis = await openDiagnosis(studio, control.runId, recipe);
  const [before, after] = [
    { step: 0, accuracy: base },
    { step: lastCheckpointStep, accuracy: tuned },
  ];
  for (const warning of diagnosis.observeHeldOut(before, after, comparison.verdict)) {
    await runs.addWarning(control.runId, warning);
  }
}

/** The diagnosis of a run with everything that is recorded of it, so that nothing is said twice after a resume. */
async function openDiagnosis(studio: StudioCore, runId: RunId, recipe: Recipe): Promise<Diagnosis> {
  const { runs } = studio.store;
  const codes = (await runs.warnings(runId)).map(({ code }) => code);
  return new Diagnosis(recipe, { steps: await runs.steps(runId, DIAGNOSED_STEPS), codes });
}

function tunedBy(runId: RunId, { step, path, sha256 }: CheckpointRecord): NonNullable<EvaluationPlan['tuned']> {
  return { runId, step, adapterPath: path, sha256 };
}

/**
 * Trains to the end. Where the engine is lost on the way, a fresh one goes on from the last checkpoint, as long as each
 * came further than the one before it: nobody has to be there at night.
 */
async function train(execution: Execution, recipe: Recipe, model: ModelSummary): Promise<void> {
  const { studio, control } = execution;
  const { runs } = studio.store;
  for (;;) {
    const before = (await runs.lastCheckpoint(control.runId))?.step ?? 0;
    try {
      await trainOnce(execution, recipe, model);
      return;
    } catch (error) {
      const lost = error instanceof AtelierError && error.code === 'ENGINE_LOST';
      const reached = (await runs.lastCheckpoint(control.runId))?.step ?? 0;
      if (!lost || control.stopRequested || reached <= before) throw error;
      await goOnByItself(execution, error);
    }
  }
}

async function goOnByItself(execution: Execution, error: AtelierError): Promise<void> {
  const { studio, control } = execution;
  const { runs } = studio.store;
  const step = await runs.lastStep(control.runId);
  studio.log.logger.warn({ err: error, runId: control.runId, step }, 'the engine was lost, the run goes on');
  const { fromStep } = await runs.rewind(control.runId);
  await clearLaterCheckpoints(studio, control.runId);
  const message = `${error.message} The run went on by itself from its checkpoint of step ${fromStep}.`;
  await runs.addWarning(control.runId, { step, code: 'ENGINE_LOST', message });
  report(execution, { phase: 'start', done: 0 });
}

async function trainOnce(execution: Execution, recipe: Recipe, model: ModelSummary): Promise<void> {
  const { studio, control } = execution;
  const { runs } = studio.store;
  const checkpoint = await runs.lastCheckpoint(control.runId);
  if (checkpoint?.step === recipe.steps) return;
  const { createdAt } = await runs.summary(control.runId);
  const samples = await engineSamples(studio.store, recipe.datasetId, 'train', recipe.trainSamples ?? 0, createdAt);
  const diagnosis = await openDiagnosis(studio, control.runId, recipe);
  const { memoryLimitBytes } = await readPreferences(studio.home);
  control.training = true;
  let finished = false;
  try {
    const events = studio.engine.train({
      runId: control.runId,
      recipe,
      modelPath: model.path,
      samples,
      checkpointRoot: join(studio.store.runFolder(control.runId), 'checkpoints'),
      ...(checkpoint === null ? {} : { resumeFrom: checkpoint.path }),
      heldOut: await heldOutSamples(studio, recipe, createdAt),
      ...(memoryLimitBytes === null ? {} : { memoryLimitBytes }),
    });
    for await (const event of events) {
      await record(execution, event, diagnosis);
      if (control.stopRequested) await control.stop();
      finished ||= event.type === 'done';
    }
    if (!finished) throw new Error('The engine ended the training without saying so.');
  } finally {
    // Where storing failed the engine still trains for nobody.
    if (!finished) await studio.engine.stop().catch(() => undefined);
    control.training = false;
  }
}

async function record(execution: Execution, event: TrainEvent, diagnosis: Diagnosis): Promise<void> {
  const { studio, control, changed } = execution;
  const { runs } = studio.store;
  switch (event.type) {
    case 'phase':
      control.progress = event.progress;
      break;
    case 'step':
      await runs.appendStep(control.runId, event.metrics, event.completions, event.projections);
      for (const warning of diagnosis.observe(event.metrics)) await runs.addWarning(control.runId, warning);
      await keepMemoryLimit(execution, event.metrics);
      break;
    case 'evaluation':
      await recordHeldOut(studio, control.runId, event, diagnosis);
      break;
    case 'checkpoint':
      await runs.addCheckpoint(control.runId, { step: event.step, path: event.path, sha256: event.sha256 });
      break;
    case 'warning':
      if (diagnosis.isNew(event.warning.code)) await runs.addWarning(control.runId, event.warning);
      break;
    case 'done':
      break;
  }
  changed();
}

/** Reads the limit anew for each step: it may be set while a run goes on. */
async function keepMemoryLimit({ studio, control }: Execution, metrics: StepMetrics): Promise<void> {
  if (control.stopRequested) return;
  const warning = memoryLimitWarning(metrics, (await readPreferences(studio.home)).memoryLimitBytes);
  if (warning === null) return;
  await studio.store.runs.addWarning(control.runId, warning);
  control.stopRequested = true;
}

function report({ control, changed }: Execution, progress: Progress): void {
  control.progress = progress;
  changed();
}

function stopHere(control: RunControl): void {
  if (control.stopRequested) throw new StoppedOnRequest();
}

/** How the run ended, in a sentence that says from where it can go on. */
async function outcomeOf(
  error: unknown,
  { studio, control }: Execution,
): Promise<{ status: 'interrupted' | 'failed'; reason: string }> {
  const { runs } = studio.store;
  const step = await runs.lastStep(control.runId).catch(() => 0);
  const checkpoint = await runs.lastCheckpoint(control.runId).catch(() => null);
  const onward =
    checkpoint === null
      ? 'It has no checkpoint yet and would start again from the beginning.'
      : `It can be resumed from step ${checkpoint.step}.`;
  if (error instanceof StoppedOnRequest || (error instanceof AtelierError && error.code === 'CANCELLED')) {
    return {
      status: 'interrupted',
      reason: `Stopped on request ${step === 0 ? 'before its first step' : `after step ${step}`}. ${onward}`,
    };
  }
  if (error instanceof AtelierError) {
    studio.log.logger.warn({ err: error, runId: control.runId }, 'a run ended early');
    const interrupted = error.code === 'ENGINE_LOST' || error.code === 'DISK_FULL';
    const mend = error.code === 'DISK_FULL' ? `Free some space on that disk. ${onward}` : onward;
    const next = interrupted ? mend : (error.remedy ?? onward);
    return { status: interrupted ? 'interrupted' : 'failed', reason: `${error.message} ${next}` };
  }
  studio.log.logger.error({ err: error, runId: control.runId }, 'a bug: a run failed in a way that was not foreseen');
  const message = error instanceof Error ? error.message : String(error);
  return {
    status: 'failed',
    reason: `Something went wrong inside Atelier: ${message.slice(0, 500)} The log ${studio.log.path} tells more.`,
  };
}
