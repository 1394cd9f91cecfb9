/** @file Shares an op's work among threads. */
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <exception>
#include <thread>
#include <vector>

namespace atelier {

/** A thread is worth starting for this many multiplications. */
constexpr size_t kThreadWork = size_t{1} << 23;

/**
 * Runs `take` on `count` threads, this one among them, and waits for all. If the system gives fewer, those that there are must do everything: `take`
 * takes part after part until none is left, and throws nothing. Numbers too small for float32's usual precision count as zero in every thread alike.
 */
template <class Take>
void onThreads(size_t count, const Take& take) {
  constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;
  const auto run = [&take] {
    const unsigned before = _mm_getcsr();
    _mm_setcsr(before | kFlushToZero | kDenormalsAreZero);
    take();
    _mm_setcsr(before);
  };
  std::vector<std::thread> others;
  try {
    // No thread that runs must be lost because there is no memory to note it down.
    others.reserve(count);
    for (size_t i = 1; i < count; i++) others.emplace_back(run);
  } catch (const std::exception&) {
    // The system gives no more threads, or no memory for them.
  }
  run();
  for (auto& thread : others) thread.join();
}

}  // namespace atelier
