/** @file Keeps a run within the memory there is: chooses a way of working before it starts, and a smaller one if that fails. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { TrainEvent } from '../../contract/engine/engine.ts';
import type { MemoryPlan } from '../../contract/engine/memory.ts';
import type { Workload } from './memory-plan.ts';
import { candidatesOf, planTraining, wantedWorkload, type TrainingSetup } from '../policy/training-policy.ts';

type Warning = Extract<TrainEvent, { type: 'warning' }>;

/** A prediction may be wrong by this share: so far above the limit a run is tried, with a warning. */
const TRIED_ABOVE = 0.15;

/**
 * The way of working for a job. Its warning says when parts are smaller than asked for, or when memory may not do.
 * @throws AtelierError BAD_INPUT when even the smallest way of working needs far more than there is
 */
export async function fitMemory(setup: TrainingSetup): Promise<{ workload: Workload; warning: Warning | null }> {
  const wanted = wantedWorkload(setup);
  const plan = await planTraining(setup, candidatesOf(setup));
  if (plan === null) return { workload: wanted, warning: null };
  const { microBatchPrompts, byLayer } = plan;
  const workload = { microBatchPrompts, byLayer };
  if (plan.predictedBytes > plan.limitBytes * (1 + TRIED_ABOVE)) throw tooLarge(plan);
  if (!plan.fits) {
    const message = `This run may need about ${gigabytes(plan.predictedBytes)}, a little more than the ${gigabytes(plan.limitBytes)} that there are. It is tried in the smallest parts; if it stops, shorten the answers or take fewer of them.`;
    return { workload, warning: warningOf('MEMORY_TIGHT', message, 'warning') };
  }
  if (microBatchPrompts === wanted.microBatchPrompts && byLayer === wanted.byLayer) return { workload, warning: null };
  const message = `To stay within ${gigabytes(plan.limitBytes)} of memory, updates are worked off ${wordsFor(workload)}. The results are the same; it takes longer.`;
  return { workload, warning: warningOf('MEMORY_PARTS', message, 'info') };
}

/** The next smaller way of working, or null when there is none. */
export function smallerWorkload(setup: TrainingSetup, current: Workload): Workload | null {
  const all = candidatesOf(setup);
  const place = all.findIndex(
    ({ microBatchPrompts, byLayer }) => microBatchPrompts === current.microBatchPrompts && byLayer === current.byLayer,
  );
  return all[place + 1] ?? null;
}

/** What a run says when it backs off. */
export function backedOffWarning(step: number, workload: Workload, promptsPerStep: number): Warning {
  const parts = workload.microBatchPrompts < promptsPerStep || workload.byLayer ? wordsFor(workload) : 'at once';
  const message = `The memory ran out in step ${String(step)}. The step is done again with updates worked off ${parts}; nothing is lost, and the results are the same.`;
  return warningOf('MEMORY_BACKED_OFF', message, 'warning', step);
}

/** Whether TensorFlow or the process could not get memory. */
export function isOutOfMemory(error: unknown): boolean {
  const message = error instanceof Error ? error.message : String(error);
  return /\bOOM\b|out of memory|bad_alloc|RESOURCE_EXHAUSTED|ResourceExhausted|Array buffer allocation failed/i.test(
    message,
  );
}

/** The error of a step as a person should see it. */
export function outOfMemoryOr(error: unknown, step: number): unknown {
  if (!isOutOfMemory(error)) return error;
  return new AtelierError('OUT_OF_MEMORY', `Memory ran out again in step ${String(step)}.`, {
    remedy: 'Close other programs, or use fewer or shorter answers per question, then resume from the last checkpoint.',
    place: { field: 'grpo.numGenerations' },
    cause: error,
  });
}

function tooLarge(plan: MemoryPlan): AtelierError {
  const largest = [...plan.parts].sort((a, b) => b.bytes - a.bytes)[0];
  return new AtelierError(
    'BAD_INPUT',
    `This run needs about ${gigabytes(plan.predictedBytes)} of memory, and there are ${gigabytes(plan.limitBytes)}.${
      largest === undefined ? '' : ` Most of it is for ${PART_WORDS[largest.name]} (${gigabytes(largest.bytes)}).`
    }`,
    {
      place: { field: 'grpo.maxCompletionLength' },
      remedy:
        'Choose shorter or fewer answers per question, smaller images or a smaller model, or close other programs.',
    },
  );
}

const PART_WORDS: Record<MemoryPlan['parts'][number]['name'], string> = {
  program: 'the engine itself',
  weights: "the model's weights",
  optimiser: 'the adapter and its optimiser',
  caches: 'the memory of the rollouts',
  images: 'the encoded images',
  work: 'intermediate results',
};

function wordsFor({ microBatchPrompts, byLayer }: Workload): string {
  const parts = `in parts of ${String(microBatchPrompts)} question${microBatchPrompts === 1 ? '' : 's'}`;
  return byLayer ? `${parts}, layer by layer` : parts;
}

function warningOf(code: string, message: string, severity: 'info' | 'warning', step = 0): Warning {
  return { type: 'warning', warning: { step, code, message, severity } };
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
