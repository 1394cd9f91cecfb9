/**
 * @file Chooses how frozen weights are kept. bfloat16 halves their memory and, on processors with such instructions,
 * doubles the speed of products with many rows and quadruples it with few (`npm run bench` measures both). A GPU widens them and
 * multiplies in float32. What is trained, and everything that is summed or normalised, stays float32.
 */
import type { LoadedModel, Shapes } from './loaded-model.ts';
import { isLargeModel } from '../../method/model-size.ts';
import type { Runtime } from '../runtime/backend.ts';
import { sizeOf, type VariableRole, type VariableSpec } from '../runtime/program.ts';

export type Precision = 'float32' | 'bfloat16';

/** Whether a model's products are long enough to decide how long a step takes. */
export function isLarge(model: LoadedModel): boolean {
  return isLargeModel(Object.values(model.shapes).reduce((sum, shape) => sum + sizeOf(shape), 0));
}

/** Whether programs compute with variables kept in bfloat16: compiled ones do, op by op there is no such type. */
export function takesBfloat16({ native, gpu }: Pick<Runtime, 'native' | 'gpu'>): boolean {
  return native !== null || gpu?.programs.kind === 'compiled';
}

/** Whether programs compute with matrices kept in NF4: by our own ops on the processor, and in a GPU's compiled programs. */
export function takesNf4({ native, gpu }: Pick<Runtime, 'native' | 'gpu'>): boolean {
  return native === null ? gpu?.programs.kind === 'compiled' : native.ownOps === true;
}

/**
 * bfloat16 if the runtime has such products, and the model is large, is not trained itself and has files that hold
 * bfloat16 (so that no weight is rounded). Otherwise float32.
 */
export function choosePrecision(
  model: LoadedModel,
  trainable: readonly string[],
  runtime: Pick<Runtime, 'native' | 'gpu'>,
): Precision {
  const frozen = trainable.every((name) => !(name in model.shapes));
  return takesBfloat16(runtime) && frozen && model.storedAsBfloat16 && isLarge(model) ? 'bfloat16' : 'float32';
}

/**
 * Only matrices are kept in bfloat16. Norms and biases are small, and added in float32.
 * @param rounded those that are rounded to NF4; absent = none
 */
export function storageOf(
  shapes: Shapes,
  precision: Precision,
  role: VariableRole,
  rounded?: { names: ReadonlySet<string>; dtype: 'nf4' | 'float32' } | null,
): Record<string, VariableSpec> {
  const plain = (shape: readonly number[]): VariableSpec['dtype'] =>
    precision === 'bfloat16' && shape.length > 1 ? 'bfloat16' : 'float32';
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      { role, shape, dtype: rounded?.names.has(name) === true ? rounded.dtype : plain(shape) },
    ]),
  );
}
