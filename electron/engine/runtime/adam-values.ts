/** @file An Adam step as plain tensor operations. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { AdamUpdate, Tensors } from './program.ts';

/** New values of all variables of an Adam step. */
export function adamValues(adam: AdamUpdate | undefined, variables: Tensors): Tensors {
  const values: Tensors = {};
  for (const { parameter, mean, square, gradient, decay } of adam?.slots ?? []) {
    const { rate, beta1, beta2, epsilon } = adam as AdamUpdate;
    const [theta, m, v] = [variables[parameter], variables[mean], variables[square]] as [Tensor, Tensor, Tensor];
    const nextMean = tf.add(m, tf.mul(tf.sub(gradient, m), tf.sub(1, beta1)));
    const nextSquare = tf.add(v, tf.mul(tf.sub(tf.square(gradient), v), tf.sub(1, beta2)));
    const step = tf.mul(rate, tf.div(nextMean, tf.add(tf.sqrt(nextSquare), epsilon)));
    values[parameter] = tf.sub(decay === undefined ? theta : tf.mul(theta, decay), step);
    values[mean] = nextMean;
    values[square] = nextSquare;
  }
  return values;
}
