/**
 * @file The gated delta rule (Gated DeltaNet, arXiv 2412.06464): a state S of keys and values that decays, forgets what it held
 * under a token's key and takes the token's value instead:
 *
 *   S ← eᵍ S,  S ← S + k (β (v − kᵀ S))ᵀ,  out = qᵀ S
 *
 * Sequences are computed chunk by chunk. Within a chunk the updates are one triangular system (section 3.3 of the paper), between chunks
 * only the state is carried. The backward pass is written out. It computes the state before each chunk again, so that it keeps nothing but
 * its inputs, and a pass with a gradient computes what a pass without one computes.
 *
 * Shapes: N sequences (one for each head of values) of T chunks of c tokens, dk, dv = widths of keys and values.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { MASKED } from './attention.ts';
import { emptyBlocks, putBlock, repeat, takeBlock } from './blocks.ts';

/** Longer chunks need fewer turns of the loop, and more arithmetic for each token. */
const MOST_CHUNK = 32;

/** Tokens of a chunk, a power of two: one chunk for a short sequence. */
export function chunkLength(length: number): number {
  let size = 1;
  while (size < Math.min(length, MOST_CHUNK)) size *= 2;
  return size;
}

/** A sequence in chunks. Tokens that fill up the last chunk are zero, and change nothing. */
export interface DeltaInputs {
  /** Scaled and normalised [T, N, c, dk]. */
  q: Tensor;
  k: Tensor;
  /** [T, N, c, dv] */
  v: Tensor;
  /** Log of the decay, never positive [T, N, c]. */
  g: Tensor;
  /** [T, N, c] */
  beta: Tensor;
  /** Before the first token [N, dk, dv]. */
  state: Tensor;
}

const NAMES = ['q', 'k', 'v', 'g', 'beta', 'state'] as const;

/** @returns out [T, N, c, dv] and the state after the last token [N, dk, dv]; differentiable with respect to all inputs */
export function deltaRule(inputs: DeltaInputs): { out: Tensor; state: Tensor } {
  const outShape = inputs.v.shape;
  const size = outShape.reduce((product, n) => product * n, 1);
  // A function with its own gradient gives one tensor: both results, one after the other.
  const op = tf.customGrad((...args) => {
    const save = args.at(-1) as unknown as (tensors: Tensor[]) => void;
    const given = args.slice(0, -1) as Tensor[];
    save(given);
    const [out, state] = forward(named(given));
    return {
      value: tf.concat([tf.reshape(out, [-1]), tf.reshape(state, [-1])]),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [dOut, dState] = tf.split(dy, [size, (dy.shape[0] ?? 0) - size]) as [Tensor, Tensor];
        const own = named(saved);
        return backward(own, tf.reshape(dOut, own.v.shape), tf.reshape(dState, own.state.shape));
      },
    };
  });
  const packed = op(...NAMES.map((name) => inputs[name]));
  const [out, state] = tf.split(packed, [size, (packed.shape[0] ?? 0) - size]) as [Tensor, Tensor];
  return { out: tf.reshape(out, outShape), state: tf.reshape(state, inputs.state.shape) };
}

/**
 * One token: a decoding step.
 * @param q and k [N, 1, dk], v [N, 1, dv], g and beta [N, 1, 1], state [N, dk, dv]
 * @returns the state with the token [N, dk, dv]; what it answers is the product of q with it
 */
export function deltaStep({ k, v, g, beta, state }: Omit<DeltaInputs, 'q'>): Tensor {
  const decayed = tf.mul(state, tf.exp(g));
  const change = tf.mul(tf.sub(v, product(k, decayed)), beta);
  return tf.add(decayed, product(k, change, true));
}

function named(tensors: readonly Tensor[]): DeltaInputs {
  return Object.fromEntries(NAMES.map((name, index) => [name, tensors[index]])) as unknown as DeltaInputs;
}

/** One chunk of the inputs. */
type Chunk = Omit<DeltaInputs, 'state'>;

function chunkOf({ q, k, v, g, beta }: DeltaInputs, index: Tensor): Chunk {
  const take = (x: Tensor): Tensor => takeBlock(x, index);
  return { q: take(q), k: take(k), v: take(v), g: tf.expandDims(take(g), 2), beta: tf.expandDims(take(beta), 2) };
}

function forward(inputs: DeltaInputs): [out: Tensor, state: Tensor] {
  const [chunks = 0] = inputs.v.shape;
  return repeat(chunks, [emptyBlocks(inputs.v.shape), inputs.state], (index, [buffer, state]) => {
    const chunk = chunkOf(inputs, index);
    const parts = partsOf(chunk, state as Tensor);
    const out = tf.add(product(parts.qe, state as Tensor), product(parts.attention, parts.x));
    return [putBlock(buffer as Tensor, index, out), nextState(parts, state as Tensor)];
  }) as [Tensor, Tensor];
}

/** The states before each chunk [T, N, dk, dv]. */
function statesOf(inputs: DeltaInputs): Tensor {
  const [chunks = 0] = inputs.v.shape;
  const initial = [emptyBlocks([chunks, ...inputs.state.shape]), inputs.state];
  const [states] = repeat(chunks, initial, (index, [buffer, state]) => {
    const before = state as Tensor;
    const after = nextState(partsOf(chunkOf(inputs, index), before), before);
    return [putBlock(buffer as Tensor, index, before), after];
  });
  return states as Tensor;
}

type Parts = ReturnType<typeof partsOf>;

/**
 * What a chunk needs besides its state. With the decay from the chunk's beginning to token i, e_i, and from token j to token i, d_ij, the
 * changes x that the tokens make to the state solve (I + L) x = β v − (β k e) S, where L = (β k kᵀ) ⊙ d below the diagonal.
 */
function partsOf({ q, k, v, g, beta }: Chunk, state: Tensor) {
  const length = g.shape[1] ?? 0;
  const sums = product(
    triangle(length, (row, column) => column <= row),
    g,
  );
  const e = tf.exp(sums);
  const differences = tf.sub(sums, tf.transpose(sums, [0, 2, 1]));
  const d = tf.exp(
    tf.add(
      differences,
      triangle(length, (row, column) => column > row, MASKED),
    ),
  );
  const last = tf.slice(sums, [0, length - 1, 0], [-1, 1, 1]);
  const kb = tf.mul(k, beta);
  const ke = tf.mul(kb, e);
  const keys = product(kb, k, false, true);
  const below = triangle(length, (row, column) => column < row);
  const solved = unitInverse(tf.mul(tf.mul(keys, d), below));
  const queries = product(q, k, false, true);
  const r = tf.exp(tf.sub(last, sums));
  return {
    ...{ e, d, r, kb, ke, keys, queries, below, solved },
    qe: tf.mul(q, e),
    kr: tf.mul(k, r),
    attention: tf.mul(queries, d),
    whole: tf.exp(last),
    x: product(solved, tf.sub(tf.mul(v, beta), product(ke, state))),
  };
}

function nextState({ whole, kr, x }: Parts, state: Tensor): Tensor {
  return tf.add(tf.mul(state, whole), product(kr, x, true));
}

/** Gradients of the inputs, in the order of NAMES. */
function backward(inputs: DeltaInputs, dOut: Tensor, dState: Tensor): Tensor[] {
  const [chunks = 0] = inputs.v.shape;
  const states = statesOf(inputs);
  const buffers = [inputs.q, inputs.k, inputs.v, inputs.g, inputs.beta].map(({ shape }) => emptyBlocks(shape));
  const [dFirst, ...gradients] = repeat(chunks, [dState, ...buffers], (turn, [dAfter, ...filled]) => {
    const index = tf.sub(tf.scalar(chunks - 1, 'int32'), turn);
    const chunk = chunkOf(inputs, index);
    const { dBefore, d } = chunkBackward(chunk, takeBlock(states, index), takeBlock(dOut, index), dAfter as Tensor);
    return [dBefore, ...filled.map((buffer, at) => putBlock(buffer, index, d[at] as Tensor))];
  });
  return [...gradients, dFirst as Tensor];
}

/** Gradients of a chunk's inputs (q, k, v, g, beta) and of the state before it. */
function chunkBackward(
  chunk: Chunk,
  state: Tensor,
  dOut: Tensor,
  dAfter: Tensor,
): { dBefore: Tensor; d: readonly Tensor[] } {
  const { q, k, v, beta } = chunk;
  const { e, d, r, kb, ke, keys, queries, below, solved, qe, kr, attention, whole, x } = partsOf(chunk, state);
  const length = e.shape[1] ?? 0;
  const dx = tf.add(product(attention, dOut, true), product(kr, dAfter));
  const dRight = product(solved, dx, true);
  const dBefore = tf.sub(tf.add(product(qe, dOut, true), tf.mul(dAfter, whole)), product(ke, dRight, true));
  const dqe = product(dOut, state, false, true);
  const dke = tf.neg(product(dRight, state, false, true));
  const dkr = product(x, dAfter, false, true);
  const dAttention = product(dOut, x, false, true);
  const dSystem = tf.mul(tf.neg(product(dRight, x, false, true)), below);
  const dQueries = tf.mul(dAttention, d);
  const dKeys = tf.mul(dSystem, d);
  const dkb = tf.add(product(dKeys, k), tf.mul(dke, e));
  const dq = tf.add(product(dQueries, k), tf.mul(dqe, e));
  const dk = total([product(dQueries, q, true), product(dKeys, kb, true), tf.mul(dkr, r), tf.mul(dkb, beta)]);
  const dBeta = tf.add(tf.sum(tf.mul(dkb, k), 2, true), tf.sum(tf.mul(dRight, v), 2, true));

  // Of the sums of g: through the decays between tokens, from the beginning, and to the end.
  const between = tf.add(tf.mul(dQueries, queries), tf.mul(dKeys, keys));
  const dFromStart = tf.mul(e, tf.sum(tf.add(tf.mul(dqe, q), tf.mul(dke, kb)), 2, true));
  const dToEnd = tf.mul(r, tf.sum(tf.mul(dkr, k), 2, true));
  const dWhole = tf.mul(whole, tf.sum(tf.mul(state, dAfter), [1, 2], true));
  const dLast = tf.add(tf.sum(dToEnd, 1, true), dWhole);
  const dSums = total([
    tf.sum(between, 2, true),
    tf.neg(tf.transpose(tf.sum(between, 1, true), [0, 2, 1])),
    dFromStart,
    tf.neg(dToEnd),
    tf.mul(
      triangle(length, (row, column) => column === 0 && row === length - 1, 1, 1),
      dLast,
    ),
  ]);
  const dg = product(
    triangle(length, (row, column) => column >= row),
    dSums,
  );
  return { dBefore, d: [dq, dk, tf.mul(dRight, beta), tf.squeeze(dg, [2]), tf.squeeze(dBeta, [2])] };
}

/**
 * (I + L)⁻¹ for L below the diagonal, by merging the inverses of diagonal blocks: with those of size s in M and what joins
 * pairs of them in C, those of size 2s are M − M C M. @param below [N, c, c], c a power of two
 */
function unitInverse(below: Tensor): Tensor {
  const length = below.shape[1] ?? 0;
  let inverse: Tensor = triangle(length, (row, column) => row === column);
  for (let size = 1; size < length; size *= 2) {
    const joins = triangle(length, (row, column) => {
      const [low, high] = [Math.floor(column / size), Math.floor(row / size)];
      return low % 2 === 0 && high === low + 1;
    });
    const joined = tf.mul(below, joins);
    inverse = tf.sub(inverse, size === 1 ? joined : product(product(inverse, joined), inverse));
  }
  return inverse;
}

/** [1, rows, columns] with `value` where `holds`, and 0 elsewhere. */
function triangle(rows: number, holds: (row: number, column: number) => boolean, value = 1, columns = rows): Tensor {
  const values = Float32Array.from({ length: rows * columns }, (_, place) =>
    holds(Math.floor(place / columns), place % columns) ? value : 0,
  );
  return tf.tensor3d(values, [1, rows, columns]);
}

function product(a: Tensor, b: Tensor, transposeA = false, transposeB = false): Tensor {
  return tf.matMul(a as tf.Tensor3D, b as tf.Tensor3D, transposeA, transposeB);
}

function total(parts: readonly Tensor[]): Tensor {
  return parts.reduce((sum, part) => tf.add(sum, part));
}
