/** @file Answers to many samples, batch after batch. Evaluations, interim evaluations and sampling all use this loop. */
import type { EngineSample } from '../../contract/engine/engine.ts';
import type { EvaluationItem } from '../../contract/model/evaluations.ts';
import type { Progress } from '../../contract/model/primitives.ts';
import type { AccuracyParams } from '../../contract/model/rewards.ts';
import { gradeAnswer } from '../../rewards/accuracy.ts';
import { hasFormat } from '../../rewards/format.ts';
import type { OnLoad } from '../policy/load-meter.ts';
import { loadAdapter, loadModel, type LoadedAdapter, type LoadedModel } from '../policy/loaded-model.ts';
import { answerBatch, createPolicy, type Policy, type PolicyCalls, type PolicyOptions } from '../policy/policy.ts';
import { fittingBatch } from '../memory/answer-memory.ts';
import { checkContext, ensureFeatures, longestPrompt, measureSamples } from '../policy/prepare-samples.ts';
import { handleMessages } from '../runtime/event-loop.ts';
import { shapeFor, type PreparedPrompt } from '../training/batch.ts';
import type { Sampling } from '../training/logprobs.ts';
import type { PolicyShape, PolicyState } from '../training/policy-program.ts';

/** Prompt tokens in one batch, which bounds memory whatever the size of the images. */
const BATCH_TOKENS = 4096;

export interface Answerer<C extends PolicyCalls = PolicyCalls> {
  model: LoadedModel;
  adapter: LoadedAdapter | null;
  policy: Policy<C>;
  samples: readonly EngineSample[];
  prompts: readonly PreparedPrompt[];
  maxNewTokens: number;
}

export interface AnswererOptions<C extends PolicyCalls = PolicyCalls> {
  modelPath: string;
  adapterPath?: string | undefined;
  promptTemplate: string;
  systemPrompt?: string | undefined;
  samples: readonly EngineSample[];
  maxNewTokens: number;
  /** Answers to each sample. */
  groupSize: number;
  /** Completions in one batch. */
  batchCompletions: number;
  sampling: Sampling;
  /** Applies the repetition penalty that the model publishes; absent = none. */
  asPublished?: boolean | undefined;
  /** Larger pictures are shrunk to this many pixels; absent = the checkpoint's own limit. */
  maxPixels?: number | undefined;
  memoryLimitBytes?: number | undefined;
  /** Refuse samples whose answers may exceed the model's context. */
  checksContext: boolean;
  /** What else the policy runs. */
  calls?: (state: PolicyState, shape: PolicyShape) => C;
}

/** Loads a model, reads the samples, and builds a policy that answers as many of them at once as memory allows. */
export async function openAnswerer<C extends PolicyCalls = PolicyCalls>(
  options: AnswererOptions<C>,
  onLoad: OnLoad,
): Promise<Answerer<C>> {
  const { samples, maxNewTokens, groupSize, calls } = options;
  const model = await loadModel(options.modelPath, options);
  const adapter = options.adapterPath === undefined ? null : await loadAdapter(options.adapterPath, model);
  const prompts = await measureSamples(model, options, samples);
  if (options.checksContext) checkContext(model, prompts, maxNewTokens, 'maxCompletionLength');
  const useful = Math.min(
    samples.length,
    Math.floor(BATCH_TOKENS / longestPrompt(prompts)),
    Math.floor(options.batchCompletions / groupSize),
  );
  const policyFor = (limited: LoadedModel, some: readonly PreparedPrompt[], batch: number): PolicyOptions<C> => {
    const shape = { ...shapeFor(some, batch), groupSize, completionLength: Math.max(2, maxNewTokens) };
    return {
      model: limited,
      adapter,
      shape,
      sampling: {
        ...options.sampling,
        ...(options.asPublished === true ? { repetitionPenalty: limited.processor.repetitionPenalty } : {}),
      },
      ...(calls === undefined ? {} : { calls: (state: PolicyState) => calls(state, shape) }),
    };
  };
  const batch = await fittingBatch({
    work: 'answers',
    model,
    prompts,
    sources: samples.map(({ imagePath, imageName, upright = false }) => ({
      images: [{ path: imagePath, name: imageName }],
      upright,
    })),
    most: Math.max(1, useful),
    optionsFor: policyFor,
    measured: (processor) => measureSamples({ ...model, processor }, options, samples, { stated: true }),
    memoryLimitBytes: options.memoryLimitBytes,
  });
  const policy = await createPolicy(policyFor(model, prompts, batch), onLoad);
  return { model, adapter, policy, samples, prompts, maxNewTokens };
}

export interface Answer {
  text: string;
  /** Token ids, the end token included if it came. */
  tokens: readonly number[];
  /** True if no end token came within the limit. */
  truncated: boolean;
}

export interface AnsweredBatch {
  /** Each sample with its answers, as many as the policy's group size. */
  answered: { sample: EngineSample; answers: Answer[] }[];
  progress: Progress;
}

/** A uniform number in [0, 1) for the token at `position` of answer `index` to the sample at `place` in the job. */
export type Draw = (place: number, index: number, position: number) => number;

/**
 * Answers all samples in order, and lets messages in between batches.
 * @param phase names the progress
 * @param draw absent = greedy
 * @throws the signal's reason between two batches once it has fired
 */
export async function* answerInBatches(
  { model, policy, samples, prompts, maxNewTokens }: Omit<Answerer, 'adapter'>,
  phase: string,
  draw?: Draw,
  signal?: AbortSignal,
): AsyncGenerator<AnsweredBatch, void, undefined> {
  const { batch, groupSize } = policy.shape;
  const total = samples.length;
  const started = performance.now();
  for (let start = 0; start < total; start += batch) {
    signal?.throwIfAborted();
    const asked = prompts.slice(start, start + batch);
    await ensureFeatures(policy, asked);
    const rollout = await answerBatch(policy, model, asked, {
      greedy: draw === undefined,
      maxNewTokens,
      uniform: (row, position) => draw?.(start + Math.floor(row / groupSize), row % groupSize, position) ?? 0,
    });
    const answers = rollout.tokens.map((tokens, row) => ({
      text: model.processor.tokenizer.decode(tokens, { skipSpecialTokens: true }),
      tokens,
      truncated: rollout.truncated[row] ?? false,
    }));
    const answered = samples.slice(start, start + asked.length).map((sample, offset) => ({
      sample,
      answers: answers.slice(offset * groupSize, (offset + 1) * groupSize),
    }));
    const done = Math.min(total, start + batch);
    const secondsLeft = ((performance.now() - started) / 1000 / done) * (total - done);
    yield { answered, progress: { phase, done, total, secondsLeft } };
    await handleMessages();
  }
}

/** The first answer to a sample, graded as the sample or else `accuracy` says (absent = by the sample's task). */
export function gradedItem(
  { sample, answers }: AnsweredBatch['answered'][number],
  accuracy: AccuracyParams | undefined,
): EvaluationItem {
  const [{ text, tokens } = { text: '', tokens: [] }] = answers;
  const { answer, task } = sample;
  const { verdict } = gradeAnswer({ ...(sample.accuracy ?? accuracy), completion: text, answer, task });
  return { sampleId: sample.id, text, verdict, formatOk: hasFormat(text), tokens: tokens.length };
}
