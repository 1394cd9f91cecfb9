/** @file The order of rows in Llama's queries and keys. Pure. */

/**
 * transformers rotates channel i of a head with channel i + headDim / 2, llama.cpp channel 2i with 2i + 1. The rows of
 * every head are interleaved accordingly (`LlamaModel.permute` of llama.cpp's converter).
 * @param values whole heads, [rows, columns]
 */
export function pairedRows(values: Float32Array, columns: number, headDim: number): Float32Array {
  return moved(values, columns, (row) => [row, pairedFrom(row, headDim)]);
}

/** The way back: from llama.cpp's order to that of transformers. */
export function halvedRows(values: Float32Array, columns: number, headDim: number): Float32Array {
  return moved(values, columns, (row) => [pairedFrom(row, headDim), row]);
}

/** Where a row of pairs stands among halves. */
function pairedFrom(row: number, headDim: number): number {
  const within = row % headDim;
  return row - within + (within % 2) * (headDim / 2) + Math.floor(within / 2);
}

function moved(
  values: Float32Array,
  columns: number,
  places: (row: number) => [to: number, from: number],
): Float32Array {
  const out = new Float32Array(values.length);
  for (let row = 0; row < values.length / columns; row++) {
    const [to, from] = places(row);
    out.set(values.subarray(from * columns, (from + 1) * columns), to * columns);
  }
  return out;
}
