/** @file e^x on 16 numbers at once. */
#pragma once

#include <immintrin.h>

#include <cstddef>

#include "inline.h"

namespace atelier {

#define AVX512F __attribute__((target("avx512f")))

constexpr size_t kLanes = 16;

/** e^x for x up to 0, to a rounding or two: 2^n times a polynomial (Cephes). 0 below -87, where float32 ends. What is not a number stays so. */
AVX512F INLINE __m512 exponential(__m512 x) {
  const __m512 least = _mm512_set1_ps(-87.0f);
  const __mmask16 counts = _mm512_cmp_ps_mask(x, least, _CMP_NLT_UQ);
  x = _mm512_max_ps(least, x);
  const __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504088896341f)), _MM_FROUND_TO_NEAREST_INT);
  __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375f), x);
  r = _mm512_fnmadd_ps(n, _mm512_set1_ps(-2.12194440e-4f), r);
  __m512 y = _mm512_set1_ps(1.9875691500e-4f);
  y = _mm512_fmadd_ps(y, r, _mm512_set1_ps(1.3981999507e-3f));
  y = _mm512_fmadd_ps(y, r, _mm512_set1_ps(8.3334519073e-3f));
  y = _mm512_fmadd_ps(y, r, _mm512_set1_ps(4.1665795894e-2f));
  y = _mm512_fmadd_ps(y, r, _mm512_set1_ps(1.6666665459e-1f));
  y = _mm512_fmadd_ps(y, r, _mm512_set1_ps(5.0000001201e-1f));
  y = _mm512_fmadd_ps(y, _mm512_mul_ps(r, r), _mm512_add_ps(r, _mm512_set1_ps(1.0f)));
  return _mm512_maskz_scalef_ps(counts, y, n);
}

/** The lanes from `at` on that are within the first `count` numbers. */
inline __mmask16 lanesOf(size_t count, size_t at) {
  return static_cast<__mmask16>(count >= at + kLanes ? 0xffff : count > at ? (1u << (count - at)) - 1 : 0);
}

}  // namespace atelier
