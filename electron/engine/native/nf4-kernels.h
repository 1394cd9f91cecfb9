// Included by nf4.cc once for each set of instructions, which gives Vec (kLanes numbers), the functions on it, kTokens and kRows.

/** Some rows of W (unpacked, kDepth numbers apart) with some rows of x. @param first whether nothing is in y yet */
template <int Tokens, int Rows>
void multiplyUnpacked(const float* w, const float* x, size_t in, size_t depth, float* y, size_t out, bool first) {
  Vec sums[Tokens][Rows];
  for (auto& token : sums)
    for (auto& sum : token) sum = zero();
  for (size_t k = 0; k < depth; k += kLanes) {
    Vec row[Rows];
    for (int r = 0; r < Rows; r++) row[r] = load(x + r * in + k);
    for (int t = 0; t < Tokens; t++) {
      const Vec weight = load(w + t * kDepth + k);
      for (int r = 0; r < Rows; r++) sums[t][r] = fused(weight, row[r], sums[t][r]);
    }
  }
  for (int t = 0; t < Tokens; t++)
    for (int r = 0; r < Rows; r++) {
      const float sum = sumOf(sums[t][r]);
      y[r * out + t] = first ? sum : y[r * out + t] + sum;
    }
}

/** The same sums, in the same order, with weights that are unpacked in registers: for few rows. */
template <int Tokens, int Rows>
void multiplyPacked(const Nf4Matrix& w, size_t token, size_t from, const float* x, size_t depth, float* y, bool first) {
  const Table table = numbers();
  Vec sums[Tokens][Rows];
  for (auto& each : sums)
    for (auto& sum : each) sum = zero();
  const uint8_t* codes = w.codes + (token * w.in + from) / 2;
  const float* scales = w.scales + (token * w.in + from) / kNf4Block;
  for (size_t block = 0; block < depth; block += kNf4Block) {
    Vec scale[Tokens];
    for (int t = 0; t < Tokens; t++) scale[t] = all(scales[(t * w.in + block) / kNf4Block]);
    for (size_t k = block; k < block + kNf4Block; k += kLanes) {
      Vec row[Rows];
      for (int r = 0; r < Rows; r++) row[r] = load(x + r * w.in + k);
      for (int t = 0; t < Tokens; t++) {
        const Vec weight = times(lookUp(table, codes + (t * w.in + k) / 2), scale[t]);
        for (int r = 0; r < Rows; r++) sums[t][r] = fused(weight, row[r], sums[t][r]);
      }
    }
  }
  for (int t = 0; t < Tokens; t++)
    for (int r = 0; r < Rows; r++) {
      const float sum = sumOf(sums[t][r]);
      y[r * w.out + t] = first ? sum : y[r * w.out + t] + sum;
    }
}

/** A rectangle of the matrix in float32: rows `stride` numbers apart. @param width a multiple of 64 */
void unpack(const Nf4Matrix& w, size_t row, size_t rows, size_t column, size_t width, float* to, size_t stride) {
  const Table table = numbers();
  for (size_t r = 0; r < rows; r++) {
    const size_t at = (row + r) * w.in + column;
    for (size_t block = 0; block < width; block += kNf4Block) {
      const Vec scale = all(w.scales[(at + block) / kNf4Block]);
      for (size_t k = block; k < block + kNf4Block; k += kLanes)
        store(to + r * stride + k, times(lookUp(table, w.codes + (at + k) / 2), scale));
    }
  }
}

template <int Tokens>
void rowsUnpacked(size_t rows, const float* w, const float* x, size_t in, size_t depth, float* y, size_t out,
                  bool first) {
  size_t row = 0;
  for (; row + kRows <= rows; row += kRows)
    multiplyUnpacked<Tokens, kRows>(w, x + row * in, in, depth, y + row * out, out, first);
  for (; row < rows; row++) multiplyUnpacked<Tokens, 1>(w, x + row * in, in, depth, y + row * out, out, first);
}

template <int Tokens>
void rowsPacked(size_t rows, const Nf4Matrix& w, size_t token, size_t from, const float* x, size_t depth, float* y,
                bool first) {
  switch (rows) {
    case 1:
      return multiplyPacked<Tokens, 1>(w, token, from, x, depth, y, first);
    case 2:
      return multiplyPacked<Tokens, 2>(w, token, from, x, depth, y, first);
    case 3:
      return multiplyPacked<Tokens, 3>(w, token, from, x, depth, y, first);
    default:
      return multiplyPacked<Tokens, 4>(w, token, from, x, depth, y, first);
  }
}

/** Rows `token` to `to` of W with all rows of x. @param room kProductTokens · kDepth numbers */
void product(const float* x, size_t rows, const Nf4Matrix& w, size_t token, size_t to, float* y, float* room) {
  for (size_t from = 0; from < w.in; from += kDepth) {
    const size_t depth = std::min(kDepth, w.in - from);
    const bool first = from == 0;
    size_t t = token;
    if (rows <= kFewRows) {
      for (; t + 4 <= to; t += 4) rowsPacked<4>(rows, w, t, from, x + from, depth, y + t, first);
      for (; t < to; t++) rowsPacked<1>(rows, w, t, from, x + from, depth, y + t, first);
      continue;
    }
    unpack(w, token, to - token, from, depth, room, kDepth);
    for (size_t row = 0; row < rows; row += kCachedRows) {
      const size_t count = std::min(kCachedRows, rows - row);
      const float* own = x + row * w.in + from;
      float* result = y + row * w.out;
      for (t = token; t + kTokens <= to; t += kTokens)
        rowsUnpacked<kTokens>(count, room + (t - token) * kDepth, own, w.in, depth, result + t, w.out, first);
      for (; t < to; t++)
        rowsUnpacked<1>(count, room + (t - token) * kDepth, own, w.in, depth, result + t, w.out, first);
    }
  }
}

/** Columns of dx that a register tile covers. */
constexpr int kColumns = 4;

template <int Rows>
void addRows(const float* dy, size_t out, const float* w, size_t depth, float* dx, size_t in, bool first) {
  Vec sums[Rows][kColumns];
  for (int r = 0; r < Rows; r++)
    for (int c = 0; c < kColumns; c++) sums[r][c] = first ? zero() : load(dx + r * in + c * kLanes);
  for (size_t o = 0; o < depth; o++) {
    Vec weight[kColumns];
    for (int c = 0; c < kColumns; c++) weight[c] = load(w + o * kNf4Block + c * kLanes);
    for (int r = 0; r < Rows; r++) {
      const Vec factor = all(dy[r * out + o]);
      for (int c = 0; c < kColumns; c++) sums[r][c] = fused(factor, weight[c], sums[r][c]);
    }
  }
  for (int r = 0; r < Rows; r++)
    for (int c = 0; c < kColumns; c++) store(dx + r * in + c * kLanes, sums[r][c]);
}

/** 64 columns of dx from `column` on. @param room kDepth · 64 numbers */
void gradient(const float* dy, size_t rows, const Nf4Matrix& w, size_t column, float* dx, float* room) {
  for (size_t from = 0; from < w.out; from += kDepth) {
    const size_t depth = std::min(kDepth, w.out - from);
    unpack(w, from, depth, column, kNf4Block, room, kNf4Block);
    for (size_t part = 0; part < kNf4Block; part += kColumns * kLanes) {
      size_t row = 0;
      for (; row + kGradientRows <= rows; row += kGradientRows)
        addRows<kGradientRows>(dy + row * w.out + from, w.out, room + part, depth, dx + row * w.in + column + part, w.in,
                               from == 0);
      for (; row < rows; row++)
        addRows<1>(dy + row * w.out + from, w.out, room + part, depth, dx + row * w.in + column + part, w.in, from == 0);
    }
  }
}
