/** @file Answers without training: evaluation of many samples, one generation, and scoring of given completions. */
import type { EngineSample, EvaluateEvent, EvaluateJob } from '../../contract/engine/engine.ts';
import type { ScoreJob } from '../../contract/engine/engine-service.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { EvaluationItem } from '../../contract/model/evaluations.ts';
import type { GenerateRequest, GenerateResult, ScoreResult } from '../../contract/model/models.ts';
import { gradeAnswer } from '../../rewards/accuracy.ts';
import { hasFormat } from '../../rewards/format.ts';
import { loadAdapter, loadModel, type LoadedAdapter, type LoadedModel } from '../policy/loaded-model.ts';
import { answerBatch, createPolicy } from '../policy/policy.ts';
import { ensureFeatures, longestPrompt, prepareSamples } from './prepare-samples.ts';
import { completionFeeds, shapeFor, type PreparedPrompt } from '../training/batch.ts';
import { scoreEntry, type PolicyShape } from '../training/policy-program.ts';
import { STREAM, uniform } from '../training/random.ts';
import { tokenChoices } from './token-choices.ts';
import type { z } from 'zod';

/** Prompt tokens that one evaluation batch may hold; bounds memory whatever the images' size. */
const EVALUATION_TOKENS = 4096;
const LARGEST_EVALUATION_BATCH = 64;
const TOP_LOGITS = 5;

async function load(
  path: string,
  adapterPath: string | undefined,
): Promise<{ model: LoadedModel; adapter: LoadedAdapter | null }> {
  const model = await loadModel(path);
  return { model, adapter: adapterPath === undefined ? null : await loadAdapter(adapterPath, model) };
}

/** Greedy answers to every sample, graded. Reports progress per batch; stops between batches when `signal` fires. */
export async function* evaluate(
  job: EvaluateJob,
  signal?: AbortSignal,
): AsyncGenerator<EvaluateEvent, void, undefined> {
  const total = job.samples.length;
  yield { type: 'progress', progress: { phase: 'load', done: 0, total } };
  const { model, adapter } = await load(job.modelPath, job.adapterPath);
  const prompts = await prepareSamples(model, job.promptTemplate, job.samples);
  const longest = longestPrompt(prompts);
  const batch = Math.max(1, Math.min(LARGEST_EVALUATION_BATCH, total, Math.floor(EVALUATION_TOKENS / longest)));
  const shape: PolicyShape = {
    ...shapeFor(prompts, batch),
    groupSize: 1,
    completionLength: Math.max(2, job.maxNewTokens),
  };
  const policy = await createPolicy({ model, adapter, shape, sampling: { temperature: 1, topP: 1 } });
  const started = performance.now();
  try {
    for (let start = 0; start < total; start += batch) {
      signal?.throwIfAborted();
      const part = prompts.slice(start, start + batch);
      await ensureFeatures(policy, part);
      const { tokens } = answerBatch(policy, model, part, {
        greedy: true,
        maxNewTokens: job.maxNewTokens,
        uniform: () => 0,
      });
      const asked = job.samples.slice(start, start + batch);
      const items = asked.map((sample, index) => gradedItem(model, sample, tokens[index] ?? [], job.accuracy));
      yield { type: 'items', items };
      const done = Math.min(total, start + batch);
      const secondsLeft = ((performance.now() - started) / 1000 / done) * (total - done);
      yield { type: 'progress', progress: { phase: 'evaluate', done, total, secondsLeft } };
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    policy.dispose();
  }
}

/** An answer to a sample, graded as `accuracy` says (absent = by the sample's task). */
export function gradedItem(
  model: LoadedModel,
  sample: EngineSample,
  tokens: readonly number[],
  accuracy: EvaluateJob['accuracy'],
): EvaluationItem {
  const text = model.processor.tokenizer.decode(tokens, { skipSpecialTokens: true });
  const { verdict } = gradeAnswer({ ...accuracy, completion: text, answer: sample.answer, task: sample.task });
  return { sampleId: sample.id, text, verdict, formatOk: hasFormat(text), tokens: tokens.length };
}

/** One answer to one prompt. `tokenIds` include the end token when it came. */
export async function generate(request: z.output<typeof GenerateRequest>): Promise<GenerateResult> {
  const { model, adapter } = await load(request.model, request.adapter);
  const prompt = await model.processor.prepare({
    prompt: request.prompt,
    imagePaths: request.images,
    upright: request.upright ?? true,
  });
  const { length } = prompt.inputIds;
  const limit = model.processor.config.maxPositionEmbeddings;
  if (length + request.maxNewTokens > limit) {
    throw new AtelierError(
      'BAD_INPUT',
      `The prompt has ${String(length)} tokens; with ${String(request.maxNewTokens)} new ones it exceeds the model's ${String(limit)}.`,
      {
        place: { field: 'maxNewTokens' },
        remedy: 'Ask for fewer new tokens or use a smaller image.',
      },
    );
  }
  const shape: PolicyShape = {
    ...shapeFor([prompt], 1),
    groupSize: 1,
    completionLength: Math.max(2, request.maxNewTokens),
  };
  const policy = await createPolicy({ model, adapter, shape, sampling: { temperature: request.temperature, topP: 1 } });
  let answer: GenerateResult;
  try {
    const started = performance.now();
    const result = answerBatch(policy, model, [prompt], {
      greedy: request.greedy,
      maxNewTokens: request.maxNewTokens,
      uniform: (row, position) => uniform(request.seed, STREAM.sampling, row, position),
    });
    const tokenIds = result.tokens[0] ?? [];
    answer = {
      text: model.processor.tokenizer.decode(tokenIds, { skipSpecialTokens: true }),
      tokenIds,
      promptIds: [...prompt.inputIds],
      finish: result.truncated[0] === true ? 'length' : 'stop',
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    policy.dispose();
  }
  if (request.alternatives === undefined) return answer;
  // After the policy is gone, so that the weights are held once.
  return { ...answer, choices: await tokenChoices(model, adapter, prompt, answer.tokenIds, request.alternatives) };
}

/** Log-probs of given completions (temperature 1; no end token is added) and the five largest logits after each prompt. */
export async function score(job: ScoreJob): Promise<ScoreResult[]> {
  const { model, adapter } = await load(job.model, job.adapter);
  const { processor } = model;
  const results: ScoreResult[] = [];
  const prompts: PreparedPrompt[] = [];
  for (const item of job.items) prompts.push(await processor.prepare({ prompt: item.prompt, imagePaths: item.images }));
  const completions = job.items.map(({ completion }) => processor.tokenizer.encode(completion));
  const shape: PolicyShape = {
    ...shapeFor(prompts, 1),
    groupSize: 1,
    completionLength: Math.max(2, ...completions.map(({ length }) => length)),
  };
  const policy = await createPolicy({
    model,
    adapter,
    shape,
    entries: (state) => ({ score: scoreEntry(state, shape, 1, 'policy', { promptLogits: true }) }),
  });
  try {
    prompts.forEach((prompt, index) => {
      const ids = completions[index] ?? [];
      const { mask: _mask, ...feeds } = completionFeeds(
        [ids],
        [prompt],
        1,
        shape.completionLength,
        processor.config,
        processor.padId,
      );
      const result = policy.program.call('score', { ...policy.feeds([prompt]), ...feeds });
      results.push({
        promptIds: [...prompt.inputIds],
        completionIds: ids,
        logprobs: Array.from((result['logprobs'] ?? []).slice(0, ids.length)),
        topLogits: topLogits(result['promptLogits'] as Float32Array, model),
      });
    });
    return results;
  } finally {
    policy.dispose();
  }
}

function topLogits(logits: Float32Array, model: LoadedModel): ScoreResult['topLogits'] {
  const order = Array.from(logits.keys())
    .sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0))
    .slice(0, TOP_LOGITS);
  return order.map((id) => ({ id, token: model.processor.tokenizer.tokenText(id) ?? '', logit: logits[id] ?? NaN }));
}
