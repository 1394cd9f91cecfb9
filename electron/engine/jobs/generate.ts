/** @file The generate job: one answer to one prompt. */
import type { z } from 'zod';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { GenerateJob } from '../../contract/engine/engine.ts';
import type { GenerateResult } from '../../contract/model/models.ts';
import { fittingBatch } from '../memory/answer-memory.ts';
import type { OnLoad } from '../policy/load-meter.ts';
import { loadAdapter, loadModel, type LoadedAdapter, type LoadedModel } from '../policy/loaded-model.ts';
import { answerBatch, createPolicy, type PolicyOptions } from '../policy/policy.ts';
import { shapeFor, type PreparedPrompt } from '../training/batch.ts';
import { samplingUniform } from '../training/random.ts';
import { tokenChoices } from './token-choices.ts';

/**
 * @param tell gets the progress: loading the model, answering and, for the alternatives, loading it again
 * @returns the answer; `tokenIds` include the end token if it came
 * @throws AtelierError BAD_INPUT if the context is too short
 */
export async function generate(
  request: z.output<typeof GenerateJob>,
  tell: OnLoad = () => undefined,
): Promise<GenerateResult> {
  const { maxNewTokens } = request;
  const model = await loadModel(request.model, request);
  const adapter =
    request.adapter === undefined ? null : await loadAdapter(request.adapter, model, request.partialAdapter);
  const { processor } = model;
  const upright = request.upright ?? true;
  const { prompt: text, images: imagePaths, systemPrompt } = request;
  const asked = { prompt: text, imagePaths, upright, systemPrompt };
  const measured = await processor.measure(asked);
  checkLength(measured.inputIds.length, maxNewTokens, processor.config.maxPositionEmbeddings);
  const policyFor = (limited: LoadedModel, prompts: readonly PreparedPrompt[]): PolicyOptions =>
    answeringPolicy(limited, adapter, prompts, request);
  await fittingBatch({
    work: 'question',
    model,
    prompts: [measured],
    sources: [{ images: request.images.map((path, index) => ({ path, name: request.imageNames?.[index] })), upright }],
    most: 1,
    optionsFor: policyFor,
    measured: async (limited) => [await limited.measure(asked)],
    memoryLimitBytes: request.memoryLimitBytes,
  });
  const prompt = { ...measured, images: await processor.readImages(asked) };
  const policy = await createPolicy(policyFor(model, [prompt]), tell);
  tell({ phase: 'answer', done: 0 });
  let answer: GenerateResult;
  try {
    const started = performance.now();
    const result = await answerBatch(policy, model, [prompt], {
      greedy: request.greedy,
      maxNewTokens,
      // One row, so its number stands where a batch has its step.
      uniform: (row, position) => samplingUniform(request.seed, row, 0, position),
    });
    const tokenIds = result.tokens[0] ?? [];
    answer = {
      text: processor.tokenizer.decode(tokenIds, { skipSpecialTokens: true }),
      tokenIds,
      promptIds: [...prompt.inputIds],
      finish: result.truncated[0] === true ? 'length' : 'stop',
      seconds: (performance.now() - started) / 1000,
      repetitionPenalty: penaltyFor(model, request),
    };
  } finally {
    policy.dispose();
  }
  if (request.alternatives === undefined) return answer;
  // Only after the policy is disposed of, so that the weights are in memory once.
  const again: OnLoad = (progress) => tell({ ...progress, phase: 'load again' });
  const choices = await tokenChoices(model, adapter, prompt, answer.tokenIds, request.alternatives, again);
  return { ...answer, choices };
}

/** The policy that answers one prompt. */
export function answeringPolicy(
  model: LoadedModel,
  adapter: LoadedAdapter | null,
  prompts: readonly PreparedPrompt[],
  request: Pick<z.output<typeof GenerateJob>, 'maxNewTokens' | 'temperature' | 'repetitionPenalty'>,
): PolicyOptions {
  const { maxNewTokens, temperature } = request;
  return {
    model,
    adapter,
    shape: { ...shapeFor(prompts, 1), groupSize: 1, completionLength: Math.max(2, maxNewTokens) },
    sampling: { temperature, topP: 1, repetitionPenalty: penaltyFor(model, request) },
  };
}

/** What was asked for, or else what the model publishes, as transformers' generate does. */
function penaltyFor(
  { processor }: LoadedModel,
  { repetitionPenalty }: Pick<z.output<typeof GenerateJob>, 'repetitionPenalty'>,
): number {
  return repetitionPenalty ?? processor.repetitionPenalty;
}

function checkLength(promptTokens: number, maxNewTokens: number, limit: number): void {
  if (promptTokens + maxNewTokens <= limit) return;
  throw new AtelierError(
    'BAD_INPUT',
    `The prompt has ${String(promptTokens)} tokens. With ${String(maxNewTokens)} new ones, it exceeds the model's context of ${String(limit)}.`,
    { place: { field: 'maxNewTokens' }, remedy: 'Lower the detail, or ask for fewer new tokens.' },
  );
}
