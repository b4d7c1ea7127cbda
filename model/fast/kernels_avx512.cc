// SPDX-License-Identifier: Apache-2.0
//
// For processors with AVX-512 dot products of bytes (VNNI): four products a lane and instruction.

#include "model/fast/avx512.h"

#if defined(__x86_64__)

#include <algorithm>

namespace ep::fast {
namespace {

constexpr int kVector = 16;  // sums of a vector

// Appends the entries that the mask selects; the stores reach beyond the new end.
EP_AVX512 inline void Append(QuadList& list, __mmask16 mask, __m512i index, __m512i states) {
  _mm512_storeu_si512(&list.index[list.size], _mm512_maskz_compress_epi32(mask, index));
  _mm512_storeu_si512(&list.states[list.size], _mm512_maskz_compress_epi32(mask, states));
  list.size += __builtin_popcount(mask);
}

// NAF digits of 16-bit numbers below 256, see kNafDigits.
EP_AVX512 inline __m512i Digits(__m512i n) {
  const __m512i triple = _mm512_add_epi16(n, _mm512_add_epi16(n, n));
  return _mm512_popcnt_epi16(_mm512_xor_si512(triple, n));
}

// The highest bit of each block of lanes.
constexpr std::uint64_t BlockTops(int lanes) {
  return ~std::uint64_t{0} / (~std::uint64_t{0} >> (64 - lanes)) << (lanes - 1);
}

// How many blocks have a one: where one is below the highest bit, a carry reaches that bit.
EP_AVX512 inline int CountBlocks(std::uint64_t bits, std::uint64_t tops) {
  return __builtin_popcountll((bits | ((bits & ~tops) + ~tops)) & tops);
}

EP_AVX512 Changes FindChanges(const std::uint8_t* state, std::uint8_t* contained, int padded,
                              Wanted wanted, QuadList& added, QuadList& removed,
                              std::uint64_t* changed) {
  Changes changes;
  added.size = removed.size = 0;
  __m512i digits = _mm512_setzero_si512();
  __m512i index = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  const std::uint64_t tops =
      wanted.block_lanes > 0 ? BlockTops(std::min(wanted.block_lanes, 64)) : 0;
  std::uint64_t last_mask = 0;
  for (int j = 0; j < padded; j += 64, index = _mm512_add_epi32(index, _mm512_set1_epi32(16))) {
    const __m512i now = _mm512_load_si512(state + j);
    const __m512i before = _mm512_load_si512(contained + j);
    const __mmask64 mask = _mm512_cmpneq_epi8_mask(now, before);
    changed[j / 64] = mask;
    if (wanted.block_lanes > 0) {
      changes.blocks += CountBlocks(mask, tops);
      // Two words make one block of 128 lanes: count it once.
      if (wanted.block_lanes > 64 && (j & 64) != 0 && mask != 0 && last_mask != 0) --changes.blocks;
      last_mask = mask;
    }
    if (mask == 0) continue;
    changes.neurons += __builtin_popcountll(mask);
    if (wanted.digits) {
      const __m512i size =
          _mm512_or_si512(_mm512_subs_epu8(now, before), _mm512_subs_epu8(before, now));
      const __m512i even = Digits(_mm512_and_si512(size, _mm512_set1_epi16(255)));
      const __m512i odd = Digits(_mm512_srli_epi16(size, 8));
      digits = _mm512_add_epi32(
          digits, _mm512_madd_epi16(_mm512_add_epi16(even, odd), _mm512_set1_epi16(1)));
    }
    const __mmask16 quads = _mm512_cmpneq_epi32_mask(now, before);
    Append(added, quads & _mm512_test_epi32_mask(now, now), index, now);
    const __mmask16 old = quads & _mm512_test_epi32_mask(before, before);
    if (old != 0) Append(removed, old, index, before);
    _mm512_store_si512(contained + j, now);
  }
  if (wanted.digits) changes.digits = _mm512_reduce_add_epi32(digits);
  return changes;
}

// acc[v] += states x weights of the listed quads, for V vectors of destinations from weights on.
// Narrow tiles take several quads at a time, so that no sum waits for the one before.
template <int V>
EP_AVX512 inline void AddQuads(const std::int8_t* weights, std::size_t stride, const QuadList& list,
                               __m512i* acc) {
  constexpr int kChains = V <= 2 ? 4 : 1;
  const std::uint32_t* index = list.index.data();
  const std::uint32_t* states = list.states.data();
  int i = 0;
  if constexpr (kChains > 1) {
    __m512i chain[kChains][V];
#pragma GCC unroll 8
    for (int c = 0; c < kChains; ++c) {
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) chain[c][v] = c == 0 ? acc[v] : _mm512_setzero_si512();
    }
    for (; i + kChains <= list.size; i += kChains) {
#pragma GCC unroll 8
      for (int c = 0; c < kChains; ++c) {
        const std::int8_t* w = weights + index[i + c] * stride;
        const __m512i s = _mm512_set1_epi32(static_cast<int>(states[i + c]));
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) {
          chain[c][v] = _mm512_dpbusd_epi32(chain[c][v], s, _mm512_load_si512(w + v * 64));
        }
      }
    }
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) {
      acc[v] = _mm512_add_epi32(_mm512_add_epi32(chain[0][v], chain[1][v]),
                                _mm512_add_epi32(chain[2][v], chain[3][v]));
    }
  }
  for (; i < list.size; ++i) {
    const std::int8_t* w = weights + index[i] * stride;
    const __m512i s = _mm512_set1_epi32(static_cast<int>(states[i]));
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) {
      acc[v] = _mm512_dpbusd_epi32(acc[v], s, _mm512_load_si512(w + v * 64));
    }
  }
}

template <int V>
EP_AVX512 inline void Tile(const std::int8_t* weights, std::size_t stride, const QuadList& added,
                           const QuadList& removed, int scale, int shift, std::int32_t* sums) {
  __m512i acc[V];
#pragma GCC unroll 16
  for (int v = 0; v < V; ++v) acc[v] = _mm512_setzero_si512();
  if (removed.size > 0) {
    AddQuads<V>(weights, stride, removed, acc);
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) acc[v] = _mm512_sub_epi32(_mm512_setzero_si512(), acc[v]);
  }
  AddQuads<V>(weights, stride, added, acc);
  if (scale != 1) {
    const __m512i factor = _mm512_set1_epi32(scale);
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) acc[v] = _mm512_mullo_epi32(acc[v], factor);
  }
  const __m128i count = _mm_cvtsi32_si128(shift);
#pragma GCC unroll 16
  for (int v = 0; v < V; ++v) {
    std::int32_t* sum = sums + v * kVector;
    _mm512_store_si512(sum,
                       _mm512_add_epi32(_mm512_load_si512(sum), _mm512_sll_epi32(acc[v], count)));
  }
}

EP_AVX512 void Accumulate(const Matrix& weights, const QuadList& added, const QuadList& removed,
                          int scale, int shift, std::int32_t* sums) {
  const std::size_t stride = static_cast<std::size_t>(weights.Padded()) * kQuad;
  int j = 0;
  const auto tiles = [&]<int V>() EP_AVX512 {
    for (; j + V * kVector <= weights.Padded(); j += V * kVector) {
      Tile<V>(weights.Quad(0) + static_cast<std::ptrdiff_t>(j) * kQuad, stride, added, removed,
              scale, shift, sums + j);
    }
  };
  tiles.template operator()<16>();
  tiles.template operator()<8>();
  tiles.template operator()<4>();
  tiles.template operator()<2>();
  tiles.template operator()<1>();
}

EP_AVX512 int Activate(const std::int32_t* sums, const std::int32_t* nudge, int gain, int padded,
                       std::uint8_t* state) {
  const __m512i half = _mm512_set1_epi32(gain > 0 ? 1 << (gain - 1) : 0);
  const __m128i count = _mm_cvtsi32_si128(gain);
  // Packing leaves the 32-bit groups of four states in the order 0 4 8 12 1 5 9 13 ...
  const __m512i order = _mm512_set_epi32(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0);
  int changed = 0;
  for (int j = 0; j < padded; j += 64) {
    __m512i v[4];
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
      v[k] = _mm512_add_epi32(_mm512_load_si512(sums + j + k * kVector), half);
      v[k] = _mm512_sra_epi32(v[k], count);
      if (nudge != nullptr) {
        v[k] = _mm512_add_epi32(v[k], _mm512_load_si512(nudge + j + k * kVector));
      }
    }
    // Both packs saturate: to -32768..32767, then to 0..255.
    const __m512i packed =
        _mm512_packus_epi16(_mm512_packs_epi32(v[0], v[1]), _mm512_packs_epi32(v[2], v[3]));
    const __m512i next = _mm512_permutexvar_epi32(order, packed);
    changed += __builtin_popcountll(_mm512_cmpneq_epi8_mask(next, _mm512_load_si512(state + j)));
    _mm512_store_si512(state + j, next);
  }
  return changed;
}

template <bool kCount>
constexpr Kernels<std::int32_t> kAvx512 = {
    .name = "avx512",
    .find_changes = FindChanges,
    .accumulate = Accumulate,
    .activate = Activate,
    .find_candidates = FindCandidatesAvx512,
    .find_steps = FindStepsAvx512,
    .learn_quads = kCount ? LearnQuadsAvx512 : LearnQuadsAvx512Uncounted};

}  // namespace

const Kernels<std::int32_t>* Avx512Kernels(bool count) {
  const bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                   __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bitalg") &&
                   __builtin_cpu_supports("avx512vpopcntdq");
  if (!has) return nullptr;
  return count ? &kAvx512<true> : &kAvx512<false>;
}

}  // namespace ep::fast

#else

namespace ep::fast {
const Kernels<std::int32_t>* Avx512Kernels(bool /*count*/) { return nullptr; }
}  // namespace ep::fast

#endif
