/**
 * @file Keeps a run within the available memory, from outside the trainer: chooses a workload before the first step, and
 * a smaller one if memory runs out all the same.
 */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { RunWarning } from '../../contract/model/runs.ts';
import { bytes } from '../../method/byte-size.ts';
import { isRefused, memoryRefusal } from '../../method/memory-refusal.ts';
import type { OnLoad } from '../policy/load-meter.ts';
import type { Judge } from '../rewards/judge.ts';
import type { TrainingSetup } from '../trainer/setup.ts';
import { loadRuntime } from '../runtime/backend.ts';
import type { Gpu } from '../runtime/webgpu/gpu.ts';
import { openTrainer, type Trainer } from '../trainer/trainer.ts';
import type { MemoryOption } from '../trainer/training-policy.ts';
import { candidatesOf, planTraining, wantedOption, withAdvice } from './training-memory.ts';

/**
 * A trainer with the fastest workload that fits. If memory runs out in a step, which then changed nothing, the step is
 * taken again with a smaller workload. That happens once; a second time ends the run.
 * @param warn gets what the person should know about the choice
 * @param onLoad gets the progress of loading the model, before the trainer is returned
 * @throws AtelierError BAD_INPUT if even the smallest workload needs far more than is available
 */
export async function openFittedTrainer(
  setup: TrainingSetup,
  judge: Judge,
  warn: (warning: RunWarning) => void,
  onLoad: OnLoad = () => undefined,
  open: typeof openTrainer = openTrainer,
): Promise<Trainer> {
  const workload = await fittingWorkload(setup, warn);
  const { gpu } = await loadRuntime();
  // An earlier job's is no news about this run.
  if (gpu !== null) gpu.programs.notCompiled = null;
  let trainer = await open(setup, workload, judge, onLoad);
  const op = notCompiledOn(gpu);
  if (op !== null) warn(opByOpWarning(op));
  let backedOff = false;

  const backOff = async (step: number, smaller: MemoryOption): Promise<void> => {
    backedOff = true;
    const state = await trainer.save();
    trainer.close();
    trainer = await open(setup, smaller, judge);
    trainer.restore(state);
    warn(backedOffWarning(step, smaller, setup.job.recipe.grpo.promptsPerStep));
  };

  return {
    get workload() {
      return trainer.workload;
    },
    get policy() {
      return trainer.policy;
    },
    step: async (step, kl) => {
      try {
        return await trainer.step(step, kl);
      } catch (error) {
        const smaller = smallerOption(setup, trainer.workload);
        if (!isOutOfMemory(error) || backedOff || smaller === null) throw outOfMemoryOr(error, step);
        await backOff(step, smaller);
      }
      try {
        return await trainer.step(step, kl);
      } catch (error) {
        throw outOfMemoryOr(error, step);
      }
    },
    save: () => trainer.save(),
    restore: (state) => {
      trainer.restore(state);
    },
    close: () => {
      trainer.close();
    },
  };
}

async function fittingWorkload(setup: TrainingSetup, warn: (warning: RunWarning) => void): Promise<MemoryOption> {
  const wanted = wantedOption(setup);
  const plan = await planTraining(setup, candidatesOf(setup));
  if (plan === null) return wanted;
  const { microBatchPrompts, byLayer } = plan;
  const workload = { microBatchPrompts, byLayer };
  if (isRefused(plan)) throw memoryRefusal(await withAdvice(setup, plan), 'run');
  if (!plan.fits) {
    const message = `This run may need about ${bytes(plan.predictedBytes)}, a little more than the ${bytes(plan.limitBytes)} available. It starts with the smallest micro-batches. If it stops, use shorter or fewer answers per question.`;
    warn({ step: 0, code: 'MEMORY_TIGHT', message, severity: 'warning' });
  } else if (microBatchPrompts !== wanted.microBatchPrompts || byLayer !== wanted.byLayer) {
    const message = `To stay within ${bytes(plan.limitBytes)} of memory, updates are computed ${inWords(workload)}. The results are the same, but each step takes longer.`;
    warn({ step: 0, code: 'MEMORY_PARTS', message, severity: 'info' });
  }
  return workload;
}

/** The next smaller workload, or null if there is none. */
function smallerOption(setup: TrainingSetup, current: MemoryOption): MemoryOption | null {
  const all = candidatesOf(setup);
  const place = all.findIndex(
    ({ microBatchPrompts, byLayer }) => microBatchPrompts === current.microBatchPrompts && byLayer === current.byLayer,
  );
  return all[place + 1] ?? null;
}

function notCompiledOn(gpu: Gpu | null): string | null {
  return gpu?.programs.notCompiled ?? null;
}

/** @param op which cannot be compiled */
function opByOpWarning(op: string): RunWarning {
  const message = `The GPU runs this model operation by operation, because ${op} cannot be compiled. The results are the same, but each step takes longer.`;
  return { step: 0, code: 'GPU_OP_BY_OP', message, severity: 'info' };
}

function backedOffWarning(step: number, workload: MemoryOption, promptsPerStep: number): RunWarning {
  const how = workload.microBatchPrompts < promptsPerStep || workload.byLayer ? inWords(workload) : 'at once';
  const message = `Memory ran out in step ${String(step)}. The step is taken again with updates computed ${how}. Nothing is lost, and the results are the same.`;
  return { step, code: 'MEMORY_BACKED_OFF', message, severity: 'warning' };
}

/** Whether TensorFlow or the process could not get memory. The binding passes on TensorFlow's message, and no code. */
function isOutOfMemory(error: unknown): boolean {
  const message = error instanceof Error ? error.message : String(error);
  return /\bOOM\b|out of memory|bad_alloc|RESOURCE_EXHAUSTED|ResourceExhausted|Array buffer allocation failed/i.test(
    message,
  );
}

function outOfMemoryOr(error: unknown, step: number): unknown {
  if (!isOutOfMemory(error)) return error;
  return new AtelierError('OUT_OF_MEMORY', `Memory ran out again in step ${String(step)}.`, {
    remedy: 'Close other programs, or use fewer or shorter answers per question, then resume from the last checkpoint.',
    place: { field: 'grpo.numGenerations' },
    cause: error,
  });
}

function inWords({ microBatchPrompts, byLayer }: MemoryOption): string {
  const sizes = `in micro-batches of ${String(microBatchPrompts)} question${microBatchPrompts === 1 ? '' : 's'}`;
  return byLayer ? `${sizes}, layer by layer` : sizes;
}
