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

/** What a tile asks the memory for while it computes: its part of the tokens of the tile after it, which follow its own. */
struct Ahead {
  /** Of more tokens, what comes first would have left the first-level cache before it is needed. */
  static constexpr size_t kMostBytes = 24 * 1024;

  const uint16_t* next;
  /** Of how many parts; 0 = nothing. */
  size_t parts;
  size_t part;

  /** @param tokens of a tile @param parts tiles that compute with these tokens @param part which of them this one is */
  Ahead(const uint16_t* table, size_t width, size_t tokens, size_t parts, size_t part)
      : next(table + tokens * width), parts(tokens * width * sizeof(uint16_t) > kMostBytes ? 0 : parts), part(part) {}

  /**
   * Asks for as many numbers as a step takes, if it is this part's turn, in the order in which they lie in memory. They go past the second-level
   * cache, where the rows lie that all tokens are multiplied with.
   * @param k where the step begins in each row @param turn counts from `part` on; a remainder would take as long as the step's products
   */
  template <int Tokens, int Block>
  INLINE void ask(size_t k, size_t& turn) const {
    if (++turn != parts) return;  // Never, if there are none.
    turn = 0;
    const char* from = reinterpret_cast<const char*>(next + k * Tokens);
    for (size_t byte = 0; byte < Tokens * Block * sizeof(uint16_t); byte += 64) _mm_prefetch(from + byte, _MM_HINT_NTA);
  }
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

/**
 * A tile of tokens × rows, whose sums stay in registers over the whole width. Rows are given in groups of kRows, which the processor reads in one
 * stream: a block of each row of the group, then the next block of each.
 */
struct Bf16Tile {
  static constexpr int kBlock = 32, kTokens = 6, kRows = 4;

  /** Where a number lies among rows in groups. @param stride a multiple of a block: numbers of a row with what fills it up */
  static size_t at(size_t row, size_t k, size_t stride) {
    return row / kRows * kRows * stride + k / kBlock * kBlock * kRows + row % kRows * kBlock + k % kBlock;
  }

  BF16 static INLINE __m512bh pairs(__m512i words) { return reinterpret_cast<__m512bh>(words); }

  template <int Tokens, int Rows>
  BF16 static INLINE void step(const uint16_t* table, size_t width, const uint16_t* group, __m512 (&sums)[Tokens][Rows]) {
    __m512bh row[Rows];
    for (int r = 0; r < Rows; r++) row[r] = pairs(_mm512_load_si512(group + r * kBlock));
    for (int t = 0; t < Tokens; t++) {
      const __m512bh token = pairs(_mm512_loadu_si512(table + t * width));
      for (int r = 0; r < Rows; r++) sums[t][r] = _mm512_dpbf16_ps(sums[t][r], token, row[r]);
    }
  }

  /** The sums of four vectors. Each is added up in the same order, whichever the others are. */
  BF16 static INLINE __m128 sumsOf(__m512 a, __m512 b, __m512 c, __m512 d) {
    const __m512 ab = _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
    const __m512 cd = _mm512_add_ps(_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
    const __m512d low = _mm512_unpacklo_pd(_mm512_castps_pd(ab), _mm512_castps_pd(cd));
    const __m512d high = _mm512_unpackhi_pd(_mm512_castps_pd(ab), _mm512_castps_pd(cd));
    const __m512d quarters = _mm512_castps_pd(_mm512_add_ps(_mm512_castpd_ps(low), _mm512_castpd_ps(high)));
    const __m256 halves = _mm256_add_ps(_mm256_castpd_ps(_mm512_castpd512_pd256(quarters)),
                                        _mm256_castpd_ps(_mm512_extractf64x4_pd(quarters, 1)));
    return _mm_add_ps(_mm256_castps256_ps128(halves), _mm256_extractf128_ps(halves, 1));
  }

  template <int Tokens, int Rows>
  BF16 static INLINE void write(const __m512 (&sums)[Tokens][Rows], float* out, size_t between) {
    constexpr int whole = Tokens / 4 * 4, left = (Tokens - whole) * Rows;
    for (int r = 0; r < Rows; r++)
      for (int t = 0; t < whole; t += 4)
        _mm_storeu_ps(out + r * between + t, sumsOf(sums[t][r], sums[t + 1][r], sums[t + 2][r], sums[t + 3][r]));
    for (int i = 0; i < left; i += 4) {
      __m512 rest[4];
      for (int j = 0; j < 4; j++)
        rest[j] = i + j < left ? sums[whole + (i + j) / Rows][(i + j) % Rows] : _mm512_setzero_ps();
      alignas(16) float four[4];
      _mm_store_ps(four, sumsOf(rest[0], rest[1], rest[2], rest[3]));
      for (int j = i; j < i + 4 && j < left; j++) out[j % Rows * between + whole + j / Rows] = four[j - i];
    }
  }

  /**
   * @param group rows as `at` says, filled up with zeros
   * @param out a row's results are `between` numbers apart from the next row's
   */
  template <int Tokens, int Rows>
  BF16 static void tile(const uint16_t* table, size_t width, const uint16_t* group, float* out, size_t between,
                        const Ahead& ahead) {
    __m512 sums[Tokens][Rows];
    for (auto& token : sums)
      for (auto& sum : token) sum = _mm512_setzero_ps();
    size_t k = 0;
    for (size_t turn = ahead.part; k + kBlock <= width; k += kBlock) {
      ahead.ask<Tokens, kBlock>(k, turn);
      step<Tokens, Rows>(table + k, width, group + k * kRows, sums);
    }
    if (k < width) {
      const Rest<Tokens, kBlock> rest(table, width, k);
      step<Tokens, Rows>(rest.values[0], kBlock, group + k * kRows, sums);
    }
    write<Tokens, Rows>(sums, out, between);
  }
};
#endif

}  // namespace atelier
