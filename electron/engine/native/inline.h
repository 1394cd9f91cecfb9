/** @file What must not be called, but be part of its caller: a function of a kernel, whose numbers stay in registers. */
#pragma once

#define INLINE inline __attribute__((always_inline))
