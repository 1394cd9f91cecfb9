/** @file A training job: prepares everything once, then one step after another, with checkpoints, until done or stopped. */
import { mkdir } from 'node:fs/promises';
import { initialKlState, needsReference, type KlState } from '../contract/kl-curve.ts';
import type { TrainEvent, TrainJob } from '../contract/engine.ts';
import type { SampleId } from '../contract/primitives.ts';
import { attributionEntries, attributionModeOf, attributionVariables, watchUpdates } from './attribution.ts';
import { freshAdapter, loadModel, type LoadedAdapter, type LoadedModel } from './loaded-model.ts';
import { createPolicy, type Policy } from './policy.ts';
import { checkContext, prepareSamples } from './prepare-samples.ts';
import { readCheckpointState, writeCheckpoint } from './checkpoints.ts';
import { look, prepareHeldOut, type HeldOutSet } from './held-out.ts';
import { looksAfter } from './look-steps.ts';
import { openJudge, type Judge } from './rewards/judge.ts';
import { shapeFor, roundUp, type PreparedPrompt } from './training/batch.ts';
import { grpoStep, type StepContext } from './training/grpo-step.ts';
import type { PolicyShape } from './training/policy-program.ts';
import { accumulatorVariables, lossConfigOf, type UpdateConfig } from './training/update-program.ts';
import { planUpdate, updateEntries, type UpdatePlan } from './training/update-step.ts';
import { samplesOfStep } from './training/random.ts';
import { referenceText, sftStep } from './training/sft-step.ts';

export interface JobControl {
  /** True once the job should end after the step in work. */
  stopping: () => boolean;
}

/** Runs the job. Failures that a person can mend are AtelierErrors; nothing is written but checkpoints. */
export async function* train(job: TrainJob, control: JobControl): AsyncGenerator<TrainEvent, void, undefined> {
  const { recipe } = job;
  yield phase('load', 0, 3);
  // A person's own reward that cannot work is noticed before anything is loaded.
  const judge = openJudge(recipe.rewards);
  try {
    yield* trainWith(job, control, judge);
  } finally {
    judge.close();
  }
}

async function* trainWith(
  job: TrainJob,
  control: JobControl,
  judge: Judge,
): AsyncGenerator<TrainEvent, void, undefined> {
  const { recipe } = job;
  const model = await loadModel(job.modelPath);
  const resumed = job.resumeFrom === undefined ? null : await readCheckpointState(job.resumeFrom, recipe);
  yield phase('read images', 1, 3);
  const prompts = await prepareSamples(model, recipe.promptTemplate, job.samples);
  checkContext(model, prompts, recipe.grpo.maxCompletionLength, 'grpo.maxCompletionLength');
  yield phase('compile', 2, 3);
  const adapter = recipe.adapter.kind === 'lora' ? freshAdapter(recipe.adapter, model, recipe.seed) : null;
  const trainable = trainableNames(model, adapter);
  const { policy, shape, plan } = await buildPolicy(job, model, adapter, trainable, prompts);
  const optimiserNames = trainable.flatMap((name) => [`adam/${name}/mean`, `adam/${name}/square`]);
  if (resumed !== null) policy.program.set({ ...resumed.trained, ...resumed.optimiser });
  const shapes = { ...model.shapes, ...adapter?.shapes };
  if (job.replay !== true) await mkdir(job.checkpointRoot, { recursive: true });
  const attributionMode = attributionModeOf(job);
  const watch = attributionMode === null ? null : watchUpdates(attributionMode, policy.program, trainable);
  const context: StepContext = {
    recipe,
    program: policy.program,
    shape,
    plan,
    config: model.processor.config,
    eosIds: model.processor.eosIds,
    padId: model.processor.padId,
    decode: (ids) => model.processor.tokenizer.decode(ids, { skipSpecialTokens: true }),
    judge: (items) => judge.score(items),
    residentBytes: () => process.memoryUsage.rss(),
  };
  if (watch !== null) {
    context.watchUpdate = { before: watch.before, after: (rows, beta) => watch.after(context, rows, beta) };
  }
  const runStep = stepFunction(job, context, model, policy, prompts);
  yield phase('train', 3, 3);

  try {
    let step = resumed?.step ?? 0;
    let kl = resumed?.kl ?? initialKlState(recipe.klSchedule);
    const heldOut = looksAfter(job, 0) ? await prepareHeldOut(job, model, policy.shape) : null;
    if (heldOut !== null && step === 0) {
      if (heldOut.left > 0) yield leftOut(heldOut);
      yield* look(job, model, policy, heldOut, 0);
    }
    while (step < recipe.steps) {
      step++;
      const { klState, ...event } = runStep(step, kl);
      kl = klState;
      yield watch === null ? event : { ...event, projections: watch.taken(samplesIn(job, step)) };
      const { loss, gradNorm } = event.metrics;
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
      if (heldOut !== null && looksAfter(job, step)) yield* look(job, model, policy, heldOut, step);
      const stopped = control.stopping() && step < recipe.steps;
      const due = stopped || step === recipe.steps || step % recipe.checkpointEvery === 0;
      if (due && job.replay !== true) {
        const checkpoint = await writeCheckpoint(job.checkpointRoot, recipe, model, shapes, {
          step,
          trained: policy.program.get(trainable),
          optimiser: policy.program.get(optimiserNames),
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
    policy.dispose();
  }
}

function phase(name: string, done: number, total: number): TrainEvent {
  return { type: 'phase', progress: { phase: name, done, total } };
}

function leftOut({ left, samples }: HeldOutSet): TrainEvent {
  const message = `${String(left)} of ${String(left + samples.length)} held-out samples are longer or larger than any training sample, so looks during the run leave them out; the examination at the end takes them in.`;
  return { type: 'warning', warning: { step: 0, code: 'HELD_OUT_LEFT_OUT', message, severity: 'info' } };
}

/** Full weights train the language model; the vision tower stays frozen, so that features are computed once. */
function trainableNames(model: LoadedModel, adapter: LoadedAdapter | null): string[] {
  if (adapter !== null) return Object.keys(adapter.shapes);
  return Object.keys(model.shapes).filter((name) => !name.startsWith('visual.'));
}

async function buildPolicy(
  job: TrainJob,
  model: LoadedModel,
  adapter: LoadedAdapter | null,
  trainable: readonly string[],
  prompts: readonly PreparedPrompt[],
): Promise<{ policy: Policy; shape: PolicyShape; plan: UpdatePlan }> {
  const { recipe } = job;
  const supervised = recipe.method === 'sft';
  const longest = supervised
    ? Math.max(...job.samples.map((sample) => targetOf(model, referenceText(sample)).length))
    : recipe.grpo.maxCompletionLength;
  const shape: PolicyShape = {
    ...shapeFor(prompts, recipe.grpo.promptsPerStep),
    groupSize: supervised ? 1 : recipe.grpo.numGenerations,
    completionLength: Math.max(2, supervised ? roundUp(longest, 4) : longest),
  };
  const { temperature, topP, minP = 0, maxCompletionLength } = recipe.grpo;
  const plan = planUpdate(recipe, job.microBatchPrompts);
  const attribution = attributionModeOf(job);
  const shapes = { ...model.shapes, ...adapter?.shapes };
  const update: UpdateConfig = {
    ...recipe.optimiser,
    trainable,
    trainVision: false,
    temperature: supervised ? 1 : temperature,
    ...(supervised ? {} : { loss: lossConfigOf(recipe.grpo) }),
  };
  const policy = await createPolicy({
    model,
    adapter,
    // A supervised run answers only in looks at held-out samples, which may take longer answers than it imitates.
    shape: supervised ? { ...shape, completionLength: Math.max(2, maxCompletionLength) } : shape,
    trainable,
    ...(!supervised || looksAfter(job, 0) ? { sampling: { temperature, topP, minP } } : {}),
    separateReference: !supervised && adapter === null && needsReference(recipe.klSchedule),
    zeroed: {
      ...(plan.split ? accumulatorVariables(shapes, trainable) : {}),
      ...attributionVariables(attribution, shapes, trainable),
    },
    entries: (state) => ({
      ...updateEntries(
        plan,
        state,
        shape,
        update,
        !supervised && needsReference(recipe.klSchedule) ? { temperature } : null,
      ),
      ...attributionEntries(attribution, plan, state, shape, update),
    }),
  });
  return { policy, shape, plan };
}

function targetOf(model: LoadedModel, text: string): number[] {
  return [...model.processor.tokenizer.encode(text), model.processor.eosIds[0] ?? model.processor.padId];
}

function stepFunction(
  job: TrainJob,
  context: StepContext,
  model: LoadedModel,
  policy: Policy,
  prompts: readonly PreparedPrompt[],
): (step: number, kl: KlState) => Extract<TrainEvent, { type: 'step' }> & { klState: KlState } {
  const { recipe } = job;
  return (step, kl) => {
    const chosen = chosenIn(job, step);
    const samples = chosen.map((index) => at(job.samples, index));
    const own = chosen.map((index) => at(prompts, index));
    const batch = { samples, prompts: own, feeds: policy.feeds(own) };
    if (recipe.method === 'sft') {
      const targets = samples.map((sample) => targetOf(model, referenceText(sample)));
      return { type: 'step', metrics: sftStep(context, batch, targets, step), completions: [], klState: kl };
    }
    return { type: 'step', ...grpoStep(context, batch, step, kl) };
  };
}

/** Places of the samples that a step draws. */
function chosenIn({ recipe, samples }: TrainJob, step: number): number[] {
  return samplesOfStep(step, recipe.grpo.promptsPerStep, samples.length, recipe.seed);
}

function samplesIn(job: TrainJob, step: number): SampleId[] {
  return chosenIn(job, step).map((index) => at(job.samples, index).id);
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`There is no item ${String(index)}.`);
  return item;
}
