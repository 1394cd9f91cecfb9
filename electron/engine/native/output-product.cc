/**
 * @file Logits. Where the processor has VDPBF16PS, it multiplies both factors as they are (bfloat16.h). Elsewhere they are widened. A
 * bfloat16 number is the upper half of a float32 one, so of two neighbours in the table a mask widens the one and a shift the
 * other, in registers. The two go into the same sum one after the other, so `hidden` is rearranged to match: of each block, first
 * the even places and then the odd ones. Either way, sums are float32.
 *
 * A tile of tokens × rows stays in registers over the whole width, and asks the memory for the tokens after it meanwhile. A block
 * of the table stays in the second-level cache while all rows are multiplied with it, so that the table is read from memory
 * once. Threads take block after block.
 */
#include "output-product.h"

#include <cpuid.h>
#include <immintrin.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "bfloat16.h"
#include "threads.h"

#define AVX512 __attribute__((target("avx512f")))
#define AVX2 __attribute__((target("avx2,fma")))

namespace atelier {
namespace {

/** A block of the table, in bytes. */
constexpr size_t kBlockBytes = 288 * 1024;
/** The places of `hidden` that are rearranged together; its rows are filled up to a multiple with zeros. */
constexpr size_t kMostBlock = 32;

template <class Isa>
struct Problem {
  const typename Isa::Value* hidden;  // numbers lie where `at` says, [rows, stride]
  size_t rows;
  size_t stride;
  const uint16_t* table;
  size_t vocabulary;
  size_t width;
  float* out;
};

/** Of `hidden`, in bytes: so many rows stay in the second-level cache while each tile's tokens are multiplied with all of them. */
constexpr size_t kRowsBytes = 384 * 1024;

/** Where a place of `hidden` goes: of each block, first the even places and then the odd ones. */
template <size_t Block>
size_t evenFirst(size_t k) {
  return k / Block * Block + k % 2 * (Block / 2) + k % Block / 2;
}

#ifdef ATELIER_BF16
struct Avx512Bf16 : Bf16Tile {
  using Value = uint16_t;
  static Value valueOf(uint16_t word) { return word; }

  template <int Tokens, int Rows>
  static void tile(const uint16_t* table, size_t width, const uint16_t* group, size_t, float* out, size_t vocabulary,
                   const Ahead& ahead) {
    Bf16Tile::tile<Tokens, Rows>(table, width, group, out, vocabulary, ahead);
  }
};
#endif

struct Avx512 {
  using Value = float;
  static constexpr int kBlock = 32, kTokens = 6, kRows = 4;
  static Value valueOf(uint16_t word) { return widened(word); }
  static size_t at(size_t row, size_t k, size_t stride) { return row * stride + evenFirst<kBlock>(k); }

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
      ahead.ask<Tokens, kBlock>(k, turn);
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
  using Value = float;
  static constexpr int kBlock = 16, kTokens = 4, kRows = 2;
  static Value valueOf(uint16_t word) { return widened(word); }
  static size_t at(size_t row, size_t k, size_t stride) { return row * stride + evenFirst<kBlock>(k); }

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
      ahead.ask<Tokens, kBlock>(k, turn);
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
void tileOf(size_t rows, const Problem<Isa>& p, size_t token, size_t row, size_t parts) {
  const uint16_t* table = p.table + token * p.width;
  const auto* hidden = p.hidden + row * p.stride;
  float* out = p.out + row * p.vocabulary + token;
  const Ahead ahead(table, p.width, Tokens, parts, parts == 0 ? 0 : row / Isa::kRows % parts);
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
void multiplyTokens(const Problem<Isa>& p, size_t token, bool whole, size_t from, size_t to, size_t parts) {
  for (size_t row = from; row < to; row += Isa::kRows) {
    const size_t rows = std::min<size_t>(Isa::kRows, to - row);
    if (whole)
      tileOf<Isa, Isa::kTokens>(rows, p, token, row, parts);
    else
      tileOf<Isa, 1>(rows, p, token, row, parts);
  }
}

template <class Isa>
void multiplyBlock(const Problem<Isa>& p, size_t from, size_t to) {
  const size_t fit = std::max<size_t>(1, kRowsBytes / (p.stride * sizeof(typename Isa::Value) * Isa::kRows)) * Isa::kRows;
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

template <class Isa>
bool multiply(const uint16_t* hidden, size_t rows, const uint16_t* table, size_t vocabulary, size_t width, float* out,
              size_t threads) {
  using Value = typename Isa::Value;
  const size_t stride = (width + kMostBlock - 1) / kMostBlock * kMostBlock;
  const std::unique_ptr<Value, decltype(&std::free)> packed(
      static_cast<Value*>(std::aligned_alloc(64, (rows + Isa::kRows - 1) / Isa::kRows * Isa::kRows * stride * sizeof(Value))), &std::free);
  if (packed == nullptr) return false;
  for (size_t row = 0; row < rows; row++)
    for (size_t k = 0; k < stride; k++)
      packed.get()[Isa::at(row, k, stride)] = Isa::valueOf(k < width ? hidden[row * width + k] : 0);
  const Problem<Isa> p{packed.get(), rows, stride, table, vocabulary, width, out};

  const size_t tiles = std::max<size_t>(1, kBlockBytes / (p.width * sizeof(uint16_t) * Isa::kTokens));
  const size_t size = tiles * Isa::kTokens;
  const size_t work = p.vocabulary * p.width * p.rows / kThreadWork;
  const size_t wanted = std::min({threads, work, (p.vocabulary + size - 1) / size});
  std::atomic<size_t> next{0};
  onThreads(wanted, [&] {
    for (size_t from; (from = next.fetch_add(size)) < vocabulary;)
      multiplyBlock<Isa>(p, from, std::min(vocabulary, from + size));
  });
  return true;
}

}  // namespace

Instructions bestInstructions() {
#ifdef ATELIER_BF16
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  constexpr unsigned kAvx512Bf16 = 1u << 5;
  if (__get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0 && (eax & kAvx512Bf16) != 0 &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
    return Instructions::avx512bf16;
#endif
  if (__builtin_cpu_supports("avx512f")) return Instructions::avx512;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? Instructions::avx2 : Instructions::none;
}

bool outputProduct(const uint16_t* hidden, size_t rows, const uint16_t* table, size_t vocabulary, size_t width, float* out,
                   size_t threads, Instructions instructions) {
  if (rows == 0 || vocabulary == 0) return true;
  if (width == 0) {
    std::fill(out, out + rows * vocabulary, 0.0f);
    return true;
  }
  switch (instructions) {
#ifdef ATELIER_BF16
    case Instructions::avx512bf16:
      return multiply<Avx512Bf16>(hidden, rows, table, vocabulary, width, out, threads);
#endif
    case Instructions::avx2:
      return multiply<Avx2>(hidden, rows, table, vocabulary, width, out, threads);
    default:
      return multiply<Avx512>(hidden, rows, table, vocabulary, width, out, threads);
  }
}

}  // namespace atelier
