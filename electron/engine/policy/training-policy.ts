/** @file The policy that a training job runs on: its shape, its program, and how its updates are worked off. */
import { needsReference } from '../../method/kl-curve.ts';
import type { TrainJob } from '../../contract/engine/engine.ts';
import type { MemoryPlan } from '../../contract/engine/memory.ts';
import { attributionEntries, attributionModeOf, attributionVariables } from '../jobs/attribution.ts';
import { KEPT_FEATURE_BYTES } from './feature-cache.ts';
import type { LoadedAdapter, LoadedModel } from './loaded-model.ts';
import { looksAfter } from '../jobs/look-steps.ts';
import { partSizes, planMemory, workloads, type Workload } from '../memory/memory-plan.ts';
import { featureRows } from '../model/program-inputs.ts';
import { isLarge } from './precision.ts';
import { createPolicy, type Policy, type PolicyOptions } from './policy.ts';
import { availableMemory, type AvailableMemory } from '../runtime/available-memory.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { shapeFor, roundUp, type PreparedPrompt } from '../training/batch.ts';
import type { PolicyShape } from '../training/policy-program.ts';
import { referenceText } from '../training/sft/sft-step.ts';
import { lossConfigOf, type UpdateConfig } from '../training/update/update-program.ts';
import { planUpdate, updateEntries, updateVariables, type UpdatePlan } from '../training/update/update-step.ts';

/** A job with everything that is read before its program is built. */
export interface TrainingSetup {
  job: TrainJob;
  model: LoadedModel;
  /** Null = the language model's own weights are trained. */
  adapter: LoadedAdapter | null;
  trainable: readonly string[];
  prompts: readonly PreparedPrompt[];
  /** What each sample's answer is imitated from, as tokens; of supervised jobs only. */
  targets: readonly (readonly number[])[];
  /** Of a whole step. */
  shape: PolicyShape;
  /** Into how many lanes batches are divided (runtime/threads.ts). */
  lanes: number;
}

export interface TrainingPolicy {
  policy: Policy;
  shape: PolicyShape;
  plan: UpdatePlan;
}

/** Full weights train the language model; the vision tower stays frozen, so that features are computed once. */
export function trainableNames(model: LoadedModel, adapter: LoadedAdapter | null): string[] {
  if (adapter !== null) return Object.keys(adapter.shapes);
  return Object.keys(model.shapes).filter((name) => !name.startsWith('visual.'));
}

/** What supervised steps imitate: each sample's text and the token that ends it. None for policies. */
export function targetsOf({ recipe, samples }: TrainJob, { processor }: LoadedModel): number[][] {
  if (recipe.method !== 'sft') return [];
  const end = processor.eosIds[0] ?? processor.padId;
  return samples.map((sample) => [...processor.tokenizer.encode(referenceText(sample)), end]);
}

/** Products with so many rows are as fast as longer ones, so longer ones would only cost memory: those of a large model, */
const LONG_PRODUCT_ROWS = 768;
/** and those of one lane of a small one, where every part costs the launch of its ops. */
const LONG_LANE_ROWS = 1500;

/** The way of working that the job asks for and that is fast; the machine's memory may ask for a smaller one. */
export function wantedWorkload(setup: TrainingSetup): Workload {
  const { job, model, shape, lanes } = setup;
  const { sizes, byLayer } = planUpdate(job.recipe, job.microBatchPrompts);
  const asked = sizes.at(-1) ?? job.recipe.grpo.promptsPerStep;
  const rowsPerPrompt = shape.promptLength + shape.groupSize * (shape.completionLength - 1);
  const longRows = isLarge(model) ? LONG_PRODUCT_ROWS : LONG_LANE_ROWS * lanes;
  const long = partSizes(asked).filter((size) => size * rowsPerPrompt >= longRows);
  return { microBatchPrompts: long.at(-1) ?? asked, byLayer };
}

/** The memory that the job needs, with the fastest way of working that fits; null where nothing is compiled. */
export async function planTraining(
  setup: TrainingSetup,
  candidates: readonly Workload[],
  machine: AvailableMemory = availableMemory(),
): Promise<MemoryPlan | null> {
  const runtime = await loadRuntime();
  if (runtime.native === null) return null;
  const { job, model, prompts, shape } = setup;
  const { config } = model.processor;
  const perImage = (featureRows(shape, config) / shape.images) * config.hiddenSize * 4;
  const seen = Math.min(prompts.length, job.recipe.steps * job.recipe.grpo.promptsPerStep);
  return planMemory(
    {
      optionsFor: (workload) => policyOptions(setup, workload).options,
      candidates,
      imageBytes: Math.min(
        KEPT_FEATURE_BYTES,
        perImage * prompts.slice(0, seen).reduce((sum, { images }) => sum + images.length, 0),
      ),
      limitBytes: job.memoryLimitBytes,
    },
    runtime,
    machine,
  );
}

/** All ways of working that need no more memory than the one the job asks for, fastest first. */
export function candidatesOf(setup: TrainingSetup): Workload[] {
  const all = workloads(setup.job.recipe.grpo.promptsPerStep, wantedWorkload(setup));
  // Layer by layer only the layers' adapters get gradients, not the embeddings that full training changes.
  return all.filter(({ byLayer }) => setup.adapter !== null || !byLayer);
}

export async function buildTrainingPolicy(setup: TrainingSetup, workload: Workload): Promise<TrainingPolicy> {
  const { options, shape, plan } = policyOptions(setup, workload);
  return { policy: await createPolicy(options), shape, plan };
}

/** The shape of a whole step. */
export function trainingShape(
  { recipe }: TrainJob,
  prompts: readonly PreparedPrompt[],
  targets: TrainingSetup['targets'],
): PolicyShape {
  const supervised = recipe.method === 'sft';
  const longest = supervised
    ? targets.reduce((most, { length }) => Math.max(most, length), 0)
    : recipe.grpo.maxCompletionLength;
  return {
    ...shapeFor(prompts, recipe.grpo.promptsPerStep),
    groupSize: supervised ? 1 : recipe.grpo.numGenerations,
    completionLength: Math.max(2, supervised ? roundUp(longest, 4) : longest),
  };
}

function policyOptions(
  setup: TrainingSetup,
  { microBatchPrompts, byLayer }: Workload,
): { options: PolicyOptions; shape: PolicyShape; plan: UpdatePlan } {
  const { job, model, adapter, trainable, shape } = setup;
  const { recipe } = job;
  const supervised = recipe.method === 'sft';
  const { temperature, topP, minP = 0, maxCompletionLength } = recipe.grpo;
  const plan = planUpdate(recipe, microBatchPrompts, byLayer);
  const attribution = attributionModeOf(job);
  const shapes = { ...model.shapes, ...adapter?.shapes };
  const trained = Object.fromEntries(trainable.map((name) => [name, shapes[name] ?? []]));
  const update: UpdateConfig = {
    ...recipe.optimiser,
    trainable,
    trainVision: false,
    temperature: supervised ? 1 : temperature,
    ...(supervised ? {} : { loss: lossConfigOf(recipe.grpo) }),
  };
  const reference = !supervised && needsReference(recipe.klSchedule);
  const options: PolicyOptions = {
    model,
    adapter,
    // A supervised run answers only in looks at held-out samples, which may take longer answers than it imitates.
    shape: supervised ? { ...shape, completionLength: Math.max(2, maxCompletionLength) } : shape,
    trainable,
    ...(!supervised || looksAfter(job, 0) ? { sampling: { temperature, topP, minP } } : {}),
    separateReference: reference && adapter === null,
    byLayer: plan.byLayer,
    zeroed: {
      ...updateVariables(plan, model.processor.config, shape, trained),
      ...attributionVariables(attribution, shapes, trainable),
    },
    entries: (state) => ({
      ...updateEntries(plan, state, shape, update, reference ? { temperature } : null),
      ...attributionEntries(attribution, plan, state, shape, update),
    }),
  };
  return { options, shape, plan };
}
