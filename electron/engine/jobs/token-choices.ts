/** @file How likely each token of an answer was, and what else the model would have written there. */
import * as tf from '@tensorflow/tfjs-core';
import type { TokenChoice } from '../../contract/model/models.ts';
import type { LoadedAdapter, LoadedModel } from '../policy/loaded-model.ts';
import type { OnLoad } from '../policy/load-meter.ts';
import { createPolicy } from '../policy/policy.ts';
import { featureSpec, promptSpecs } from '../model/program-inputs.ts';
import type { Entry } from '../runtime/program.ts';
import { inTurn } from '../runtime/turns.ts';
import { completionFeeds, shapeFor, type PreparedPrompt } from '../training/batch.ts';
import { pickPerRow } from '../training/logprobs.ts';
import {
  completionLogits,
  completionSpecs,
  policyModel,
  type PolicyShape,
  type PolicyState,
  type ScoreSpecs,
} from '../training/policy-program.ts';

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
  const { config, padId, tokenizer } = model.processor;
  const shape: PolicyShape = { ...shapeFor([prompt], 1), groupSize: 1, completionLength: Math.max(2, tokenIds.length) };
  const count = Math.min(alternatives, config.vocabSize);
  const options = {
    model,
    adapter,
    shape,
    calls: (state: PolicyState) => {
      const entry = choicesEntry(state, shape, count);
      return { entry, entries: { choices: entry } };
    },
  };
  const policy = await createPolicy(options, onLoad);
  try {
    const { mask: _mask, ...feeds } = completionFeeds([tokenIds], [prompt], 1, shape.completionLength, config, padId);
    const { logprobs, topLogprobs, topIds } = await inTurn(async () =>
      policy.program.call(policy.calls.entry, { ...(await policy.feeds([prompt])), ...feeds }),
    );
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
  } finally {
    policy.dispose();
  }
}

function choicesEntry(
  state: PolicyState,
  shape: PolicyShape,
  count: number,
): Entry<ScoreSpecs, 'logprobs' | 'topLogprobs' | 'topIds'> {
  return {
    inputs: {
      ...promptSpecs(shape, state.config),
      ...featureSpec(shape, state.config),
      ...completionSpecs(shape, state.config),
    },
    run: (inputs, variables) => {
      const logits = completionLogits(policyModel(state, variables), inputs, shape);
      const logprobs = tf.logSoftmax(logits);
      const top = tf.topk(logprobs, count, true);
      return {
        outputs: {
          logprobs: pickPerRow(logprobs, tf.reshape(inputs.completionIds, [-1])),
          topLogprobs: top.values,
          topIds: top.indices,
        },
      };
    },
  };
}
