/**
 * @file Draws tokens in two passes over a row, which stays in the second-level cache: the largest logit, then the sums of the exponentials of each
 * block. Within the block where the cumulative distribution passes the threshold, they are computed once more.
 */
#include "draw.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <vector>

#include "exponential.h"
#include "threads.h"

namespace atelier {
namespace {

/** Tokens whose sum is kept. */
constexpr size_t kBlock = 512;
/** A thread is worth starting for so many logits. */
constexpr size_t kThreadLogits = size_t{1} << 18;
constexpr float kNothing = -std::numeric_limits<float>::infinity();

AVX512F float largestOf(const float* logits, size_t count) {
  __m512 most = _mm512_set1_ps(kNothing);
  for (size_t at = 0; at < count; at += kLanes)
    most = _mm512_max_ps(most, _mm512_mask_loadu_ps(_mm512_set1_ps(kNothing), lanesOf(count, at), logits + at));
  return _mm512_reduce_max_ps(most);
}

/** The weights of 16 tokens. @param allowed receives those of tokens that may be drawn */
AVX512F inline __attribute__((always_inline)) __m512 weightsOf(const Draw& all, const float* logits, size_t at, __m512 base,
                                                               __m512& allowed) {
  const __mmask16 lanes = lanesOf(all.vocabulary, at);
  const __m512 z = _mm512_maskz_loadu_ps(lanes, logits + at);
  const __m512 weights = _mm512_maskz_mov_ps(lanes, exponential(_mm512_sub_ps(z, base)));
  const __m512 suppressed = _mm512_maskz_loadu_ps(lanes, all.suppressed + at);
  const __mmask16 kept = _mm512_cmp_ps_mask(suppressed, _mm512_setzero_ps(), _CMP_EQ_OQ);
  allowed = _mm512_maskz_mov_ps(kept, weights);
  return weights;
}

/** @return the sum of all weights; the sums of those that may be drawn, by block, in `blocks` */
AVX512F double sumsOf(const Draw& all, const float* logits, float largest, std::vector<double>& blocks) {
  const __m512 base = _mm512_set1_ps(largest);
  double sum = 0;
  for (size_t block = 0; block < blocks.size(); block++) {
    __m512 every = _mm512_setzero_ps(), drawn = _mm512_setzero_ps();
    const size_t end = std::min(all.vocabulary, (block + 1) * kBlock);
    for (size_t at = block * kBlock; at < end; at += kLanes) {
      __m512 allowed;
      every = _mm512_add_ps(every, weightsOf(all, logits, at, base, allowed));
      drawn = _mm512_add_ps(drawn, allowed);
    }
    sum += static_cast<double>(_mm512_reduce_add_ps(every));
    blocks[block] = static_cast<double>(_mm512_reduce_add_ps(drawn));
  }
  return sum;
}

/** The first token of a block at which the sum of weights exceeds the threshold; the block's last one with a weight if rounding leaves none. */
AVX512F size_t firstAbove(const Draw& all, const float* logits, float largest, size_t block, double threshold) {
  const __m512 base = _mm512_set1_ps(largest);
  size_t last = block * kBlock;
  double sum = 0;
  const size_t end = std::min(all.vocabulary, (block + 1) * kBlock);
  for (size_t at = block * kBlock; at < end; at += kLanes) {
    alignas(64) float weights[kLanes];
    __m512 allowed;
    weightsOf(all, logits, at, base, allowed);
    _mm512_store_ps(weights, allowed);
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

void drawRow(const Draw& all, size_t row, std::vector<double>& blocks) {
  const float* logits = all.logits + row * all.vocabulary;
  const float largest = largestOf(logits, all.vocabulary);
  const double sum = sumsOf(all, logits, largest, blocks);
  size_t token = 0;
  if (all.greedy) {
    token = likeliest(all, logits);
  } else {
    double total = 0;
    for (const double block : blocks) total += block;
    double left = static_cast<double>(all.uniform[row]) * total;
    size_t chosen = 0;
    bool found = false;
    for (size_t block = 0; block < blocks.size() && !found; block++) {
      if (blocks[block] <= 0) continue;
      chosen = block;
      found = blocks[block] > left;
      if (!found) left -= blocks[block];
    }
    token = firstAbove(all, logits, largest, chosen, found ? left : std::numeric_limits<double>::infinity());
  }
  all.tokens[row] = static_cast<int32_t>(token);
  all.logprobs[row] = static_cast<float>(logits[token] - (largest + std::log(sum)));
}

}  // namespace

void draw(const Draw& all, size_t threads) {
  if (all.rows == 0 || all.vocabulary == 0) return;
  const size_t workers = std::max<size_t>(1, std::min({threads, all.rows, all.rows * all.vocabulary / kThreadLogits}));
  std::atomic<size_t> next{0};
  onThreads(workers, [&] {
    std::vector<double> blocks((all.vocabulary + kBlock - 1) / kBlock);
    for (size_t row; (row = next.fetch_add(1)) < all.rows;) drawRow(all, row, blocks);
  });
}

}  // namespace atelier
