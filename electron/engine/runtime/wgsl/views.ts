/** @file Ops that only move values: formulas of places. */
import type { Builder } from './builder.ts';
import { sizeOf } from '../program.ts';
import type { FormulaWriter, Value } from './values.ts';
import { literal } from './writer.ts';

/** What to read instead of an element at these coordinates. */
type Move = (coordinates: readonly string[], writer: FormulaWriter) => readonly string[];

/** Rows that several kernels read are worth collecting once. */
const COLLECT_COST = 2;

function moved(
  builder: Builder,
  x: Value,
  shape: readonly number[],
  move: Move,
  others: readonly Value[] = [],
  cost = 0,
): Value {
  if (x.form.kind === 'filled') return builder.filled(shape, x.type, x.form.value);
  return builder.formula({
    shape,
    type: x.type,
    inputs: [x, ...others],
    cost,
    at: (writer, index) => {
      const places = move(index.coordinates(), writer).map((text) => writer.named('u32', text));
      return writer.read(x, writer.atCoordinates(x.shape, places));
    },
  });
}

export function transposed(builder: Builder, x: Value, order: readonly number[]): Value {
  const shape = order.map((axis) => x.shape[axis] ?? 1);
  return moved(builder, x, shape, (coordinates) => x.shape.map((_, axis) => coordinates[order.indexOf(axis)] ?? '0u'));
}

/** Where a slice begins: numbers, or a tensor of them. */
export type Begin = readonly number[] | Value;

export function sliced(builder: Builder, x: Value, begin: Begin, shape: readonly number[]): Value {
  if (isValue(begin)) {
    const starts = (writer: FormulaWriter, axis: number): string =>
      `u32(${writer.read(begin, writer.at(begin.shape, `${axis}u`))})`;
    return moved(
      builder,
      x,
      shape,
      (coordinates, writer) =>
        coordinates.map((at, axis) => (x.shape[axis] === shape[axis] ? at : `${at} + ${starts(writer, axis)}`)),
      [begin],
    );
  }
  return moved(builder, x, shape, (coordinates) =>
    coordinates.map((at, axis) => ((begin[axis] ?? 0) === 0 ? at : `${at} + ${begin[axis] ?? 0}u`)),
  );
}

function isValue(begin: Begin): begin is Value {
  return 'form' in begin;
}

export function tiled(builder: Builder, x: Value, shape: readonly number[]): Value {
  return moved(builder, x, shape, (coordinates) =>
    coordinates.map((at, axis) => (x.shape[axis] === shape[axis] ? at : `${at} % ${x.shape[axis] ?? 1}u`)),
  );
}

export function gathered(builder: Builder, table: Value, places: Value, given: number): Value {
  const axis = given < 0 ? given + table.shape.length : given;
  const rank = places.shape.length;
  const shape = [...table.shape.slice(0, axis), ...places.shape, ...table.shape.slice(axis + 1)];
  return moved(
    builder,
    table,
    shape,
    (coordinates, writer) => {
      const place = writer.read(places, writer.atCoordinates(places.shape, coordinates.slice(axis, axis + rank)));
      return [...coordinates.slice(0, axis), `u32(${place})`, ...coordinates.slice(axis + rank)];
    },
    [places],
    COLLECT_COST,
  );
}

export function padded(
  builder: Builder,
  x: Value,
  pads: readonly number[],
  value: number,
  shape: readonly number[],
): Value {
  return builder.formula({
    shape,
    type: x.type,
    inputs: [x],
    cost: 1,
    at: (writer, index) => {
      const coordinates = index.coordinates();
      const outside = coordinates.flatMap((at, axis) => {
        const [before = 0, after = 0] = [pads[2 * axis], pads[2 * axis + 1]];
        const last = before + (x.shape[axis] ?? 1);
        return [...(before > 0 ? [`${at} >= ${before}u`] : []), ...(after > 0 ? [`${at} < ${last}u`] : [])];
      });
      const result = writer.fresh('padded');
      writer.add(`var ${result}: ${x.type} = ${literal(x.type, value)};`);
      const read = writer.inner(() => {
        const places = coordinates.map((at, axis) =>
          (pads[2 * axis] ?? 0) === 0 ? at : writer.named('u32', `${at} - ${pads[2 * axis] ?? 0}u`),
        );
        writer.add(`${result} = ${writer.read(x, writer.atCoordinates(x.shape, places))};`);
      });
      writer.add(`if (${outside.length === 0 ? 'true' : outside.join(' && ')}) {`, ...read, '}');
      return result;
    },
  });
}

const PARTS_AT_ONCE = 6;

export function concatenated(builder: Builder, given: readonly Value[], axis: number): Value {
  const parts = given.filter(({ shape }) => sizeOf(shape) > 0);
  const [first] = parts;
  if (first === undefined) throw new Error('There is nothing to put together.');
  if (parts.length === 1) return first;
  // A shader binds few buffers: groups of parts are put together first, and are written if they must be.
  if (parts.length > PARTS_AT_ONCE) {
    const groups = Array.from({ length: Math.ceil(parts.length / PARTS_AT_ONCE) }, (_, at) =>
      concatenated(builder, parts.slice(at * PARTS_AT_ONCE, (at + 1) * PARTS_AT_ONCE), axis),
    );
    return concatenated(builder, groups, axis);
  }
  const length = parts.reduce((sum, { shape }) => sum + (shape[axis] ?? 1), 0);
  return builder.formula({
    shape: first.shape.map((n, each) => (each === axis ? length : n)),
    type: first.type,
    inputs: parts,
    cost: 1,
    at: (writer, index) => {
      const coordinates = index.coordinates();
      const result = writer.fresh('joined');
      writer.add(`var ${result}: ${first.type};`);
      let start = 0;
      for (const part of parts) {
        const from = start;
        start += part.shape[axis] ?? 1;
        const read = writer.inner(() => {
          const places = coordinates.map((at, each) =>
            each === axis && from > 0 ? writer.named('u32', `${at} - ${from}u`) : at,
          );
          writer.add(`${result} = ${writer.read(part, writer.atCoordinates(part.shape, places))};`);
        });
        const condition = start === length ? '' : `if (${coordinates[axis] ?? '0u'} < ${start}u) `;
        writer.add(`${from === 0 ? '' : 'else '}${condition}{`, ...read, '}');
      }
      return result;
    },
  });
}
