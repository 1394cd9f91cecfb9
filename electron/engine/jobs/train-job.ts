/** @file A training job: prepares everything once, then one step after another, with checkpoints, until done or stopped. */
import { mkdir } from 'node:fs/promises';
import { initialKlState } from '../../method/kl-curve.ts';
import type { TrainEvent, TrainJob } from '../../contract/engine/engine.ts';
import type { MemoryPlan } from '../../contract/engine/memory.ts';
import { freshAdapter, loadModel, type LoadedModel } from '../policy/loaded-model.ts';
import { checkContext, prepareSamples } from './prepare-samples.ts';
import { readCheckpointState, writeCheckpoint } from './checkpoints.ts';
import { look, prepareHeldOut, type HeldOutSet } from './held-out.ts';
import { looksAfter } from './look-steps.ts';
import { backedOffWarning, fitMemory, isOutOfMemory, outOfMemoryOr, smallerWorkload } from '../memory/memory-fit.ts';
import { openJudge, type Judge } from '../rewards/judge.ts';
import type { AvailableMemory } from '../runtime/available-memory.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { openTrainer, type TrainerStep } from './trainer.ts';
import {
  candidatesOf,
  planTraining,
  targetsOf,
  trainableNames,
  trainingShape,
  type TrainingSetup,
} from '../policy/training-policy.ts';

export interface JobControl {
  /** True once the job should end after the step in work. */
  stopping: () => boolean;
}

/** Runs the job. Failures that a person can mend are AtelierErrors; nothing is written but checkpoints. */
export async function* train(
  job: TrainJob,
  control: JobControl,
  open: typeof openTrainer = openTrainer,
): AsyncGenerator<TrainEvent, void, undefined> {
  const { recipe } = job;
  yield phase('load', 0, 3);
  // A person's own reward that cannot work is noticed before anything is loaded.
  const judge = await openJudge(recipe.rewards);
  try {
    yield* trainWith(job, control, judge, open);
  } finally {
    judge.close();
  }
}

/** The memory that a job will need, told without starting it; null where nothing is compiled. */
export async function planJob(job: TrainJob, machine?: AvailableMemory): Promise<MemoryPlan | null> {
  const setup = await prepare(job, await loadModel(job.modelPath));
  return await planTraining(setup, candidatesOf(setup), machine);
}

async function prepare(job: TrainJob, model: LoadedModel): Promise<TrainingSetup> {
  const { recipe } = job;
  const prompts = await prepareSamples(model, recipe.promptTemplate, job.samples);
  checkContext(model, prompts, recipe.grpo.maxCompletionLength, 'grpo.maxCompletionLength');
  const adapter = recipe.adapter.kind === 'lora' ? freshAdapter(recipe.adapter, model, recipe.seed) : null;
  const targets = targetsOf(job, model);
  const shape = trainingShape(job, prompts, targets);
  const { lanes } = await loadRuntime();
  return { job, model, adapter, trainable: trainableNames(model, adapter), prompts, targets, shape, lanes };
}

async function* trainWith(
  job: TrainJob,
  control: JobControl,
  judge: Judge,
  open: typeof openTrainer,
): AsyncGenerator<TrainEvent, void, undefined> {
  const { recipe } = job;
  const model = await loadModel(job.modelPath);
  const resumed = job.resumeFrom === undefined ? null : await readCheckpointState(job.resumeFrom, recipe);
  yield phase('read images', 1, 3);
  const setup = await prepare(job, model);
  const { trainable, adapter } = setup;
  yield phase('compile', 2, 3);
  const planned = await fitMemory(setup);
  if (planned.warning !== null) yield planned.warning;
  const optimiserNames = trainable.flatMap((name) => [`adam/${name}/mean`, `adam/${name}/square`]);
  const shapes = { ...model.shapes, ...adapter?.shapes };
  let trainer = await open(setup, planned.workload, judge);
  try {
    if (resumed !== null) trainer.policy.program.set({ ...resumed.trained, ...resumed.optimiser });
    if (job.replay !== true) await mkdir(job.checkpointRoot, { recursive: true });
    yield phase('train', 3, 3);
    let step = resumed?.step ?? 0;
    let kl = resumed?.kl ?? initialKlState(recipe.klSchedule);
    let backedOff = false;
    const heldOut = looksAfter(job, 0) ? await prepareHeldOut(job, model, trainer.policy.shape) : null;
    if (heldOut !== null && step === 0) {
      if (heldOut.left > 0) yield leftOut(heldOut);
      yield* look(job, model, trainer.policy, heldOut, 0);
    }
    while (step < recipe.steps) {
      let result: TrainerStep;
      try {
        result = await trainer.step(step + 1, kl);
      } catch (error) {
        const smaller = smallerWorkload(setup, trainer.workload);
        if (!isOutOfMemory(error) || backedOff || smaller === null) throw outOfMemoryOr(error, step + 1);
        // The failed step changed no weight: what is trained is put aside, and the step is done again in smaller parts.
        backedOff = true;
        const state = trainer.policy.program.get([...trainable, ...optimiserNames]);
        trainer.close();
        trainer = await open(setup, smaller, judge);
        trainer.policy.program.set(state);
        yield backedOffWarning(step + 1, smaller, recipe.grpo.promptsPerStep);
        continue;
      }
      step++;
      kl = result.klState;
      yield result.event;
      const { loss, gradNorm } = result.event.metrics;
      if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) {
        yield {
          type: 'warning',
          warning: {
            step,
            code: 'NOT_FINITE',
            message: `Step ${String(step)} gave a loss or gradient that is not a number; it changed nothing. If this repeats, lower the learning rate.`,
            severity: 'warning',
          },
        };
      }
      // Lets messages in (a stop request): a step itself runs without a pause.
      await new Promise((resolve) => setImmediate(resolve));
      if (heldOut !== null && looksAfter(job, step)) yield* look(job, model, trainer.policy, heldOut, step);
      const stopped = control.stopping() && step < recipe.steps;
      const due = stopped || step === recipe.steps || step % recipe.checkpointEvery === 0;
      if (due && job.replay !== true) {
        const checkpoint = await writeCheckpoint(job.checkpointRoot, recipe, model, shapes, {
          step,
          trained: trainer.policy.program.get(trainable),
          optimiser: trainer.policy.program.get(optimiserNames),
          kl,
        });
        yield { type: 'checkpoint', step, ...checkpoint };
      }
      if (stopped) {
        yield { type: 'done', step, stopped: true };
        return;
      }
    }
    yield { type: 'done', step, stopped: false };
  } finally {
    trainer.close();
  }
}

function phase(name: string, done: number, total: number): TrainEvent {
  return { type: 'phase', progress: { phase: name, done, total } };
}

function leftOut({ left, samples }: HeldOutSet): TrainEvent {
  const message = `${String(left)} of ${String(left + samples.length)} held-out samples are longer or larger than any training sample, so looks during the run leave them out; the examination at the end takes them in.`;
  return { type: 'warning', warning: { step: 0, code: 'HELD_OUT_LEFT_OUT', message, severity: 'info' } };
}
