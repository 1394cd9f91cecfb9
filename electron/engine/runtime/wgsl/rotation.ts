/**
 * @file The rotation of rotary embeddings. The model writes it as a product with a signed permutation (model/ops.ts), which TensorFlow
 * computes fastest. A shader reads the other half instead.
 */
import type { Builder } from './builder.ts';
import type { Value } from './values.ts';

/** x @ R, where `numbers` are R = rotateHalfMatrix(dim) or its transpose; null if they are something else. */
export function rotatedInstead(
  builder: Builder,
  x: Value,
  matrix: Value,
  transposeA: boolean,
  transposeB: boolean,
  numbers: readonly number[] | null,
): Value | null {
  const dim = matrix.shape.at(-1) ?? 0;
  if (numbers === null || transposeA || matrix.shape.length !== 2 || matrix.shape[0] !== dim || dim % 2 !== 0)
    return null;
  const half = dim / 2;
  const sign = numbers[half] ?? 0;
  if (Math.abs(sign) !== 1) return null;
  const isRotation = numbers.every((value, place) => {
    const [row, column] = [Math.floor(place / dim), place % dim];
    if (column === row + half) return value === sign;
    return value === (row === column + half ? -sign : 0);
  });
  if (!isRotation) return null;
  // Column j of R has its one number, in the first half -sign, in row j ± half.
  const first = transposeB ? sign : -sign;
  return builder.formula({
    shape: x.shape,
    type: 'f32',
    inputs: [x],
    cost: 1,
    at: (writer, index) => {
      const coordinates = index.coordinates();
      const at = coordinates.at(-1) ?? '0u';
      const other = writer.named('u32', `select(${at} - ${half}u, ${at} + ${half}u, ${at} < ${half}u)`);
      const value = writer.read(x, writer.atCoordinates(x.shape, [...coordinates.slice(0, -1), other]));
      return `select(${-first}.0, ${first}.0, ${at} < ${half}u) * ${value}`;
    },
  });
}
