/**
 * @file Scores of tokens and drawing of tokens by ops of our own (engine/native), where there are some. `logprobs.ts` describes what they compute.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

interface OwnBackend {
  /** Present while a graph is recorded (runtime/tracer.ts): whether a tensor is a variable kept in bfloat16. */
  keptInBfloat16?: (tensor: Tensor) => boolean;
  /** Whether a graph may have the ops (runtime/own-ops.ts). */
  scoring?: boolean;
  executeSingleOutput: (op: string, attributes: [], inputs: Tensor[]) => Tensor;
  executeMultipleOutputs: (op: string, attributes: [], inputs: Tensor[], count: number) => Tensor[];
}

const backend = (): OwnBackend => tf.backend() as unknown as OwnBackend;

/** Whether `fusedScores` can be had for this table: it must be kept in bfloat16. */
export function canScoreInOneOp(table: Tensor): boolean {
  const { scoring, keptInBfloat16 } = backend();
  return scoring === true && keptInBfloat16?.(table) === true;
}

/**
 * As `scoreTokens`, with a gradient with respect to `hidden`. The op goes through the table once and keeps a block of logits at a time in the
 * processor's cache, so that neither logits nor probabilities are ever in memory. Which op a graph has depends on whether a gradient is
 * being recorded; scores are the same to the last bit.
 * @param hidden [n, D]
 * @param table [vocabulary, D]
 * @param ids [n] int32
 * @returns log-probs and entropies [2, n]
 */
export function fusedScores(hidden: Tensor, table: Tensor, ids: Tensor, temperature: number): Tensor {
  const n = hidden.shape[0] ?? 0;
  const op = tf.customGrad((...args) => {
    const [h, save] = args as unknown as [Tensor, (tensors: Tensor[]) => void];
    const inputs = [temperature === 1 ? h : tf.div(h, temperature), table, ids];
    if (!isRecordingGradient()) return { value: backend().executeSingleOutput('AtelierScores', [], inputs), gradFunc };
    const [value, direction] = backend().executeMultipleOutputs('AtelierScoresAndDirections', [], inputs, 2);
    save([direction as Tensor]);
    return { value: value as Tensor, gradFunc };
  });
  return op(hidden);

  function gradFunc(dy: Tensor, saved: Tensor[]): Tensor {
    // The first row of dy belongs to the log-probs; the entropies are only logged.
    const weights = tf.reshape(tf.slice(dy, [0, 0], [1, n]), [n, 1]);
    const scaled = tf.mul(saved[0] as Tensor, weights);
    return temperature === 1 ? scaled : tf.div(scaled, temperature);
  }
}

function isRecordingGradient(): boolean {
  return (tf.engine() as unknown as { state: { gradientDepth: number } }).state.gradientDepth > 0;
}

/** Whether `drawInOneOp` can be had. */
export function canDrawInOneOp(): boolean {
  const { scoring, keptInBfloat16 } = backend();
  return scoring === true && keptInBfloat16 !== undefined;
}

/** As `drawTokens`, without top-p and min-p. @param logits [n, vocabulary], over the temperature */
export function drawInOneOp(
  logits: Tensor,
  suppressed: Tensor,
  uniform: Tensor,
  greedy: Tensor,
): { tokens: Tensor; logprobs: Tensor } {
  const inputs = [logits, suppressed, uniform, greedy];
  const [tokens, logprobs] = backend().executeMultipleOutputs('AtelierDrawnTokens', [], inputs, 2);
  return { tokens: tokens as Tensor, logprobs: logprobs as Tensor };
}
