/** @file How likely each token of an answer was, and what else the model would have written there. */
import type { TokenChoice } from '../../contract/model/models.ts';
import type { LoadedAdapter, LoadedModel } from '../policy/loaded-model.ts';
import type { OnLoad } from '../policy/load-meter.ts';
import { createPolicy, type Policy, type PolicyCalls, type PolicyOptions } from '../policy/policy.ts';
import type { LayerBand } from '../model/attention-weights.ts';
import { inTurn } from '../runtime/turns.ts';
import { answerEntry, type ChoiceOutputs } from '../training/attention-program.ts';
import { completionFeeds, shapeFor, type PreparedPrompt } from '../training/batch.ts';
import type { PolicyShape, PolicyState } from '../training/policy-program.ts';

interface AnswerCalls extends PolicyCalls {
  entry: ReturnType<typeof answerEntry>;
}

/** A policy that goes through prompts with one answer each, of at most `length` tokens. */
export function answerPolicy(
  model: LoadedModel,
  adapter: LoadedAdapter | null,
  prompts: readonly PreparedPrompt[],
  length: number,
  alternatives: number,
  bands: readonly LayerBand[] = [],
): PolicyOptions<AnswerCalls> {
  const shape: PolicyShape = { ...shapeFor(prompts, 1), groupSize: 1, completionLength: Math.max(2, length) };
  return {
    model,
    adapter,
    shape,
    calls: (state: PolicyState) => {
      const entry = answerEntry(state, shape, Math.min(alternatives, model.processor.config.vocabSize), bands);
      return { entry, entries: { answer: entry } };
    },
  };
}

/** One pass over the prompt and the whole answer, as training scores it. */
export async function answerPass(
  policy: Policy<AnswerCalls>,
  { processor: { config, padId } }: LoadedModel,
  prompt: PreparedPrompt,
  tokenIds: readonly number[],
): Promise<Partial<Record<ChoiceOutputs | 'attention', ArrayLike<number>>>> {
  const length = policy.shape.completionLength;
  const { mask: _mask, ...feeds } = completionFeeds([tokenIds], [prompt], 1, length, config, padId);
  return await inTurn(async () =>
    policy.program.call(policy.calls.entry, { ...(await policy.feeds([prompt])), ...feeds }),
  );
}

/**
 * The model's own log-probability (temperature 1) of each token of `tokenIds` after `prompt`, with the `alternatives`
 * likeliest tokens of each place. One pass over the whole answer, as training scores it.
 */
export async function tokenChoices(
  model: LoadedModel,
  adapter: LoadedAdapter | null,
  prompt: PreparedPrompt,
  tokenIds: readonly number[],
  alternatives: number,
  onLoad?: OnLoad,
): Promise<TokenChoice[]> {
  if (tokenIds.length === 0) return [];
  const policy = await createPolicy(answerPolicy(model, adapter, [prompt], tokenIds.length, alternatives), onLoad);
  try {
    return choicesOf(await answerPass(policy, model, prompt, tokenIds), model, tokenIds);
  } finally {
    policy.dispose();
  }
}

/** The outputs of `answerPass`, token by token. */
export function choicesOf(
  { logprobs, topLogprobs, topIds }: Partial<Record<ChoiceOutputs, ArrayLike<number>>>,
  { processor: { tokenizer } }: LoadedModel,
  tokenIds: readonly number[],
): TokenChoice[] {
  const count = (topIds?.length ?? 0) / (logprobs?.length ?? 1);
  const textOf = (id: number): string => tokenizer.tokenText(id) ?? '';
  return tokenIds.map((id, place) => ({
    id,
    text: textOf(id),
    special: tokenizer.isSpecial(id),
    logprob: logprobs?.[place] ?? NaN,
    top: Array.from({ length: count }, (_, rank) => {
      const other = topIds?.[place * count + rank] ?? 0;
      return { id: other, text: textOf(other), logprob: topLogprobs?.[place * count + rank] ?? NaN };
    }),
  }));
}
