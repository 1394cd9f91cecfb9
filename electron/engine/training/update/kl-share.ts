/**
 * @file How much of the gradient comes from the KL term: β‖∇KL‖ / (β‖∇KL‖ + ‖∇reward‖), norms over all trained tensors
 * before clipping. ∇reward is the gradient of the loss with β = 0, ∇KL that of the loss with β = 1 and no advantages.
 * Both are measured on the step's own answers, just before its first update. Measuring changes nothing.
 */
import type { EntryTable } from '../../runtime/program.ts';
import type { PolicyShape, PolicyState } from '../policy-program.ts';
import {
  accumulatedNormEntry,
  gradientNormEntry,
  type AccumulatedNormEntry,
  type GradientNormEntry,
  type UpdateConfig,
} from './update-program.ts';
import { microBatchFeeds, microBatchShape, type StepRows, type UpdateCalls, type UpdateTools } from './update-step.ts';

/** What measures the norm of a gradient: one call, or the plan's own micro-batches. */
export interface KlShareCalls {
  entries: EntryTable;
  whole: GradientNormEntry | null;
  split: {
    size: number;
    accumulate: NonNullable<UpdateCalls['split']>['accumulate'];
    norm: AccumulatedNormEntry;
  } | null;
}

/** @param update what the plan's updates run; a plan that splits measures with the same micro-batches */
export function klShareCalls(
  state: PolicyState,
  shape: PolicyShape,
  config: UpdateConfig,
  update: Pick<UpdateCalls, 'split'>,
): KlShareCalls {
  if (update.split !== null) {
    const { size, accumulate } = update.split;
    const norm = accumulatedNormEntry(config);
    return { entries: { gradientNorm: norm }, whole: null, split: { size, accumulate, norm } };
  }
  const whole = gradientNormEntry(state, microBatchShape(shape, shape.batch), config);
  return { entries: { gradientNorm: whole }, whole, split: null };
}

/**
 * The share of a step, between 0 and 1; null if neither term has a gradient.
 * @param step with advantages and reference log-probs @param beta the step's KL weight
 */
export async function klShare(
  tools: Omit<UpdateTools, 'calls'>,
  calls: KlShareCalls,
  step: StepRows,
  beta: number,
): Promise<number | null> {
  const { advantages } = step.rows;
  if (advantages === undefined) throw new Error('Only a policy loss has a KL term.');
  if (beta === 0) return 0;
  const silent = { ...step, rows: { ...step.rows, advantages: new Float32Array(advantages.length) } };
  const pull = beta * (await gradientNorm(tools, calls, silent, 1));
  const whole = pull + (await gradientNorm(tools, calls, step, 0));
  return whole === 0 ? null : pull / whole;
}

async function gradientNorm(
  tools: Omit<UpdateTools, 'calls'>,
  { whole, split }: KlShareCalls,
  step: StepRows,
  beta: number,
): Promise<number> {
  const { program, shape } = tools;
  const weight = { beta: Float32Array.of(beta) };
  const every = Array.from({ length: shape.batch }, (_, index) => index);
  if (whole !== null) {
    const { gradNorm } = await program.call(whole, { ...microBatchFeeds(tools, step, every, shape.batch), ...weight });
    return gradNorm?.[0] ?? NaN;
  }
  if (split === null) throw new Error('The plan has neither whole updates nor micro-batches.');
  for (let start = 0; start < shape.batch; start += split.size) {
    const part = microBatchFeeds(tools, step, every.slice(start, start + split.size), split.size);
    await split.accumulate(program, { ...part, ...weight });
  }
  const { gradNorm } = await program.call(split.norm, {});
  return gradNorm?.[0] ?? NaN;
}
