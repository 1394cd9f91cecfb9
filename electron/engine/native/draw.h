/** @file Draws a token from each row of logits. */
#pragma once

#include <cstddef>
#include <cstdint>

namespace atelier {

/** [rows, vocabulary] logits over the temperature. */
struct Draw {
  const float* logits;
  size_t rows;
  size_t vocabulary;
  /** [vocabulary]: 0, or a large negative number for tokens that must never be drawn */
  const float* suppressed;
  /** [rows] in [0, 1): where the cumulative distribution is inverted */
  const float* uniform;
  /** Takes the most likely token instead. */
  bool greedy;
  /** [rows] */
  int32_t* tokens;
  /** [rows]: the token's log-probability over the whole vocabulary */
  float* logprobs;
};

/**
 * Needs AVX-512. A row's token depends on that row alone. A row whose probabilities are not numbers gives token 0.
 * @return false if there is no memory
 */
bool draw(const Draw& all, size_t threads);

}  // namespace atelier
