/**
 * @file Products by VDPBF16PS: 32 pairs of bfloat16 numbers in one instruction, with float32 sums. For files that are compiled in part for such
 * processors (`BF16`). The compiler must know the instruction: GCC from version 10 on, and Clang.
 */
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "inline.h"

namespace atelier {

/** A bfloat16 number as float32. */
inline float widened(uint16_t word) {
  const uint32_t bits = static_cast<uint32_t>(word) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

/** What a tile asks the memory for while it computes: a part of the tokens of the tile after it. */
struct Ahead {
  const uint16_t* table;
  /** Of how many parts; 0 = nothing. */
  size_t parts;
  size_t part;
};

/** The last places of a tile's tokens, if the width is no multiple of a block: filled up with zeros. */
template <int Tokens, int Block>
struct Rest {
  alignas(64) uint16_t values[Tokens][Block];
  Rest(const uint16_t* table, size_t width, size_t first) {
    std::memset(values, 0, sizeof(values));
    for (int t = 0; t < Tokens; t++)
      std::memcpy(values[t], table + t * width + first, (width - first) * sizeof(uint16_t));
  }
};

#if defined(__x86_64__) && (defined(__clang__) || __GNUC__ >= 10)
#define ATELIER_BF16 1
#define BF16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))

/** A tile of tokens × rows, whose sums stay in registers over the whole width. */
struct Bf16Tile {
  static constexpr int kBlock = 32, kTokens = 6, kRows = 4;

  BF16 static INLINE __m512bh pairs(__m512i words) { return reinterpret_cast<__m512bh>(words); }

  template <int Tokens, int Rows>
  BF16 static INLINE void step(const uint16_t* table, size_t width, const uint16_t* hidden, size_t stride,
                               __m512 (&sums)[Tokens][Rows]) {
    __m512bh row[Rows];
    for (int r = 0; r < Rows; r++) row[r] = pairs(_mm512_load_si512(hidden + r * stride));
    for (int t = 0; t < Tokens; t++) {
      const __m512bh token = pairs(_mm512_loadu_si512(table + t * width));
      for (int r = 0; r < Rows; r++) sums[t][r] = _mm512_dpbf16_ps(sums[t][r], token, row[r]);
    }
  }

  /**
   * @param hidden rows that are `stride` numbers apart, a multiple of a block, and filled up with zeros
   * @param out a row's results are `between` numbers apart from the next row's
   */
  template <int Tokens, int Rows>
  BF16 static void tile(const uint16_t* table, size_t width, const uint16_t* hidden, size_t stride, float* out,
                        size_t between, const Ahead& ahead) {
    __m512 sums[Tokens][Rows];
    for (auto& token : sums)
      for (auto& sum : token) sum = _mm512_setzero_ps();
    size_t k = 0;
    for (size_t turn = ahead.part; k + kBlock <= width; k += kBlock) {
      if (++turn == ahead.parts) {
        turn = 0;
        for (int t = 0; t < Tokens; t++)
          _mm_prefetch(reinterpret_cast<const char*>(ahead.table + t * width + k), _MM_HINT_T0);
      }
      step<Tokens, Rows>(table + k, width, hidden + k, stride, sums);
    }
    if (k < width) {
      const Rest<Tokens, kBlock> rest(table, width, k);
      step<Tokens, Rows>(rest.values[0], kBlock, hidden + k, stride, sums);
    }
    for (int t = 0; t < Tokens; t++)
      for (int r = 0; r < Rows; r++) out[r * between + t] = _mm512_reduce_add_ps(sums[t][r]);
  }
};
#endif

}  // namespace atelier
