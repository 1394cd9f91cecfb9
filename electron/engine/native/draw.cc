/**
 * @file Draws tokens in two passes over a row, which stays in the second-level cache: the largest logit, then the sums of the exponentials of each
 * block. Within the block where the cumulative distribution passes the threshold, they are computed once more.
 */
#include "draw.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <memory>
#include <new>
#include <numeric>

#include "exponential.h"
#include "inline.h"
#include "threads.h"

namespace atelier {
namespace {

/** Tokens whose sum is kept. */
constexpr size_t kBlock = 512;
/** A thread is worth starting for so many logits. */
constexpr size_t kThreadLogits = size_t{1} << 18;
constexpr float kNothing = -std::numeric_limits<float>::infinity();

/** The largest logit of all tokens, and of those that may be drawn. */
struct Largest {
  float every;
  float allowed;
};

/** Those of 16 tokens that may be drawn. */
AVX512F INLINE __mmask16 allowedOf(const Draw& all, size_t at) {
  const __mmask16 lanes = lanesOf(all.vocabulary, at);
  return _mm512_mask_cmp_ps_mask(lanes, _mm512_maskz_loadu_ps(lanes, all.suppressed + at), _mm512_setzero_ps(), _CMP_EQ_OQ);
}

AVX512F Largest largestOf(const Draw& all, const float* logits) {
  const __m512 nothing = _mm512_set1_ps(kNothing);
  __m512 every = nothing, allowed = nothing;
  for (size_t at = 0; at < all.vocabulary; at += kLanes) {
    const __m512 z = _mm512_mask_loadu_ps(nothing, lanesOf(all.vocabulary, at), logits + at);
    every = _mm512_max_ps(every, z);
    allowed = _mm512_mask_max_ps(allowed, allowedOf(all, at), allowed, z);
  }
  return {_mm512_reduce_max_ps(every), _mm512_reduce_max_ps(allowed)};
}

/** The exponentials of 16 logits less the largest. */
AVX512F INLINE __m512 weightsOf(const float* logits, size_t at, __mmask16 lanes, float largest) {
  const __m512 z = _mm512_maskz_loadu_ps(lanes, logits + at);
  return _mm512_maskz_mov_ps(lanes, exponential(_mm512_sub_ps(z, _mm512_set1_ps(largest))));
}

/**
 * What may be drawn is weighed against the largest of its own: next to a suppressed token that is much likelier, nothing would be left of it.
 * @return the sum of all weights; the sums of those that may be drawn, by block, in `blocks`
 */
AVX512F double sumsOf(const Draw& all, const float* logits, Largest largest, double* blocks) {
  const bool same = largest.every == largest.allowed;
  double sum = 0;
  for (size_t block = 0; block * kBlock < all.vocabulary; block++) {
    __m512 every = _mm512_setzero_ps(), drawn = _mm512_setzero_ps();
    const size_t end = std::min(all.vocabulary, (block + 1) * kBlock);
    for (size_t at = block * kBlock; at < end; at += kLanes) {
      const __m512 weights = weightsOf(logits, at, lanesOf(all.vocabulary, at), largest.every);
      const __mmask16 allowed = allowedOf(all, at);
      every = _mm512_add_ps(every, weights);
      drawn = _mm512_add_ps(drawn, same ? _mm512_maskz_mov_ps(allowed, weights)
                                        : weightsOf(logits, at, allowed, largest.allowed));
    }
    sum += static_cast<double>(_mm512_reduce_add_ps(every));
    blocks[block] = static_cast<double>(_mm512_reduce_add_ps(drawn));
  }
  return sum;
}

/** The first token of a block at which the sum of weights exceeds the threshold; the block's last one with a weight if rounding leaves none. */
AVX512F size_t firstAbove(const Draw& all, const float* logits, float largest, size_t block, double threshold) {
  size_t last = block * kBlock;
  double sum = 0;
  const size_t end = std::min(all.vocabulary, (block + 1) * kBlock);
  for (size_t at = block * kBlock; at < end; at += kLanes) {
    alignas(64) float weights[kLanes];
    _mm512_store_ps(weights, weightsOf(logits, at, allowedOf(all, at), largest));
    for (size_t lane = 0; lane < kLanes; lane++) {
      if (weights[lane] <= 0) continue;
      last = at + lane;
      sum += static_cast<double>(weights[lane]);
      if (sum > threshold) return last;
    }
  }
  return last;
}

size_t likeliest(const Draw& all, const float* logits) {
  size_t best = 0;
  for (size_t token = 1; token < all.vocabulary; token++)
    if (logits[token] + all.suppressed[token] > logits[best] + all.suppressed[best]) best = token;
  return best;
}

constexpr size_t blocksOf(const Draw& all) { return (all.vocabulary + kBlock - 1) / kBlock; }

/** @param total of `blocks`, the sums of weights by block */
size_t drawn(const Draw& all, size_t row, const double* blocks, double total, float largest) {
  double left = static_cast<double>(all.uniform[row]) * total;
  size_t chosen = 0;
  bool found = false;
  for (size_t block = 0; block < blocksOf(all) && !found; block++) {
    if (blocks[block] <= 0) continue;
    chosen = block;
    found = blocks[block] > left;
    if (!found) left -= blocks[block];
  }
  const double threshold = found ? left : std::numeric_limits<double>::infinity();
  return firstAbove(all, all.logits + row * all.vocabulary, largest, chosen, threshold);
}

void drawRow(const Draw& all, size_t row, double* blocks) {
  const float* logits = all.logits + row * all.vocabulary;
  const Largest largest = largestOf(all, logits);
  const double sum = sumsOf(all, logits, largest, blocks);
  const double total = std::accumulate(blocks, blocks + blocksOf(all), 0.0);
  size_t token = 0;
  if (all.greedy)
    token = likeliest(all, logits);
  else if (std::isfinite(sum) && std::isfinite(total))
    token = drawn(all, row, blocks, total, largest.allowed);
  all.tokens[row] = static_cast<int32_t>(token);
  all.logprobs[row] = static_cast<float>(logits[token] - (largest.every + std::log(sum)));
}

}  // namespace

bool draw(const Draw& all, size_t threads) {
  if (all.rows == 0 || all.vocabulary == 0) return true;
  const size_t workers = std::max<size_t>(1, std::min({threads, all.rows, all.rows * all.vocabulary / kThreadLogits}));
  std::atomic<size_t> next{0};
  onThreads(workers, [&] {
    const std::unique_ptr<double[]> blocks(new (std::nothrow) double[blocksOf(all)]);
    if (blocks == nullptr) return;
    for (size_t row; (row = next.fetch_add(1)) < all.rows;) drawRow(all, row, blocks.get());
  });
  return next >= all.rows;
}

}  // namespace atelier
