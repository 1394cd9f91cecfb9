/**
 * @file What a step's update did for each of its groups. `measured` scores the step's completions once more after the
 * update. `exact` computes each group's gradient, with one backward pass per group.
 */
import type { SampleId } from '../../contract/model/primitives.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
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

export type AttributionMode = 'measured' | 'exact';

/** Observes the update of each step. */
export interface UpdateWatch {
  before(): Promise<void>;
  /** @param beta the step's KL weight; supervised steps have none */
  after(tools: UpdateTools, step: StepRows, beta: number): Promise<void>;
  /** The projections of the last update, one per group, in the order of its samples. */
  taken(sampleIds: readonly SampleId[]): { sampleId: SampleId; projection: number }[];
}

/** How the steps of a run are attributed while it trains; null = not at all. Supervised steps only can be in a replay. */
export function trainingAttribution({ attribution, method }: Recipe): AttributionMode | null {
  return attribution === 'estimate' && method !== 'sft' ? 'measured' : null;
}

/** Entry points that a mode needs in addition to the update's own. */
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
    // A step whose gradient was not finite changed nothing, so it served no group.
    sampleIds.map((sampleId, group) => ({ sampleId, projection: finite(seen[group]) }));
  if (mode === 'measured') {
    return {
      before: () => Promise.resolve(),
      after: async (tools, step, beta) => {
        seen = firstOrderProjections(step.rows, await completionLogprobs(tools, step, 'rescore'), beta, tools.shape);
      },
      taken,
    };
  }
  return {
    before: async () => {
      const now = await program.get(trainable);
      program.set(Object.fromEntries(Object.entries(now).map(([name, values]) => [beforeName(name), values])));
    },
    after: async (tools, step, beta) => {
      const scalars: Feeds = step.rows['advantages'] === undefined ? {} : { beta: Float32Array.of(beta) };
      seen = [];
      for (const group of step.prompts.keys()) {
        const outputs = await program.call('project', { ...partFeeds(tools, step, [group], 1), ...scalars });
        seen.push(outputs['projection']?.[0] ?? NaN);
      }
    },
    taken,
  };
}

function finite(value: number | undefined): number {
  return value === undefined || !Number.isFinite(value) ? 0 : value;
}
