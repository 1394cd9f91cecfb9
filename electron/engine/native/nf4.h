/**
 * @file Products with a frozen matrix kept in NF4 (QLoRA, arXiv 2305.14314): blocks of 64 values along a row, each value one of
 * 16 numbers times the largest absolute value of its block. That takes 4.5 bits for each value.
 *
 * Two values share a byte, the first in its upper half, as in bitsandbytes. A value is the number of the table times the scale,
 * rounded to float32: the same bits as bitsandbytes gives. Products multiply and add in float32.
 */
#pragma once

#include <cstddef>
#include <cstdint>

#include "output-product.h"

namespace atelier {

/** Values that share a scale. */
constexpr size_t kNf4Block = 64;

/** [out, in], `in` a multiple of 64. */
struct Nf4Matrix {
  /** [out, in / 2] */
  const uint8_t* codes;
  /** [out, in / 64] */
  const float* scales;
  size_t out;
  size_t in;
};

/**
 * y = x Wᵀ. A result depends on its two factors and on nothing else: not on the other rows, and not on the number of threads.
 * @param x [rows, in]
 * @param y [rows, out]
 * @return false if there is no memory for some unpacked rows
 */
bool nf4Product(const float* x, size_t rows, const Nf4Matrix& w, float* y, size_t threads, Instructions instructions);

/**
 * dx = dy W: the gradient of the product with respect to x. As independent of other rows and of threads.
 * @param dy [rows, out]
 * @param dx [rows, in]
 */
bool nf4Gradient(const float* dy, size_t rows, const Nf4Matrix& w, float* dx, size_t threads, Instructions instructions);

/** Rounds to the nearest of the 16 numbers in each block of 64, as bitsandbytes does. @param count a multiple of 64 */
void nf4Quantise(const float* values, size_t count, uint8_t* codes, float* scales);

}  // namespace atelier
