/** @file The order of rows in Llama's queries and keys. Pure. */

/**
 * transformers rotates channel i of a head with channel i + headDim / 2, llama.cpp channel 2i with 2i + 1. The rows of
 * every head are interleaved accordingly (`LlamaModel.permute` of llama.cpp's converter).
 * @param values whole heads, [rows, columns]
 */
export function pairedRows(values: Float32Array, columns: number, headDim: number): Float32Array {
  const out = new Float32Array(values.length);
  const rows = values.length / columns;
  for (let row = 0; row < rows; row++) {
    const within = row % headDim;
    const half = headDim / 2;
    const from = row - within + (within % 2) * half + Math.floor(within / 2);
    out.set(values.subarray(from * columns, (from + 1) * columns), row * columns);
  }
  return out;
}
