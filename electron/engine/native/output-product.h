/** @file The product of a bfloat16 matrix with the transpose of another one, in float32: logits. */
#pragma once

#include <cstddef>
#include <cstdint>

namespace atelier {

enum class Instructions { none, avx2, avx512, avx512bf16 };

/** The best vector instructions of this processor for the product; `none` if it would not be quick. */
Instructions bestInstructions();

/**
 * out[row, token] = hidden[row] · table[token]. A result depends on its two factors and on nothing else: not on the other rows, and
 * not on the number of threads.
 * @param hidden [rows, width] in bfloat16
 * @param table [vocabulary, width] in bfloat16
 * @param out [rows, vocabulary]
 * @return false if there is no memory for a copy of `hidden`
 */
bool outputProduct(const uint16_t* hidden, size_t rows, const uint16_t* table, size_t vocabulary, size_t width, float* out,
                   size_t threads, Instructions instructions);

}  // namespace atelier
