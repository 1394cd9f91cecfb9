/**
 * @file Contribution while training or in a replay: what a step's update did for each of its groups. `measured` scores
 * the step's completions once more after the update; `exact` takes each group's gradient and needs as many backward
 * passes as there are groups.
 */
import type { TrainJob } from '../../contract/engine/engine.ts';
import type { SampleId } from '../../contract/model/primitives.ts';
import type { Shapes } from '../policy/loaded-model.ts';
import {
  beforeName,
  beforeVariables,
  firstOrderProjections,
  projectEntry,
} from '../training/update/attribution-program.ts';
import type { Feeds } from '../training/batch.ts';
import { scoreEntry, type PolicyShape, type PolicyState } from '../training/policy-program.ts';
import type { UpdateConfig } from '../training/update/update-program.ts';
import type { Entry, TensorSpec } from '../runtime/program.ts';
import {
  completionLogprobs,
  partFeeds,
  partShape,
  type StepRows,
  type UpdatePlan,
  type UpdateTools,
} from '../training/update/update-step.ts';

/** How a job's steps are attributed; null = nobody asked. Supervised steps are attributed in a replay only. */
export type AttributionMode = 'measured' | 'exact';

/** Looks on at a step's update. */
export interface UpdateWatch {
  before(): void;
  /** @param beta the step's KL weight; supervised steps have none */
  after(tools: UpdateTools, step: StepRows, beta: number): void;
  /** What was seen last: one projection per group, in the order of its samples. */
  taken(sampleIds: readonly SampleId[]): { sampleId: SampleId; projection: number }[];
}

export function attributionModeOf(job: Pick<TrainJob, 'recipe' | 'replay'>): AttributionMode | null {
  if (job.replay === true) return 'exact';
  return job.recipe.attribution === 'estimate' && job.recipe.method !== 'sft' ? 'measured' : null;
}

/** Entry points that a mode needs beside the update's own. */
export function attributionEntries(
  mode: AttributionMode | null,
  plan: UpdatePlan,
  state: PolicyState,
  shape: PolicyShape,
  config: UpdateConfig,
): Record<string, Entry> {
  if (mode === null) return {};
  if (mode === 'exact') return { project: projectEntry(state, partShape(shape, 1), config) };
  const size = plan.split ? (plan.sizes[0] ?? shape.batch) : shape.batch;
  return { rescore: scoreEntry(state, partShape(shape, size), config.temperature, 'policy') };
}

/** Variables that a mode needs. */
export function attributionVariables(
  mode: AttributionMode | null,
  shapes: Shapes,
  trainable: readonly string[],
): Record<string, TensorSpec> {
  return mode === 'exact' ? beforeVariables(shapes, trainable) : {};
}

export function watchUpdates(
  mode: AttributionMode,
  program: UpdateTools['program'],
  trainable: readonly string[],
): UpdateWatch {
  let seen: number[] = [];
  const taken: UpdateWatch['taken'] = (sampleIds) =>
    // A step whose gradient was not finite changed nothing, so it served nobody.
    sampleIds.map((sampleId, group) => ({ sampleId, projection: finite(seen[group]) }));
  if (mode === 'measured') {
    return {
      before: () => undefined,
      after: (tools, step, beta) => {
        seen = firstOrderProjections(step.rows, completionLogprobs(tools, step, 'rescore'), beta, tools.shape);
      },
      taken,
    };
  }
  return {
    before: () => {
      const now = program.get(trainable);
      program.set(Object.fromEntries(Object.entries(now).map(([name, values]) => [beforeName(name), values])));
    },
    after: (tools, step, beta) => {
      const scalars: Feeds = step.rows['advantages'] === undefined ? {} : { beta: Float32Array.of(beta) };
      seen = step.prompts.map((_, group) => {
        const outputs = program.call('project', { ...partFeeds(tools, step, [group], 1), ...scalars });
        return outputs['projection']?.[0] ?? NaN;
      });
    },
    taken,
  };
}

function finite(value: number | undefined): number {
  return value === undefined || !Number.isFinite(value) ? 0 : value;
}
