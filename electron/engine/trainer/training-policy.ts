/** @file The policy that a training job runs on: its program, and how that program's updates are divided. */
import { needsReference } from '../../method/kl-curve.ts';
import type { OnLoad } from '../policy/load-meter.ts';
import { createPolicy, type Policy, type PolicyOptions } from '../policy/policy.ts';
import { isSeen } from '../model/lora.ts';
import { namedEntries, type Entry, type EntryTable } from '../runtime/program.ts';
import type { PolicyShape } from '../training/policy-program.ts';
import { lossConfigOf, type UpdateConfig } from '../training/update/update-program.ts';
import { updateLayout, updateCalls, updateVariables, type UpdateCalls } from '../training/update/update-step.ts';
import { laterGraphs } from '../training/update/shorter-updates.ts';
import { klShareCalls, type KlShareCalls } from '../training/update/kl-share.ts';
import { attributionCalls, attributionVariables, type AttributionCalls } from './attribution.ts';
import type { TrainingSetup } from './setup.ts';

/** How updates are divided so that they fit in memory. Every way gives the same results, up to rounding. */
export interface MemoryOption {
  /** Prompts in a micro-batch. */
  microBatchPrompts: number;
  /** Whether activations are recomputed layer block by layer block (block-program.ts). */
  byLayer: boolean;
}

/** What a training program runs besides rollouts. */
export interface TrainingCalls {
  entries: EntryTable;
  first: readonly Entry[];
  update: UpdateCalls;
  /** Makes what updates and scores completions of another length. */
  updateFor: (shape: PolicyShape) => UpdateCalls;
  attribution: AttributionCalls | null;
  /** What measures how much of the gradient the KL term has; null if the recipe does not ask, or there is no KL term. */
  klShare: KlShareCalls | null;
}

export interface TrainingPolicy {
  policy: Policy<TrainingCalls>;
  shape: PolicyShape;
}

export async function buildTrainingPolicy(
  setup: TrainingSetup,
  workload: MemoryOption,
  onLoad?: OnLoad,
): Promise<TrainingPolicy> {
  const { options, shape } = trainingPolicyOptions(setup, workload);
  planned.delete(setup);
  return { policy: await createPolicy(options, onLoad), shape };
}

/** All but updates of fewer prompts than there are, which are compiled when a step has so few. */
function calledFirst(entries: EntryTable, update: UpdateCalls): Entry[] {
  const smaller = new Set<unknown>(update.whole.slice(0, -1).map(({ entry }) => entry));
  return namedEntries(entries).flatMap(({ entry }) => (smaller.has(entry) ? [] : [entry]));
}

/** What was last planned with a setup: the plan has traced its program. */
const planned = new WeakMap<TrainingSetup, { workload: MemoryOption; built: PolicyPlan }>();

interface PolicyPlan {
  options: PolicyOptions<TrainingCalls>;
  shape: PolicyShape;
}

/** What a training policy is built from, also for a plan that builds nothing. */
export function trainingPolicyOptions(setup: TrainingSetup, workload: MemoryOption): PolicyPlan {
  const last = planned.get(setup);
  if (last?.workload.microBatchPrompts === workload.microBatchPrompts && last.workload.byLayer === workload.byLayer)
    return last.built;
  const built = policyPlan(setup, workload);
  planned.set(setup, { workload, built });
  return built;
}

function policyPlan(setup: TrainingSetup, { microBatchPrompts, byLayer }: MemoryOption): PolicyPlan {
  const { job, model, adapter, trainable, shape, attribution, evaluates, featureFolder } = setup;
  const { recipe } = job;
  const supervised = recipe.method === 'sft';
  const { temperature, topP, minP = 0, maxCompletionLength } = recipe.grpo;
  const plan = updateLayout(recipe, microBatchPrompts, byLayer);
  const shapes = { ...model.shapes, ...adapter?.shapes };
  const trained = Object.fromEntries(trainable.map((name) => [name, shapes[name] ?? []]));
  const update: UpdateConfig = {
    ...recipe.optimiser,
    trainable,
    trainVision: trainable.some(isSeen),
    temperature: supervised ? 1 : temperature,
    ...(supervised ? {} : { loss: lossConfigOf(recipe.grpo) }),
  };
  const reference = !supervised && needsReference(recipe.klSchedule);
  // A replay measures contributions, not the KL term again.
  const measuresKlShare = reference && attribution !== 'exact' && (recipe.klShareEvery ?? 0) > 0;
  const options: PolicyOptions<TrainingCalls> = {
    model,
    adapter,
    // A supervised run answers in interim evaluations only, where answers may be longer than what it imitates.
    shape: supervised ? { ...shape, completionLength: Math.max(2, maxCompletionLength) } : shape,
    trainable,
    ...(!supervised || evaluates ? { sampling: { temperature, topP, minP } } : {}),
    separateReference: reference && adapter === null,
    referenceAdapter: reference && job.initialAdapter !== undefined,
    byLayer: plan.byLayer,
    ...(featureFolder === undefined ? {} : { featureFolder }),
    variables: {
      ...updateVariables(plan, model.processor.config, shape, trained),
      ...attributionVariables(attribution, shapes, trainable),
    },
    calls: (state) => {
      const updateFor = (own: PolicyShape): UpdateCalls =>
        updateCalls(plan, state, own, update, reference ? { temperature } : null);
      const updates = updateFor(shape);
      const observed = attributionCalls(attribution, plan, state, shape, update);
      const klShare = measuresKlShare ? klShareCalls(state, shape, update, updates) : null;
      const entries = { ...updates.entries, ...observed?.entries, ...klShare?.entries };
      const first = calledFirst(entries, updates);
      const later = laterGraphs(recipe, { shape, calls: updates });
      return { update: updates, updateFor, attribution: observed, klShare, entries, first, later };
    },
  };
  return { options, shape };
}
