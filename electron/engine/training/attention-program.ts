/** @file The entry point that tells, for one answer, where each token looked in the prompt, and how likely it was. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { promptWeights, type LayerBand } from '../model/attention-weights.ts';
import { logitsOf } from '../model/language.ts';
import { featureSpec, promptSpecs } from '../model/program-inputs.ts';
import type { Entry } from '../runtime/program.ts';
import { pickPerRow } from './logprobs.ts';
import { completionHidden, completionSpecs, policyModel } from './policy-program.ts';
import type { PolicyShape, PolicyState, ScoreSpecs } from './policy-program.ts';

/** How likely each token was: [C], and [C · count] of the likeliest at each place. */
export type ChoiceOutputs = 'logprobs' | 'topLogprobs' | 'topIds';

/**
 * Log-probs (temperature 1) of one answer's tokens with the `count` likeliest at each place, and with `bands` the attention
 * over the prompt, averaged over the heads and layers of each band [bands, C, P].
 */
export function answerEntry(
  state: PolicyState,
  shape: PolicyShape,
  count: number,
  bands: readonly LayerBand[] = [],
): Entry<ScoreSpecs, ChoiceOutputs | 'attention'> {
  return {
    inputs: {
      ...promptSpecs(shape, state.config),
      ...featureSpec(shape, state.config),
      ...completionSpecs(shape, state.config),
    },
    run: (inputs, variables) => {
      const model = policyModel(state, variables);
      const sums: (Tensor | undefined)[] = bands.map(() => undefined);
      const hidden = completionHidden(model, inputs, shape, (seen) => {
        const band = bands.findIndex(({ first, last }) => first <= seen.layer && seen.layer <= last);
        if (band === -1) return;
        const weights = promptWeights(seen, inputs.promptMask);
        const sum = sums[band];
        sums[band] = sum === undefined ? weights : tf.add(sum, weights);
      });
      const means = sums.flatMap((sum, band) =>
        sum === undefined ? [] : [tf.div(sum, (bands[band] as LayerBand).count)],
      );
      const logprobs = tf.logSoftmax(logitsOf(model, hidden));
      const top = tf.topk(logprobs, count, true);
      return {
        outputs: {
          logprobs: pickPerRow(logprobs, tf.reshape(inputs.completionIds, [-1])),
          topLogprobs: top.values,
          topIds: top.indices,
          ...(means.length === 0 ? {} : { attention: tf.stack(means) }),
        },
      };
    },
  };
}
