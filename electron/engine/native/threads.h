/** @file Shares an op's work among threads. */
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <system_error>
#include <thread>
#include <vector>

namespace atelier {

/**
 * Runs `take` on `count` threads, this one among them, and waits for all. If the system gives fewer, those that there are must do everything: `take`
 * takes part after part until none is left. Numbers too small for float32's usual precision count as zero in every thread alike.
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
    for (size_t i = 1; i < count; i++) others.emplace_back(run);
  } catch (const std::system_error&) {
    // The system gives no more threads.
  }
  run();
  for (auto& thread : others) thread.join();
}

}  // namespace atelier
