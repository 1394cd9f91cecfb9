/** @file The few tensor operations that the model needs beyond tfjs, with exact and cheap gradients. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { isInNf4, nf4Product } from './nf4-product.ts';

/**
 * `x @ weightᵀ (+ bias)`, as torch.nn.Linear stores it.
 * @param x [rows, in]
 * @param weight [out, in]
 * @param bias [out], or absent
 * @returns [rows, out]
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const product = isInNf4(weight)
    ? nf4Product(x, weight)
    : tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D, false, true);
  return bias === undefined ? product : tf.add(product, bias);
}

/**
 * RMSNorm over the last axis with a learned scale. Gradient in closed form: one pass instead of a dozen ops. No intermediate
 * product is kept for it, because TensorFlow reorders a chain of products only if nothing else reads what is inside, and
 * a pass with a gradient must compute what a pass without one computes, to the last bit.
 */
export function rmsNorm(x: Tensor, weight: Tensor, epsilon: number): Tensor {
  const op = tf.customGrad((...args) => {
    const [input, scale, save] = args as unknown as [Tensor, Tensor, (tensors: Tensor[]) => void];
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(input), -1, true), epsilon));
    save([input, inverse, scale]);
    return {
      value: tf.mul(tf.mul(input, scale), inverse),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [z, r, w] = saved as [Tensor, Tensor, Tensor];
        const n = tf.mul(z, r);
        const dn = tf.mul(dy, w);
        const dx = tf.mul(r, tf.sub(dn, tf.mul(n, tf.mean(tf.mul(dn, n), -1, true))));
        const axes = Array.from({ length: dy.rank - 1 }, (_, axis) => axis);
        return [dx, tf.sum(tf.mul(dy, n), axes)];
      },
    };
  });
  return op(x, weight);
}

/** LayerNorm over the last axis with scale and shift. */
export function layerNorm(x: Tensor, weight: Tensor, bias: Tensor, epsilon: number): Tensor {
  const op = tf.customGrad((...args) => {
    const [input, scale, shift, save] = args as unknown as [Tensor, Tensor, Tensor, (tensors: Tensor[]) => void];
    const centred = tf.sub(input, tf.mean(input, -1, true));
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
    const normal = tf.mul(centred, inverse);
    save([normal, inverse, scale]);
    return {
      value: tf.add(tf.mul(normal, scale), shift),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [n, r, w] = saved as [Tensor, Tensor, Tensor];
        const dn = tf.mul(dy, w);
        const mean = tf.mean(dn, -1, true);
        const projection = tf.mul(n, tf.mean(tf.mul(dn, n), -1, true));
        const dx = tf.mul(r, tf.sub(tf.sub(dn, mean), projection));
        const axes = Array.from({ length: dy.rank - 1 }, (_, axis) => axis);
        return [dx, tf.sum(tf.mul(dy, n), axes), tf.sum(dy, axes)];
      },
    };
  });
  return op(x, weight, bias);
}

/** x · sigmoid(x). */
export function silu(x: Tensor): Tensor {
  return scaledSigmoidUnit(x, 1);
}

/** x · sigmoid(1.702 x), the vision tower's activation. */
export function quickGelu(x: Tensor): Tensor {
  return scaledSigmoidUnit(x, 1.702);
}

/**
 * The sigmoid has one reader in every graph, so that TensorFlow fuses it with the product in all of them or in none: the
 * fused kernel rounds differently, and a reference model must compute what the policy computes to the last bit. So the
 * gradient takes 1 − sigmoid from a sigmoid of its own.
 */
function scaledSigmoidUnit(x: Tensor, slope: number): Tensor {
  const op = tf.customGrad((...args) => {
    const [input, save] = args as unknown as [Tensor, (tensors: Tensor[]) => void];
    const value = tf.mul(input, tf.sigmoid(slope === 1 ? input : tf.mul(input, slope)));
    save([input, value]);
    return {
      value,
      // d/dx x·s(kx) = s + k·y·(1 − s) = 1 + (1 − s)·(k·y − 1)
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [z, y] = saved as [Tensor, Tensor];
        const rest = tf.sigmoid(tf.mul(z, -slope));
        return tf.mul(dy, tf.add(tf.mul(rest, tf.sub(slope === 1 ? y : tf.mul(y, slope), 1)), 1));
      },
    };
  });
  return op(x);
}

/** Exact GELU: x/2 · (1 + erf(x/√2)). */
export function gelu(x: Tensor): Tensor {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}

/** GELU in its tanh form: x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))). */
export function geluTanh(x: Tensor): Tensor {
  const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
}

/**
 * Rotary embedding in the rotate-half form: `x·cos + rotateHalf(x)·sin`. The rotation is a product with a signed
 * permutation (exact: every sum has one non-zero term), whose gradient is one product too.
 * @param x [..., dim]
 * @param cos broadcastable to x, or as wide as its first channels: then the others stay as they are
 */
export function applyRotary(x: Tensor, cos: Tensor, sin: Tensor): Tensor {
  const dim = x.shape.at(-1) ?? 0;
  const turning = cos.shape.at(-1) ?? 0;
  if (turning < dim) {
    const [first, others] = tf.split(x, [turning, dim - turning], -1) as [Tensor, Tensor];
    return tf.concat([applyRotary(first, cos, sin), others], -1);
  }
  const flat = tf.reshape(x, [-1, dim]) as tf.Tensor2D;
  const rotated = tf.reshape(tf.matMul(flat, rotateHalfMatrix(dim)), x.shape);
  return tf.add(tf.mul(x, cos), tf.mul(rotated, sin));
}

/** R with x @ R = concat(-x[dim/2:], x[:dim/2]). */
export function rotateHalfMatrix(dim: number): tf.Tensor2D {
  const half = dim / 2;
  const values = new Float32Array(dim * dim);
  for (let i = 0; i < half; i++) {
    values[(i + half) * dim + i] = -1;
    values[i * dim + i + half] = 1;
  }
  return tf.tensor2d(values, [dim, dim]);
}

interface InPlaceBackend {
  executeSingleOutput?: (
    op: string,
    attributes: { name: string; type: number; value: number }[],
    inputs: TensorInfo[],
  ) => Tensor;
  binding?: { TF_ATTR_TYPE: number; TF_FLOAT: number };
}

/**
 * Rows of a table. The gradient is a segment sum on native TensorFlow. WebAssembly has no such kernel, so there it is a
 * product with one-hot rows.
 * @param table [n, d]
 * @param ids [m] int32
 * @returns [m, d]
 */
export function gatherRows(table: Tensor, ids: Tensor): Tensor {
  if (updatesInPlace()) return tf.gather(table, ids as tf.Tensor1D);
  const op = tf.customGrad((...args) => {
    const [rows, save] = args as unknown as [Tensor, (tensors: Tensor[]) => void];
    const count = rows.shape[0] ?? 0;
    save([tf.cast(ids, 'float32')]);
    return {
      value: tf.gather(rows, ids as tf.Tensor1D),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const chosen = tf.oneHot(tf.cast(saved[0] as Tensor, 'int32') as tf.Tensor1D, count);
        return tf.matMul(chosen as tf.Tensor2D, dy as tf.Tensor2D, true, false);
      },
    };
  });
  return op(table);
}

/** Whether `updateRows` writes into the buffer it is given. If not, the caller must keep what it returns. */
export function updatesInPlace(): boolean {
  return (tf.backend() as unknown as InPlaceBackend).executeSingleOutput !== undefined;
}

/**
 * Returns x with `x[indices] = rows`. On native TensorFlow this writes into x's own buffer, because a key-value cache must
 * not be copied for every token. Elsewhere it is a functional update. Not differentiable.
 * @param x [n, d]
 * @param indices [m] int32, distinct
 * @param rows [m, d]
 */
export function updateRows(x: Tensor, indices: Tensor, rows: Tensor): Tensor {
  const backend = tf.backend() as unknown as InPlaceBackend;
  if (backend.executeSingleOutput !== undefined && backend.binding !== undefined) {
    const type = { name: 'T', type: backend.binding.TF_ATTR_TYPE, value: backend.binding.TF_FLOAT };
    return backend.executeSingleOutput('InplaceUpdate', [type], [x, indices, rows]);
  }
  const position = tf.reshape(indices, [-1, 1]);
  const written = tf.scatterND(position, rows, x.shape);
  const mask = tf.scatterND(position, tf.onesLike(rows), x.shape);
  return tf.add(tf.mul(x, tf.sub(1, mask)), written);
}
