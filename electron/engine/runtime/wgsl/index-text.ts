/** @file A place in a tensor as text of a shader: as one number in row-major order, as coordinates, or both. */
import { sizeOf } from '../program.ts';

/** Gives a formula a name, so that it is computed once. */
type Let = (type: 'u32', text: string) => string;

let ids = 0;

export class Index {
  readonly id = ids++;
  readonly shape: readonly number[];
  private readonly named: Let;
  private known: { linear?: string; coordinates?: readonly string[] };

  private constructor(named: Let, shape: readonly number[], known: Index['known']) {
    this.named = named;
    this.shape = shape;
    this.known = known;
  }

  static ofLinear(named: Let, shape: readonly number[], linear: string): Index {
    return new Index(named, shape, { linear: sizeOf(shape) === 1 ? '0u' : linear });
  }

  static ofCoordinates(named: Let, shape: readonly number[], coordinates: readonly string[]): Index {
    return new Index(named, shape, { coordinates: coordinates.map((each, axis) => (shape[axis] === 1 ? '0u' : each)) });
  }

  linear(): string {
    this.known.linear ??= this.named('u32', linearText(this.shape, this.known.coordinates ?? []));
    return this.known.linear;
  }

  coordinates(): readonly string[] {
    this.known.coordinates ??= coordinateTexts(this.shape, this.known.linear ?? '0u').map((text) =>
      this.named('u32', text),
    );
    return this.known.coordinates;
  }

  /** The same elements in row-major order under another shape. */
  reshaped(shape: readonly number[]): Index {
    return Index.ofLinear(this.named, shape, this.linear());
  }

  /** Where a tensor of `shape` is read that is stretched to this index's shape. */
  stretched(shape: readonly number[]): Index {
    if (shape.join() === this.shape.join()) return this;
    if (sizeOf(shape) === 1) return Index.ofLinear(this.named, shape, '0u');
    const offset = this.shape.length - shape.length;
    const inner = shape.findIndex((n) => n !== 1);
    const linear = this.known.linear;
    // [1, 1, c, d] in [a, b, c, d]: the end of each index, without a look at the coordinates.
    if (linear !== undefined && shape.slice(inner).every((n, i) => n === this.shape[offset + inner + i]))
      return Index.ofLinear(this.named, shape, this.named('u32', `${linear} % ${sizeOf(shape)}u`));
    // [a, b, 1, 1] in [a, b, c, d]: its beginning.
    const outer = lastWide(shape);
    const padded = [...Array<number>(Math.max(0, offset)).fill(1), ...shape];
    if (linear !== undefined && padded.slice(0, offset + outer + 1).every((n, i) => n === this.shape[i]))
      return Index.ofLinear(
        this.named,
        shape,
        this.named('u32', `${linear} / ${sizeOf(this.shape.slice(offset + outer + 1))}u`),
      );
    return Index.ofCoordinates(this.named, shape, this.coordinates().slice(offset));
  }
}

function lastWide(shape: readonly number[]): number {
  for (let axis = shape.length - 1; axis >= 0; axis--) if (shape[axis] !== 1) return axis;
  return -1;
}

function linearText(shape: readonly number[], coordinates: readonly string[]): string {
  const terms: string[] = [];
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const at = coordinates[axis] ?? '0u';
    if (at !== '0u') terms.unshift(stride === 1 ? at : `${at} * ${stride}u`);
    stride *= shape[axis] ?? 1;
  }
  return terms.length === 0 ? '0u' : terms.join(' + ');
}

function coordinateTexts(shape: readonly number[], linear: string): string[] {
  const first = shape.findIndex((n) => n !== 1);
  let stride = sizeOf(shape);
  return shape.map((n, axis) => {
    if (n === 1) return '0u';
    stride /= n;
    const quotient = stride === 1 ? linear : `${linear} / ${stride}u`;
    return axis === first ? quotient : `(${quotient}) % ${n}u`;
  });
}
