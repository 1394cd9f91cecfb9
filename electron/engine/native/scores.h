/** @file How likely chosen tokens are, from the hidden states that predict them, without logits in memory. */
#pragma once

#include <cstddef>
#include <cstdint>

namespace atelier {

/** Whether this processor and the compiler can do it. */
bool canScore();

/** With z = hidden · tableᵀ and p = softmax(z), for each row. */
struct Scores {
  /** [rows, width] in bfloat16 */
  const uint16_t* hidden;
  size_t rows;
  /** [vocabulary, width] in bfloat16 */
  const uint16_t* table;
  size_t vocabulary;
  size_t width;
  /** [rows], the chosen tokens */
  const int32_t* ids;
  /** [2, rows]: log p[id], and the entropy of p */
  float* scores;
  /** [rows, width]: d log p[id] / d hidden = table[id] − p · table; null = not needed */
  float* directions;
};

enum class Scored { done, noMemory, noSuchToken };

/**
 * A row's results depend on that row and the table alone, to the last bit: not on other rows, not on the number of threads, and
 * its scores not on whether directions are wanted.
 */
Scored score(const Scores& all, size_t threads);

}  // namespace atelier
