/**
 * @file Products with a matrix in NF4. With a few rows, weights are unpacked in registers. With more, a rectangle of
 * the matrix is unpacked into the second-level cache once, and all rows are multiplied with it there. Threads take rectangle after
 * rectangle. Sums are formed in the same order in all of these ways.
 */
#include "nf4.h"

#include <immintrin.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <memory>

#include "inline.h"
#include "threads.h"

namespace atelier {
namespace {

/** Places of a row that are summed before their sum is added to the result. */
constexpr size_t kDepth = 1024;
/** Rows of W that are unpacked together: with kDepth places of each, 240 KiB. */
constexpr size_t kProductTokens = 60;
/** Rows of x that are multiplied with all of these before the next ones: with kDepth places of each, 256 KiB. */
constexpr size_t kCachedRows = 64;
/** With so many rows, weights are unpacked in registers. */
constexpr size_t kFewRows = 4;

/** The 16 numbers: quantiles of a normal distribution, as published with QLoRA and in bitsandbytes. */
alignas(64) constexpr float kNumbers[16] = {
    -1.0f,
    -0.6961928009986877f,
    -0.5250730514526367f,
    -0.39491748809814453f,
    -0.28444138169288635f,
    -0.18477343022823334f,
    -0.09105003625154495f,
    0.0f,
    0.07958029955625534f,
    0.16093020141124725f,
    0.24611230194568634f,
    0.33791524171829224f,
    0.44070982933044434f,
    0.5626170039176941f,
    0.7229568362236023f,
    1.0f,
};

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f")
#endif
namespace avx512 {

using Vec = __m512;
using Table = __m512;
constexpr size_t kLanes = 16;
constexpr int kTokens = 6, kRows = 4, kGradientRows = 6;

INLINE Vec zero() { return _mm512_setzero_ps(); }
INLINE Vec load(const float* at) { return _mm512_loadu_ps(at); }
INLINE void store(float* at, Vec x) { _mm512_storeu_ps(at, x); }
INLINE Vec all(float x) { return _mm512_set1_ps(x); }
INLINE Vec times(Vec a, Vec b) { return _mm512_mul_ps(a, b); }
INLINE Vec fused(Vec a, Vec b, Vec sum) { return _mm512_fmadd_ps(a, b, sum); }
INLINE float sumOf(Vec x) { return _mm512_reduce_add_ps(x); }
INLINE Table numbers() { return _mm512_load_ps(kNumbers); }

/** Of 8 bytes, the upper and the lower half of each: of an index, only the last four bits count. */
INLINE Vec lookUp(Table table, const uint8_t* codes) {
  const __m512i bytes = _mm512_cvtepu8_epi64(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(codes)));
  const __m512i places = _mm512_or_si512(_mm512_srli_epi64(bytes, 4), _mm512_slli_epi64(bytes, 32));
  return _mm512_permutexvar_ps(places, table);
}

#include "nf4-kernels.h"

}  // namespace avx512
#if defined(__clang__)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
namespace avx2 {

using Vec = __m256;
struct Table {
  __m256 low, high;
};
constexpr size_t kLanes = 8;
constexpr int kTokens = 4, kRows = 2, kGradientRows = 2;

INLINE Vec zero() { return _mm256_setzero_ps(); }
INLINE Vec load(const float* at) { return _mm256_loadu_ps(at); }
INLINE void store(float* at, Vec x) { _mm256_storeu_ps(at, x); }
INLINE Vec all(float x) { return _mm256_set1_ps(x); }
INLINE Vec times(Vec a, Vec b) { return _mm256_mul_ps(a, b); }
INLINE Vec fused(Vec a, Vec b, Vec sum) { return _mm256_fmadd_ps(a, b, sum); }
INLINE float sumOf(Vec x) {
  __m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  four = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
}
INLINE Table numbers() { return {_mm256_load_ps(kNumbers), _mm256_load_ps(kNumbers + 8)}; }

/** Of 4 bytes, the upper and the lower half of each. The fourth bit of an index chooses the half of the table. */
INLINE Vec lookUp(Table table, const uint8_t* codes) {
  int word;
  __builtin_memcpy(&word, codes, sizeof(word));
  const __m256i bytes = _mm256_cvtepu8_epi64(_mm_cvtsi32_si128(word));
  const __m256i places = _mm256_or_si256(_mm256_srli_epi64(bytes, 4), _mm256_slli_epi64(bytes, 32));
  const __m256 low = _mm256_permutevar8x32_ps(table.low, places);
  const __m256 high = _mm256_permutevar8x32_ps(table.high, places);
  return _mm256_blendv_ps(low, high, _mm256_castsi256_ps(_mm256_slli_epi32(places, 28)));
}

#include "nf4-kernels.h"

}  // namespace avx2
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

/**
 * Runs `work(part, room)` for every part, on several threads.
 * @param roomFloats what each thread may use
 * @return whether every part is done: threads that find no memory leave theirs to the others
 */
template <class Work>
bool inParts(size_t parts, size_t threads, size_t roomFloats, const Work& work) {
  std::atomic<size_t> next{0};
  onThreads(std::min(threads, parts), [&] {
    const std::unique_ptr<float, decltype(&std::free)> room(
        static_cast<float*>(std::aligned_alloc(64, roomFloats * sizeof(float))), &std::free);
    if (room == nullptr) return;
    for (size_t part; (part = next.fetch_add(1)) < parts;) work(part, room.get());
  });
  return next >= parts;
}

size_t threadsFor(size_t rows, const Nf4Matrix& w, size_t threads) {
  return std::max<size_t>(1, std::min(threads, rows * w.out * w.in / kThreadWork));
}

}  // namespace

bool nf4Product(const float* x, size_t rows, const Nf4Matrix& w, float* y, size_t threads, Instructions instructions) {
  if (rows == 0 || w.out == 0) return true;
  if (w.in == 0) {
    std::fill(y, y + rows * w.out, 0.0f);
    return true;
  }
  const size_t parts = (w.out + kProductTokens - 1) / kProductTokens;
  return inParts(parts, threadsFor(rows, w, threads), kProductTokens * kDepth, [&](size_t part, float* room) {
    const size_t token = part * kProductTokens, to = std::min(w.out, token + kProductTokens);
    if (instructions != Instructions::avx2)
      avx512::product(x, rows, w, token, to, y, room);
    else
      avx2::product(x, rows, w, token, to, y, room);
  });
}

bool nf4Gradient(const float* dy, size_t rows, const Nf4Matrix& w, float* dx, size_t threads, Instructions instructions) {
  if (rows == 0 || w.in == 0) return true;
  if (w.out == 0) {
    std::fill(dx, dx + rows * w.in, 0.0f);
    return true;
  }
  return inParts(w.in / kNf4Block, threadsFor(rows, w, threads), kDepth * kNf4Block, [&](size_t part, float* room) {
    if (instructions != Instructions::avx2)
      avx512::gradient(dy, rows, w, part * kNf4Block, dx, room);
    else
      avx2::gradient(dy, rows, w, part * kNf4Block, dx, room);
  });
}

void nf4Quantise(const float* values, size_t count, uint8_t* codes, float* scales) {
  float bounds[15];
  for (int i = 0; i < 15; i++) bounds[i] = (kNumbers[i] + kNumbers[i + 1]) / 2;
  for (size_t block = 0; block < count; block += kNf4Block) {
    const float* own = values + block;
    float largest = 0;
    for (size_t i = 0; i < kNf4Block; i++) largest = std::max(largest, std::fabs(own[i]));
    const float inverse = 1.0f / std::max(largest, 1e-38f);
    int places[kNf4Block] = {};
    for (size_t i = 0; i < kNf4Block; i++) {
      const float scaled = own[i] * inverse;
      int place = 0;
      for (const float bound : bounds) place += scaled > bound;
      places[i] = place;
    }
    for (size_t i = 0; i < kNf4Block; i += 2)
      codes[(block + i) / 2] = static_cast<uint8_t>(places[i] << 4 | places[i + 1]);
    scales[block / kNf4Block] = largest;
  }
}

}  // namespace atelier
