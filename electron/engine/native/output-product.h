/** @file The product of a float32 matrix with the transpose of a bfloat16 one, in float32. */
#pragma once

#include <cstddef>
#include <cstdint>

namespace atelier {

enum class Instructions { none, avx2, avx512 };

/** The best vector instructions of this processor for the product; `none` if it would not be quick. */
Instructions bestInstructions();

/**
 * out[row, token] = hidden[row] · table[token]. A result depends on its two factors and on nothing else: not on the other rows, and
 * not on the number of threads.
 * @param hidden [rows, width]
 * @param table [vocabulary, width] in bfloat16
 * @param out [rows, vocabulary]
 * @return false if there is no memory for a copy of `hidden`
 */
bool outputProduct(const float* hidden, size_t rows, const uint16_t* table, size_t vocabulary, size_t width, float* out,
                   size_t threads, Instructions instructions);

}  // namespace atelier
