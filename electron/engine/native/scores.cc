/**
 * @file Scores of chosen tokens, as attention is computed that never writes its scores (FlashAttention, arXiv 2205.14135), with the table as keys
 * and as values. A thread goes through the whole table with some of the rows, block by block: the block's logits, the largest one so
 * far, the sum of their exponentials and, if directions are wanted, the sum of the table's rows weighted by these. What a block
 * needs stays in the second-level cache.
 *
 * Logits are those of output-product.cc, to the last bit. Weights are rounded to bfloat16 before they are multiplied; sums are float32.
 */
#include "scores.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>

#include "bfloat16.h"
#include "exponential.h"
#include "output-product.h"
#include "threads.h"

namespace atelier {

#ifndef ATELIER_BF16
bool canScore() { return false; }
Scored score(const Scores&, size_t) { return Scored::noMemory; }
#else
namespace {

/** Tokens of a block: a multiple of a tile's, and of 16. */
constexpr size_t kTokens = 96;
/** Rows that go through the table together. */
constexpr size_t kMostRows = 96;
/** Columns whose weighted sums are in registers together, for kSumRows rows. */
constexpr size_t kColumns = 64;
constexpr int kSumRows = 6;
constexpr float kNothing = -std::numeric_limits<float>::infinity();

constexpr size_t roundedUp(size_t count, size_t multiple) { return (count + multiple - 1) / multiple * multiple; }

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

/** `count` numbers in whole lines of the cache, zeros; null if there is no memory. */
template <class T>
std::unique_ptr<T[], Free> zeros(size_t count) {
  const size_t bytes = roundedUp(std::max<size_t>(count, 1) * sizeof(T), 64);
  void* memory = std::aligned_alloc(64, bytes);
  if (memory != nullptr) std::memset(memory, 0, bytes);
  return std::unique_ptr<T[], Free>(static_cast<T*>(memory));
}

/** What one thread computes with. */
struct Room {
  size_t stride;
  /** [rows, stride], in groups (`Bf16Tile::at`) */
  std::unique_ptr<uint16_t[], Free> hidden;
  /** Of the block [rows, kTokens] */
  std::unique_ptr<float[], Free> logits;
  /** The exponentials of these less the largest of the row [rows, kTokens] */
  std::unique_ptr<uint16_t[], Free> weights;
  /** The table's rows, weighted [rows, stride]: columns lie where `placeOf` says */
  std::unique_ptr<float[], Free> sums;
  /** The block's tokens, two by two: [stride / kColumns, kTokens / 2, kColumns, 2], with columns as in `sums` */
  std::unique_ptr<uint16_t[], Free> block;

  Room(size_t rows, size_t width, bool directions)
      : stride(roundedUp(width, kColumns)),
        hidden(zeros<uint16_t>(roundedUp(rows, Bf16Tile::kRows) * stride)),
        logits(zeros<float>(rows * kTokens)),
        weights(zeros<uint16_t>(rows * kTokens)),
        sums(zeros<float>(directions ? rows * stride : 0)),
        block(zeros<uint16_t>(directions ? kTokens * stride : 0)) {}
  bool complete() const { return hidden && logits && weights && sums && block; }
};

/** What is known of a row after some blocks. */
struct Row {
  float largest = kNothing;
  double sum = 0, weighted = 0;
  float chosen = 0;
};

/** The order in which pairs of rows are woven: the lower halves of each 8 columns, then the upper ones. */
size_t placeOf(size_t column) {
  return column / 32 * 32 + column % 8 / 4 * kLanes + column % 32 / 8 * 4 + column % 4;
}

template <int Tokens>
void tileOf(size_t rows, const uint16_t* table, size_t width, const uint16_t* group, float* out, const Ahead& ahead) {
  if (rows >= 4)
    Bf16Tile::tile<Tokens, 4>(table, width, group, out, kTokens, ahead);
  else if (rows == 3)
    Bf16Tile::tile<Tokens, 3>(table, width, group, out, kTokens, ahead);
  else if (rows == 2)
    Bf16Tile::tile<Tokens, 2>(table, width, group, out, kTokens, ahead);
  else
    Bf16Tile::tile<Tokens, 1>(table, width, group, out, kTokens, ahead);
}

void blockLogits(const Scores& all, size_t first, size_t tokens, size_t rows, const Room& room) {
  constexpr size_t tile = Bf16Tile::kTokens, together = Bf16Tile::kRows;
  const size_t parts = (rows + together - 1) / together;
  for (size_t token = 0; token < tokens;) {
    const bool whole = token + tile <= tokens;
    const uint16_t* table = all.table + (first + token) * all.width;
    for (size_t row = 0; row < rows; row += together) {
      const Ahead ahead(table, all.width, whole ? tile : 1, parts, row / together);
      const uint16_t* group = room.hidden.get() + row * room.stride;
      float* out = room.logits.get() + row * kTokens + token;
      if (whole)
        tileOf<Bf16Tile::kTokens>(rows - row, table, all.width, group, out, ahead);
      else
        tileOf<1>(rows - row, table, all.width, group, out, ahead);
    }
    token += whole ? tile : 1;
  }
}

/** Takes a block's logits into a row's sums, and leaves their weights. @param sums the row's weighted sums, or null */
BF16 void takeLogits(const float* logits, size_t tokens, Row& row, uint16_t* weights, float* sums, size_t stride) {
  __m512 most = _mm512_set1_ps(kNothing);
  for (size_t at = 0; at < kTokens; at += kLanes)
    most = _mm512_max_ps(most, _mm512_mask_loadu_ps(_mm512_set1_ps(kNothing), lanesOf(tokens, at), logits + at));
  const float largest = _mm512_reduce_max_ps(most);
  if (largest > row.largest) {
    const float less = std::exp(row.largest - largest);
    row.sum *= less;
    row.weighted *= less;
    row.largest = largest;
    const __m512 factor = _mm512_set1_ps(less);
    for (size_t at = 0; sums != nullptr && at < stride; at += kLanes)
      _mm512_store_ps(sums + at, _mm512_mul_ps(_mm512_load_ps(sums + at), factor));
  }
  const __m512 base = _mm512_set1_ps(row.largest);
  __m512 sum = _mm512_setzero_ps(), weighted = _mm512_setzero_ps();
  for (size_t at = 0; at < kTokens; at += kLanes) {
    const __mmask16 lanes = lanesOf(tokens, at);
    const __m512 z = _mm512_maskz_loadu_ps(lanes, logits + at);
    const __m512 weight = _mm512_maskz_mov_ps(lanes, exponential(_mm512_sub_ps(z, base)));
    sum = _mm512_add_ps(sum, weight);
    weighted = _mm512_fmadd_ps(weight, z, weighted);
    _mm256_store_si256(reinterpret_cast<__m256i*>(weights + at),
                       reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(weight)));
  }
  row.sum += static_cast<double>(_mm512_reduce_add_ps(sum));
  row.weighted += static_cast<double>(_mm512_reduce_add_ps(weighted));
}

/** Weaves a block's tokens two by two, so that an instruction multiplies both with their weights. */
BF16 void weave(const Scores& all, size_t first, size_t tokens, const Room& room) {
  static const uint16_t none[32] = {};
  for (size_t pair = 0; pair < kTokens / 2; pair++) {
    for (size_t column = 0; column < room.stride; column += 32) {
      __m512i two[2];
      for (size_t i = 0; i < 2; i++) {
        const size_t token = 2 * pair + i;
        const size_t count = column >= all.width ? 0 : std::min<size_t>(32, all.width - column);
        const auto lanes = static_cast<__mmask32>(count == 32 ? 0xffffffffu : (1u << count) - 1);
        two[i] = token < tokens ? _mm512_maskz_loadu_epi16(lanes, all.table + (first + token) * all.width + column)
                                : _mm512_loadu_si512(none);
      }
      uint16_t* to = room.block.get() + (column / kColumns * kTokens + 2 * pair) * kColumns + column % kColumns * 2;
      _mm512_store_si512(to, _mm512_unpacklo_epi16(two[0], two[1]));
      _mm512_store_si512(to + 32, _mm512_unpackhi_epi16(two[0], two[1]));
    }
  }
}

/** Adds a block's tokens, weighted, to kColumns sums of some rows. */
template <int Rows>
BF16 void addWeighted(const uint16_t* block, const uint16_t* weights, float* sums, size_t stride) {
  constexpr int parts = kColumns / kLanes;
  __m512 sum[Rows][parts];
  for (int r = 0; r < Rows; r++)
    for (int j = 0; j < parts; j++) sum[r][j] = _mm512_load_ps(sums + r * stride + j * kLanes);
  for (size_t pair = 0; pair < kTokens / 2; pair++) {
    __m512bh two[parts];
    for (int j = 0; j < parts; j++)
      two[j] = Bf16Tile::pairs(_mm512_load_si512(block + pair * 2 * kColumns + j * 2 * kLanes));
    for (int r = 0; r < Rows; r++) {
      int both;
      std::memcpy(&both, weights + r * kTokens + 2 * pair, sizeof(both));
      const __m512bh weight = Bf16Tile::pairs(_mm512_set1_epi32(both));
      for (int j = 0; j < parts; j++) sum[r][j] = _mm512_dpbf16_ps(sum[r][j], two[j], weight);
    }
  }
  for (int r = 0; r < Rows; r++)
    for (int j = 0; j < parts; j++) _mm512_store_ps(sums + r * stride + j * kLanes, sum[r][j]);
}

void addWeightedRows(size_t rows, const Room& room) {
  for (size_t column = 0; column < room.stride; column += kColumns) {
    const uint16_t* block = room.block.get() + column * kTokens;
    for (size_t row = 0; row < rows;) {
      const uint16_t* weights = room.weights.get() + row * kTokens;
      float* sums = room.sums.get() + row * room.stride + column;
      if (row + kSumRows <= rows) {
        addWeighted<kSumRows>(block, weights, sums, room.stride);
        row += kSumRows;
      } else if (row + 2 <= rows) {
        addWeighted<2>(block, weights, sums, room.stride);
        row += 2;
      } else {
        addWeighted<1>(block, weights, sums, room.stride);
        row += 1;
      }
    }
  }
}

void write(const Scores& all, size_t at, const Row& row, const float* sums) {
  const double logSum = row.largest + std::log(row.sum);
  all.scores[at] = static_cast<float>(row.chosen - logSum);
  all.scores[all.rows + at] = static_cast<float>(logSum - row.weighted / row.sum);
  if (all.directions == nullptr) return;
  const auto inverse = static_cast<float>(1 / row.sum);
  const uint16_t* chosen = all.table + static_cast<size_t>(all.ids[at]) * all.width;
  float* direction = all.directions + at * all.width;
  for (size_t column = 0; column < all.width; column++)
    direction[column] = widened(chosen[column]) - sums[placeOf(column)] * inverse;
}

/** Some rows, with the whole table. */
void scoreRows(const Scores& all, size_t from, size_t rows, const Room& room) {
  const bool directions = all.directions != nullptr;
  for (size_t r = 0; r < rows; r++)
    for (size_t k = 0; k < all.width; k += Bf16Tile::kBlock)
      std::memcpy(room.hidden.get() + Bf16Tile::at(r, k, room.stride), all.hidden + (from + r) * all.width + k,
                  std::min<size_t>(Bf16Tile::kBlock, all.width - k) * sizeof(uint16_t));
  if (directions) std::memset(room.sums.get(), 0, rows * room.stride * sizeof(float));
  Row row[kMostRows];
  for (size_t first = 0; first < all.vocabulary; first += kTokens) {
    const size_t tokens = std::min(kTokens, all.vocabulary - first);
    blockLogits(all, first, tokens, rows, room);
    for (size_t r = 0; r < rows; r++) {
      const float* logits = room.logits.get() + r * kTokens;
      const auto chosen = static_cast<size_t>(all.ids[from + r]);
      if (chosen >= first && chosen < first + tokens) row[r].chosen = logits[chosen - first];
      float* sums = directions ? room.sums.get() + r * room.stride : nullptr;
      takeLogits(logits, tokens, row[r], room.weights.get() + r * kTokens, sums, room.stride);
    }
    if (!directions) continue;
    weave(all, first, tokens, room);
    addWeightedRows(rows, room);
  }
  for (size_t r = 0; r < rows; r++) write(all, from + r, row[r], room.sums.get() + r * room.stride);
}

}  // namespace

bool canScore() { return bestInstructions() == Instructions::avx512bf16; }

Scored score(const Scores& all, size_t threads) {
  for (size_t row = 0; row < all.rows; row++)
    if (all.ids[row] < 0 || static_cast<size_t>(all.ids[row]) >= all.vocabulary) return Scored::noSuchToken;
  if (all.rows == 0) return Scored::done;
  const size_t work = all.rows * all.vocabulary * all.width / kThreadWork;
  const size_t workers = std::max<size_t>(1, std::min({threads, work, all.rows / Bf16Tile::kRows}));
  // As many rows for each thread, as often as is needed.
  const size_t turns = (all.rows + workers * kMostRows - 1) / (workers * kMostRows);
  const size_t size = std::min(kMostRows, roundedUp((all.rows + workers * turns - 1) / (workers * turns), 2));
  std::atomic<size_t> next{0};
  onThreads(workers, [&] {
    const Room room(size, all.width, all.directions != nullptr);
    if (!room.complete()) return;
    for (size_t from; (from = next.fetch_add(size)) < all.rows;)
      scoreRows(all, from, std::min(size, all.rows - from), room);
  });
  // Threads that had memory have finished what was taken.
  return next >= all.rows ? Scored::done : Scored::noMemory;
}
#endif

}  // namespace atelier
