// SPDX-License-Identifier: Apache-2.0

#include <cstdlib>

#include "model/fast/kernels.h"

namespace ep::fast {

// Null where the build or the processor lacks the instructions.
const Kernels<std::int32_t>* Avx512Kernels(bool count);
const Kernels<std::int32_t>* Avx2Kernels();
const Kernels<std::int32_t>& PlainKernels32();
const Kernels<std::int64_t>& PlainKernels64();

bool HasSimd(Simd simd) {
  switch (simd) {
    case Simd::kAvx512:
      return Avx512Kernels(true) != nullptr;
    case Simd::kAvx2:
      return Avx2Kernels() != nullptr;
    case Simd::kAuto:
    case Simd::kPlain:
      return true;
  }
  return false;
}

template <>
const Kernels<std::int32_t>& GetKernels(Simd simd, bool count) {
  if (simd == Simd::kAuto) {
    simd = HasSimd(Simd::kAvx512) ? Simd::kAvx512
           : HasSimd(Simd::kAvx2) ? Simd::kAvx2
                                  : Simd::kPlain;
  }
  if (!HasSimd(simd)) std::abort();
  if (simd == Simd::kAvx512) return *Avx512Kernels(count);
  if (simd == Simd::kAvx2) return *Avx2Kernels();
  return PlainKernels32();
}

// Sums beyond 32 bits are rare networks: one table serves them.
template <>
const Kernels<std::int64_t>& GetKernels(Simd /*simd*/, bool /*count*/) {
  return PlainKernels64();
}

}  // namespace ep::fast
