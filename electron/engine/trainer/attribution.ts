/**
 * @file What a step's update did for each of its groups. `measured` scores the step's completions before and
 * after the update. `exact` computes each group's gradient, with one backward pass per group.
 */
import type { SampleId } from '../../contract/model/primitives.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import type { Shapes } from '../policy/loaded-model.ts';
import type { Entry, EntryTable, VariableSpec } from '../runtime/program.ts';
import { scoreEntry, type PolicyShape, type PolicyState } from '../training/policy-program.ts';
import {
  beforeName,
  beforeVariables,
  firstOrderProjections,
  projectEntry,
  withoutRounding,
} from '../training/update/attribution-program.ts';
import { callOf } from '../training/update/calls.ts';
import type { BatchSpecs, UpdateConfig } from '../training/update/update-program.ts';
import {
  completionLogprobs,
  microBatchFeeds,
  microBatchShape,
  scoredAtOnce,
  type Scoring,
  type StepRows,
  type UpdateLayout,
  type UpdateTools,
} from '../training/update/update-step.ts';

export type AttributionMode = 'measured' | 'exact';

/** Observes the update of each step. */
export interface UpdateWatch {
  before(step: StepRows): Promise<void>;
  /** @param beta the step's KL weight; supervised steps have none */
  after(step: StepRows, beta: number): Promise<void>;
  /** The projections of the last update, one per group, in the order of its samples. */
  taken(sampleIds: readonly SampleId[]): { sampleId: SampleId; projection: number }[];
}

/** What a mode runs after each update. */
export type AttributionCalls = { entries: EntryTable } & (
  { mode: 'measured'; rescore: Scoring } | { mode: 'exact'; project: Entry<BatchSpecs, 'projection' | 'loss'> }
);

/** How the steps of a run are attributed while it trains; null = not at all. Supervised steps can only be attributed in a replay. */
export function trainingAttribution({ attribution, method }: Recipe): AttributionMode | null {
  return attribution === 'estimate' && method !== 'sft' ? 'measured' : null;
}

export function attributionCalls(
  mode: AttributionMode | null,
  plan: UpdateLayout,
  state: PolicyState,
  shape: PolicyShape,
  config: UpdateConfig,
): AttributionCalls | null {
  if (mode === null) return null;
  if (mode === 'exact') {
    const project = projectEntry(state, microBatchShape(shape, 1), config);
    return { mode, project, entries: { project } };
  }
  const size = scoredAtOnce(plan, shape);
  const rescore = scoreEntry(state, microBatchShape(shape, size), config.temperature, 'policy', {
    promptLogits: false,
    pixels: config.trainVision,
  });
  return { mode, rescore: { size, logprobs: callOf(rescore) }, entries: { rescore } };
}

/** Variables that a mode needs. */
export function attributionVariables(
  mode: AttributionMode | null,
  shapes: Shapes,
  trainable: readonly string[],
): Record<string, VariableSpec> {
  return mode === 'exact' ? beforeVariables(shapes, trainable) : {};
}

export function watchUpdates(
  calls: AttributionCalls,
  tools: Omit<UpdateTools, 'calls'>,
  trainable: readonly string[],
): UpdateWatch {
  const { program } = tools;
  let seen: number[] = [];
  const taken: UpdateWatch['taken'] = (sampleIds) =>
    // A step whose gradient was not finite changed nothing, so it served no group.
    sampleIds.map((sampleId, group) => ({ sampleId, projection: finite(seen[group]) }));
  if (calls.mode === 'measured') {
    let start = new Float32Array();
    return {
      // Not the log-probs of sampling: another program rounds them differently, and that would pass for an update.
      before: async (step) => {
        start = new Float32Array(await completionLogprobs(tools, calls.rescore, step));
      },
      after: async (step, beta) => {
        const after = await completionLogprobs(tools, calls.rescore, step);
        seen = firstOrderProjections(step.rows, start, after, beta, tools.shape);
      },
      taken,
    };
  }
  return {
    before: async () => {
      const now = await program.get(trainable);
      program.set(Object.fromEntries(Object.entries(now).map(([name, values]) => [beforeName(name), values])));
    },
    after: async (step, beta) => {
      const perLoss = step.rows.advantages === undefined ? {} : { beta: Float32Array.of(beta) };
      seen = [];
      for (const group of step.prompts.keys()) {
        const { projection } = await program.call(calls.project, {
          ...microBatchFeeds(tools, step, [group], 1),
          ...perLoss,
        });
        seen.push(projection?.[0] ?? NaN);
      }
      seen = withoutRounding(seen);
    },
    taken,
  };
}

function finite(value: number | undefined): number {
  return value === undefined || !Number.isFinite(value) ? 0 : value;
}
