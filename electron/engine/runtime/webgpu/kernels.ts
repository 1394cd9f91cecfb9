/**
 * @file Kernels that tfjs's WebGPU backend lacks or has wrong for us, on top of its own shaders:
 * - AddN binds every input at once, and a shader may bind only eight buffers: here it sums seven at a time, in a fixed order.
 * - Tile of five and more axes reads its input back synchronously, which Node cannot: here axes are tiled one after another.
 * - Select of five and more axes has no shader: here it sees one axis.
 * - A long product with a small result adds its parts with atomic operations, in whatever order they come, so two runs would
 *   differ: here it never does.
 * - IsFinite compares with infinity, which a driver may assume never to occur: here it looks at the bits.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { KernelFunc, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';

/** The part of tfjs's backend that kernels use. */
export interface KernelBackend {
  runWebGPUProgram(program: object, inputs: TensorInfo[], dtype: string): TensorInfo;
  disposeData(dataId: object): boolean;
  /** tfjs looks for smaller tiles if there are no more workgroups than this. */
  thresholdToIncreaseWorkgroups: number;
}

type Kernel = (call: { inputs: NamedTensorInfoMap; attrs: NamedAttrMap; backend: KernelBackend }) => TensorInfo;

const BACKEND = 'webgpu';
/** Shaders may bind eight buffers, one of which is the result. */
const INPUTS_AT_ONCE = 7;
/** tfjs's shaders know coordinates of so many axes. */
const MOST_AXES = 4;

/** Call once, after tfjs has registered its own. */
export function registerKernels(): void {
  replace('AddN', addN);
  replace('Tile', tile);
  replace('Select', select);
  replace('IsFinite', isFinite);
  replace('BatchMatMul', matMul);
  replace('_FusedMatMul', matMul);
}

function replace(kernelName: string, make: (own: Kernel) => Kernel): void {
  const own = tf.getKernel(kernelName, BACKEND);
  tf.unregisterKernel(kernelName, BACKEND);
  const kernelFunc = make(own.kernelFunc as unknown as Kernel) as unknown as KernelFunc;
  tf.registerKernel({ ...own, kernelName, backendName: BACKEND, kernelFunc });
}

/** The same memory under another shape, for one call. */
function as({ dataId, dtype }: TensorInfo, shape: number[]): TensorInfo {
  return { dataId, dtype, shape };
}

function addN(own: Kernel): Kernel {
  return ({ inputs, attrs, backend }) => {
    let terms = Object.values(inputs) as TensorInfo[];
    let sum: TensorInfo | null = null;
    do {
      const now: TensorInfo[] = sum === null ? [] : [sum];
      const taken = terms.slice(0, INPUTS_AT_ONCE - now.length);
      terms = terms.slice(taken.length);
      const next: TensorInfo = own({ inputs: [...now, ...taken] as unknown as NamedTensorInfoMap, attrs, backend });
      if (sum !== null) backend.disposeData(sum.dataId);
      sum = next;
    } while (terms.length > 0);
    return sum;
  };
}

function tile(own: Kernel): Kernel {
  return ({ inputs, attrs, backend }) => {
    const x = inputs['x'] as TensorInfo;
    const reps = attrs['reps'] as number[];
    if (x.shape.length <= MOST_AXES) return own({ inputs, attrs, backend });
    const shape = [...x.shape];
    let tiled: TensorInfo | null = null;
    // Axis by axis, each of them seen as [before, 1, the axis and after].
    for (const [axis, rep] of reps.entries()) {
      if (rep === 1 && !(axis === reps.length - 1 && tiled === null)) continue;
      const before = product(shape.slice(0, axis));
      const view = as(tiled ?? x, [before, 1, product(shape) / before]);
      const next = own({ inputs: { x: view }, attrs: { reps: [1, rep, 1] }, backend });
      if (tiled !== null) backend.disposeData(tiled.dataId);
      tiled = next;
      shape[axis] = (shape[axis] ?? 1) * rep;
    }
    return as(tiled ?? x, shape);
  };
}

function select(own: Kernel): Kernel {
  return ({ inputs, attrs, backend }) => {
    const { condition, t, e } = inputs as Record<'condition' | 't' | 'e', TensorInfo>;
    if (t.shape.length <= MOST_AXES) return own({ inputs, attrs, backend });
    const count = product(condition.shape);
    const flat = count === product(t.shape) ? [count] : [count, product(t.shape) / count];
    const views = { condition: as(condition, [count]), t: as(t, flat), e: as(e, flat) };
    return as(own({ inputs: views, attrs, backend }), t.shape);
  };
}

/** From this inner length on, tfjs divides a product with few workgroups. */
const LONG = 2000;
/** Below, it does not. */
const SMALL_RESULT = 128;
const TILE = 32;
const PROGRAM_TYPE = 'WEBGPU_MATMUL_PROGRAM_TYPE';
/** tfjs's numbers: what it would choose for a shorter product. */
const [SMALL_TILES, LARGE_TILES, OWN_CHOICE] = [2, 3, -1];

function matMul(own: Kernel): Kernel {
  return (call) => {
    const type = typeForLong(call.inputs, call.attrs, call.backend.thresholdToIncreaseWorkgroups);
    if (type === OWN_CHOICE) return own(call);
    tf.env().set(PROGRAM_TYPE, type);
    try {
      return own(call);
    } finally {
      tf.env().set(PROGRAM_TYPE, OWN_CHOICE);
    }
  };
}

function typeForLong({ a, b }: NamedTensorInfoMap, attrs: NamedAttrMap, threshold: number): number {
  const [left, right] = [a?.shape ?? [], b?.shape ?? []];
  const inner = left.at(attrs['transposeA'] === true ? -2 : -1) ?? 0;
  const rows = left.at(attrs['transposeA'] === true ? -1 : -2) ?? 0;
  const columns = right.at(attrs['transposeB'] === true ? -2 : -1) ?? 0;
  const alone = product(left.slice(0, -2)) === 1 && product(right.slice(0, -2)) === 1;
  if (inner < LONG || !alone || rows * columns <= SMALL_RESULT) return OWN_CHOICE;
  const workgroups = Math.ceil(rows / TILE) * Math.ceil(columns / TILE);
  return workgroups <= threshold || (rows <= 8 && workgroups <= 2 * threshold) ? SMALL_TILES : LARGE_TILES;
}

function isFinite(): Kernel {
  return ({ inputs, backend }) => {
    const x = inputs['x'] as TensorInfo;
    return backend.runWebGPUProgram(finiteProgram(x.shape), [x], 'bool');
  };
}

const WORKGROUP = 64;

/** True where not all bits of the exponent are set. */
function finiteProgram(outputShape: number[]): object {
  return {
    outputShape,
    variableNames: ['A'],
    workgroupSize: [WORKGROUP, 1, 1],
    dispatchLayout: { x: outputShape.map((_, axis) => axis) },
    dispatch: [Math.ceil(product(outputShape) / WORKGROUP), 1, 1],
    size: true,
    shaderKey: 'atelierIsFinite',
    getUserCode: () => `
      fn main(index : i32) {
        if (index < uniforms.size) {
          let bits = bitcast<u32>(A[index]);
          result[index] = select(0, 1, (bits & 0x7f800000u) != 0x7f800000u);
        }
      }
    `,
  };
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, dimension) => size * dimension, 1);
}
