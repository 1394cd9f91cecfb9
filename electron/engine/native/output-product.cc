/**
 * @file Logits. A bfloat16 number is the upper half of a float32 one, so of two neighbours in the table a mask widens the
 * one and a shift the other, in registers. Everything is multiplied and added in float32. The two neighbours go into the same sum
 * one after the other, so `hidden` is rearranged to match: of each block, first the even places and then the odd ones.
 *
 * A tile of tokens × rows stays in registers over the whole width, and asks the memory for the tokens after it meanwhile. A block
 * of the table stays in the second-level cache while all rows are multiplied with it, so that the table is read from memory
 * once. Threads take block after block.
 */
#include "output-product.h"

#include <immintrin.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

#define AVX512 __attribute__((target("avx512f")))
#define AVX2 __attribute__((target("avx2,fma")))
#define INLINE inline __attribute__((always_inline))

namespace atelier {
namespace {

/** A block of the table, in bytes. */
constexpr size_t kBlockBytes = 288 * 1024;
/** A thread is worth starting for this many multiplications. */
constexpr size_t kThreadWork = size_t{1} << 23;
/** The places of `hidden` that are rearranged together; its rows are filled up to a multiple with zeros. */
constexpr size_t kMostBlock = 32;

struct Problem {
  const float* hidden;  // rearranged, [rows, stride]
  size_t rows;
  size_t stride;
  const uint16_t* table;
  size_t vocabulary;
  size_t width;
  float* out;
};

/** Of `hidden`, in bytes: so many rows stay in the second-level cache while each tile's tokens are multiplied with all of them. */
constexpr size_t kRowsBytes = 384 * 1024;

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

struct Avx512 {
  static constexpr int kBlock = 32, kTokens = 6, kRows = 4;

  template <int Tokens, int Rows>
  AVX512 static INLINE void step(const uint16_t* table, size_t width, const float* hidden, size_t stride,
                                 __m512 (&sums)[Tokens][Rows]) {
    const __m512i upper = _mm512_set1_epi32(static_cast<int>(0xffff0000u));
    __m512 row[Rows];
    for (int r = 0; r < Rows; r++) row[r] = _mm512_load_ps(hidden + r * stride);
    for (int t = 0; t < Tokens; t++) {
      const __m512 even = _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_loadu_si512(table + t * width), 16));
      for (int r = 0; r < Rows; r++) sums[t][r] = _mm512_fmadd_ps(even, row[r], sums[t][r]);
    }
    for (int r = 0; r < Rows; r++) row[r] = _mm512_load_ps(hidden + r * stride + 16);
    for (int t = 0; t < Tokens; t++) {
      const __m512 odd = _mm512_castsi512_ps(_mm512_and_si512(_mm512_loadu_si512(table + t * width), upper));
      for (int r = 0; r < Rows; r++) sums[t][r] = _mm512_fmadd_ps(odd, row[r], sums[t][r]);
    }
  }

  template <int Tokens, int Rows>
  AVX512 static void tile(const uint16_t* table, size_t width, const float* hidden, size_t stride, float* out,
                          size_t vocabulary, const Ahead& ahead) {
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
      for (int r = 0; r < Rows; r++) out[r * vocabulary + t] = _mm512_reduce_add_ps(sums[t][r]);
  }
};

struct Avx2 {
  static constexpr int kBlock = 16, kTokens = 4, kRows = 2;

  template <int Tokens, int Rows>
  AVX2 static INLINE void step(const uint16_t* table, size_t width, const float* hidden, size_t stride,
                               __m256 (&sums)[Tokens][Rows]) {
    const __m256i upper = _mm256_set1_epi32(static_cast<int>(0xffff0000u));
    __m256 row[Rows];
    for (int r = 0; r < Rows; r++) row[r] = _mm256_load_ps(hidden + r * stride);
    for (int t = 0; t < Tokens; t++) {
      const __m256i words = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(table + t * width));
      const __m256 even = _mm256_castsi256_ps(_mm256_slli_epi32(words, 16));
      for (int r = 0; r < Rows; r++) sums[t][r] = _mm256_fmadd_ps(even, row[r], sums[t][r]);
    }
    for (int r = 0; r < Rows; r++) row[r] = _mm256_load_ps(hidden + r * stride + 8);
    for (int t = 0; t < Tokens; t++) {
      const __m256i words = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(table + t * width));
      const __m256 odd = _mm256_castsi256_ps(_mm256_and_si256(words, upper));
      for (int r = 0; r < Rows; r++) sums[t][r] = _mm256_fmadd_ps(odd, row[r], sums[t][r]);
    }
  }

  AVX2 static INLINE float sumOf(__m256 x) {
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    four = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
  }

  template <int Tokens, int Rows>
  AVX2 static void tile(const uint16_t* table, size_t width, const float* hidden, size_t stride, float* out,
                        size_t vocabulary, const Ahead& ahead) {
    __m256 sums[Tokens][Rows];
    for (auto& token : sums)
      for (auto& sum : token) sum = _mm256_setzero_ps();
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
      for (int r = 0; r < Rows; r++) out[r * vocabulary + t] = sumOf(sums[t][r]);
  }
};

template <class Isa, int Tokens>
void tileOf(size_t rows, const Problem& p, size_t token, size_t row, size_t parts) {
  const uint16_t* table = p.table + token * p.width;
  const float* hidden = p.hidden + row * p.stride;
  float* out = p.out + row * p.vocabulary + token;
  const Ahead ahead{table + Tokens * p.width, parts, parts == 0 ? 1 : row / Isa::kRows % parts};
  if (rows >= 4 && Isa::kRows == 4) {
    Isa::template tile<Tokens, 4 <= Isa::kRows ? 4 : 1>(table, p.width, hidden, p.stride, out, p.vocabulary, ahead);
  } else if (rows == 3 && Isa::kRows == 4) {
    Isa::template tile<Tokens, 3 <= Isa::kRows ? 3 : 1>(table, p.width, hidden, p.stride, out, p.vocabulary, ahead);
  } else if (rows >= 2) {
    Isa::template tile<Tokens, 2>(table, p.width, hidden, p.stride, out, p.vocabulary, ahead);
  } else {
    Isa::template tile<Tokens, 1>(table, p.width, hidden, p.stride, out, p.vocabulary, ahead);
  }
}

/** Some rows with a tile's tokens, or with those that are left over. @param whole whether there are as many as a tile has */
template <class Isa>
void multiplyTokens(const Problem& p, size_t token, bool whole, size_t from, size_t to, size_t parts) {
  for (size_t row = from; row < to; row += Isa::kRows) {
    const size_t rows = std::min<size_t>(Isa::kRows, to - row);
    if (whole)
      tileOf<Isa, Isa::kTokens>(rows, p, token, row, parts);
    else
      tileOf<Isa, 1>(rows, p, token, row, parts);
  }
}

template <class Isa>
void multiplyBlock(const Problem& p, size_t from, size_t to) {
  const size_t fit = std::max<size_t>(1, kRowsBytes / (p.stride * sizeof(float) * Isa::kRows)) * Isa::kRows;
  const size_t together = std::min(p.rows, fit);
  for (size_t row = 0; row < p.rows; row += together) {
    const size_t end = std::min(p.rows, row + together);
    // Later rows find the block in the cache.
    const size_t parts = row == 0 ? (together + Isa::kRows - 1) / Isa::kRows : 0;
    size_t token = from;
    for (; token + Isa::kTokens <= to; token += Isa::kTokens) multiplyTokens<Isa>(p, token, true, row, end, parts);
    for (; token < to; token++) multiplyTokens<Isa>(p, token, false, row, end, parts);
  }
}

/** Takes blocks until none is left. Numbers too small for float32's usual precision count as zero in every thread alike. */
template <class Isa>
void takeBlocks(const Problem& p, size_t size, std::atomic<size_t>& next) {
  constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;
  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | kFlushToZero | kDenormalsAreZero);
  for (size_t from; (from = next.fetch_add(size)) < p.vocabulary;)
    multiplyBlock<Isa>(p, from, std::min(p.vocabulary, from + size));
  _mm_setcsr(before);
}

template <class Isa>
bool multiply(const float* hidden, Problem p, size_t threads) {
  constexpr size_t half = Isa::kBlock / 2;
  p.stride = (p.width + kMostBlock - 1) / kMostBlock * kMostBlock;
  const std::unique_ptr<float, decltype(&std::free)> packed(
      static_cast<float*>(std::aligned_alloc(64, p.rows * p.stride * sizeof(float))), &std::free);
  if (packed == nullptr) return false;
  for (size_t row = 0; row < p.rows; row++)
    for (size_t k = 0; k < p.stride; k++) {
      const size_t place = k / Isa::kBlock * Isa::kBlock + k % 2 * half + k % Isa::kBlock / 2;
      packed.get()[row * p.stride + place] = k < p.width ? hidden[row * p.width + k] : 0.0f;
    }
  p.hidden = packed.get();

  const size_t tiles = std::max<size_t>(1, kBlockBytes / (p.width * sizeof(uint16_t) * Isa::kTokens));
  const size_t size = tiles * Isa::kTokens;
  const size_t work = p.vocabulary * p.width * p.rows / kThreadWork;
  const size_t wanted = std::min({threads, work, (p.vocabulary + size - 1) / size});
  std::atomic<size_t> next{0};
  std::vector<std::thread> others;
  try {
    for (size_t i = 1; i < wanted; i++) others.emplace_back([&] { takeBlocks<Isa>(p, size, next); });
  } catch (const std::system_error&) {
    // The system gives no more threads: those that there are do everything.
  }
  takeBlocks<Isa>(p, size, next);
  for (auto& thread : others) thread.join();
  return true;
}

}  // namespace

Instructions bestInstructions() {
  if (__builtin_cpu_supports("avx512f")) return Instructions::avx512;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? Instructions::avx2 : Instructions::none;
}

bool outputProduct(const float* hidden, size_t rows, const uint16_t* table, size_t vocabulary, size_t width, float* out,
                   size_t threads, Instructions instructions) {
  if (rows == 0 || vocabulary == 0) return true;
  if (width == 0) {
    std::fill(out, out + rows * vocabulary, 0.0f);
    return true;
  }
  const Problem problem{nullptr, rows, 0, table, vocabulary, width, out};
  return instructions == Instructions::avx512 ? multiply<Avx512>(hidden, problem, threads)
                                              : multiply<Avx2>(hidden, problem, threads);
}

}  // namespace atelier
