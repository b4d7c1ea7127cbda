// SPDX-License-Identifier: Apache-2.0
//
// For x86 processors without AVX-512: products of bytes in pairs that fit 16 bits.

#include "model/fast/kernels_plain.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define EP_AVX2 __attribute__((target("avx2")))

namespace ep::fast {
namespace {

constexpr int kVector = 8;  // sums of a vector

// States are split in two halves of at most 128, so that two products of a state with a weight,
// 2 x 128 x 128 at most, fit 16 bits (vpmaddubsw saturates).
EP_AVX2 inline __m256i DotQuads(__m256i acc, __m256i half0, __m256i half1, __m256i weights) {
  const __m256i ones = _mm256_set1_epi16(1);
  acc = _mm256_add_epi32(acc, _mm256_madd_epi16(_mm256_maddubs_epi16(half0, weights), ones));
  return _mm256_add_epi32(acc, _mm256_madd_epi16(_mm256_maddubs_epi16(half1, weights), ones));
}

template <int V>
EP_AVX2 inline void AddQuads(const std::int8_t* weights, std::size_t stride, const QuadList& list,
                             __m256i* acc) {
  for (int i = 0; i < list.size; ++i) {
    const std::int8_t* w = weights + list.index[i] * stride;
    const __m256i s = _mm256_set1_epi32(static_cast<int>(list.states[i]));
    const __m256i half0 = _mm256_and_si256(_mm256_srli_epi16(s, 1), _mm256_set1_epi8(127));
    const __m256i half1 = _mm256_sub_epi8(s, half0);
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) {
      const auto* vector = reinterpret_cast<const __m256i*>(w + v * 32);
      acc[v] = DotQuads(acc[v], half0, half1, _mm256_load_si256(vector));
    }
  }
}

template <int V>
EP_AVX2 inline void Tile(const std::int8_t* weights, std::size_t stride, const QuadList& added,
                         const QuadList& removed, int scale, int shift, std::int32_t* sums) {
  __m256i acc[V];
#pragma GCC unroll 8
  for (int v = 0; v < V; ++v) acc[v] = _mm256_setzero_si256();
  if (removed.size > 0) {
    AddQuads<V>(weights, stride, removed, acc);
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) acc[v] = _mm256_sub_epi32(_mm256_setzero_si256(), acc[v]);
  }
  AddQuads<V>(weights, stride, added, acc);
  const __m256i factor = _mm256_set1_epi32(scale << shift);
#pragma GCC unroll 8
  for (int v = 0; v < V; ++v) {
    auto* sum = reinterpret_cast<__m256i*>(sums + v * kVector);
    _mm256_store_si256(
        sum, _mm256_add_epi32(_mm256_load_si256(sum), _mm256_mullo_epi32(acc[v], factor)));
  }
}

EP_AVX2 void Accumulate(const Matrix& weights, const QuadList& added, const QuadList& removed,
                        int scale, int shift, std::int32_t* sums) {
  const std::size_t stride = static_cast<std::size_t>(weights.padded()) * kQuad;
  int j = 0;
  const auto tiles = [&]<int V>() EP_AVX2 {
    for (; j + V * kVector <= weights.padded(); j += V * kVector) {
      Tile<V>(weights.Quad(0) + static_cast<std::ptrdiff_t>(j) * kQuad, stride, added, removed,
              scale, shift, sums + j);
    }
  };
  tiles.template operator()<8>();
  tiles.template operator()<2>();
}

EP_AVX2 int Activate(const std::int32_t* sums, const std::int32_t* nudge, int gain, int padded,
                     std::uint8_t* state) {
  const __m256i half = _mm256_set1_epi32(gain > 0 ? 1 << (gain - 1) : 0);
  const __m128i count = _mm_cvtsi32_si128(gain);
  // Packing works within halves of a vector: 32-bit groups come out as 0 2 4 6 1 3 5 7.
  const __m256i order = _mm256_set_epi32(7, 3, 6, 2, 5, 1, 4, 0);
  int changed = 0;
  for (int j = 0; j < padded; j += 32) {
    __m256i v[4];
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
      const auto* sum = reinterpret_cast<const __m256i*>(sums + j + k * kVector);
      v[k] = _mm256_sra_epi32(_mm256_add_epi32(_mm256_load_si256(sum), half), count);
      if (nudge != nullptr) {
        const auto* add = reinterpret_cast<const __m256i*>(nudge + j + k * kVector);
        v[k] = _mm256_add_epi32(v[k], _mm256_load_si256(add));
      }
    }
    const __m256i packed =
        _mm256_packus_epi16(_mm256_packs_epi32(v[0], v[1]), _mm256_packs_epi32(v[2], v[3]));
    const __m256i next = _mm256_permutevar8x32_epi32(packed, order);
    auto* states = reinterpret_cast<__m256i*>(state + j);
    const __m256i equal = _mm256_cmpeq_epi8(next, _mm256_load_si256(states));
    changed += 32 - __builtin_popcount(static_cast<unsigned>(_mm256_movemask_epi8(equal)));
    _mm256_store_si256(states, next);
  }
  return changed;
}

constexpr Kernels<std::int32_t> kAvx2 = {.name = "avx2",
                                         .find_changes = FindChangesPlain,
                                         .accumulate = Accumulate,
                                         .activate = Activate,
                                         .find_candidates = FindCandidatesPlain,
                                         .find_steps = FindStepsPlain,
                                         .learn_quads = nullptr};

}  // namespace

const Kernels<std::int32_t>* Avx2Kernels() {
  return __builtin_cpu_supports("avx2") ? &kAvx2 : nullptr;
}

}  // namespace ep::fast

#else

namespace ep::fast {
const Kernels<std::int32_t>* Avx2Kernels() { return nullptr; }
}  // namespace ep::fast

#endif
