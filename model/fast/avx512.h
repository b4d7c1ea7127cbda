// SPDX-License-Identifier: Apache-2.0
//
// What the files with AVX-512 kernels share: intrinsics, the target, names. Ice Lake, Zen 4 and
// later have all of it.

#pragma once

#include "model/fast/kernels.h"

#if defined(__x86_64__)

// Some intrinsics of GCC 12 warn about their own undefined operands (GCC PR105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#define EP_AVX512 \
  __attribute__(( \
      target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512bitalg,avx512vpopcntdq")))

namespace ep::fast {

void FindCandidatesAvx512(const std::uint8_t* plus, const std::uint8_t* minus, int padded,
                          CandidateList& active, CandidateList& differing);
void FindStepsAvx512(const LearnRule& rule, int plus, int minus, const CandidateList& lanes,
                     StepList& steps);
LearnCounts LearnQuadsAvx512(const LearnRule& rule, const QuadList& rows, int scale,
                             const std::uint8_t* plus, const std::uint8_t* minus, Matrix& weights,
                             LearnScratch& scratch);
LearnCounts LearnQuadsAvx512Uncounted(const LearnRule& rule, const QuadList& rows, int scale,
                                      const std::uint8_t* plus, const std::uint8_t* minus,
                                      Matrix& weights, LearnScratch& scratch);

}  // namespace ep::fast

#endif
