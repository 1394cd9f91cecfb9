/** @file A training job: prepares everything once, then one step after another, with checkpoints, until done or stopped. */
import { mkdir } from 'node:fs/promises';
import { needsReference } from '../contract/kl-curve.ts';
import type { TrainEvent, TrainJob } from '../contract/engine.ts';
import { freshAdapter, loadModel, type LoadedAdapter, type LoadedModel } from './loaded-model.ts';
import { createPolicy, type Policy } from './policy.ts';
import { checkContext, prepareSamples } from './prepare-samples.ts';
import { readCheckpointState, writeCheckpoint } from './checkpoints.ts';
import { openJudge, type Judge } from './rewards/judge.ts';
import { shapeFor, roundUp, type PreparedPrompt } from './training/batch.ts';
import { grpoStep, type StepContext } from './training/grpo-step.ts';
import { scoreEntry, type PolicyShape } from './training/policy-program.ts';
import { lossConfigOf, updateEntry } from './training/update-program.ts';
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
  const policy = await buildPolicy(job, model, adapter, trainable, prompts);
  const optimiserNames = trainable.flatMap((name) => [`adam/${name}/mean`, `adam/${name}/square`]);
  if (resumed !== null) policy.program.set({ ...resumed.trained, ...resumed.optimiser });
  const shapes = { ...model.shapes, ...adapter?.shapes };
  await mkdir(job.checkpointRoot, { recursive: true });
  const context: StepContext = {
    recipe,
    program: policy.program,
    shape: policy.shape,
    config: model.processor.config,
    eosIds: model.processor.eosIds,
    padId: model.processor.padId,
    decode: (ids) => model.processor.tokenizer.decode(ids, { skipSpecialTokens: true }),
    judge: (items) => judge.score(items),
    residentBytes: () => process.memoryUsage.rss(),
  };
  const runStep = stepFunction(job, context, model, policy, prompts);
  yield phase('train', 3, 3);

  try {
    let step = resumed?.step ?? 0;
    while (step < recipe.steps) {
      step++;
      const event = runStep(step);
      yield event;
      const { loss, gradNorm } = event.metrics;
      if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) {
        yield {
          type: 'warning',
          warning: {
            step,
            code: 'NOT_FINITE',
            message: `Step ${String(step)} gave a loss or gradient that is not a number; it changed nothing. If this repeats, lower the learning rate.`,
          },
        };
      }
      // Lets messages in (a stop request): a step itself runs without a pause.
      await new Promise((resolve) => setImmediate(resolve));
      const stopped = control.stopping() && step < recipe.steps;
      if (stopped || step === recipe.steps || step % recipe.checkpointEvery === 0) {
        const checkpoint = await writeCheckpoint(job.checkpointRoot, recipe, model, shapes, {
          step,
          trained: policy.program.get(trainable),
          optimiser: policy.program.get(optimiserNames),
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
): Promise<Policy> {
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
  const { temperature, topP } = recipe.grpo;
  return await createPolicy({
    model,
    adapter,
    shape,
    trainable,
    ...(supervised ? {} : { sampling: { temperature, topP } }),
    separateReference: !supervised && adapter === null && needsReference(recipe.klSchedule),
    entries: (state) => ({
      update: updateEntry(state, shape, {
        ...recipe.optimiser,
        trainable,
        trainVision: false,
        temperature: supervised ? 1 : temperature,
        ...(supervised ? {} : { loss: lossConfigOf(recipe.grpo) }),
      }),
      ...(!supervised && needsReference(recipe.klSchedule)
        ? { reference: scoreEntry(state, shape, temperature, 'reference') }
        : {}),
    }),
  });
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
): (step: number) => Extract<TrainEvent, { type: 'step' }> {
  const { recipe } = job;
  return (step) => {
    const chosen = samplesOfStep(step, recipe.grpo.promptsPerStep, job.samples.length, recipe.seed);
    const samples = chosen.map((index) => at(job.samples, index));
    const own = chosen.map((index) => at(prompts, index));
    const batch = { samples, prompts: own, feeds: policy.feeds(own) };
    if (recipe.method === 'sft') {
      const targets = samples.map((sample) => targetOf(model, referenceText(sample)));
      return { type: 'step', metrics: sftStep(context, batch, targets, step), completions: [] };
    }
    return { type: 'step', ...grpoStep(context, batch, step) };
  };
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`There is no item ${String(index)}.`);
  return item;
}
