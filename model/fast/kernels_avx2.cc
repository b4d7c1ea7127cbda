// SPDX-License-Identifier: Apache-2.0
//
// For x86 processors without AVX-512: products of bytes in pairs that fit 16 bits.

#include "model/fast/kernels_plain.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define EP_AVX2 __attribute__((target("avx2,popcnt,bmi")))

namespace ep::fast {
namespace {

constexpr int kVector = 8;  // sums of a vector

// Ones of each byte.
EP_AVX2 inline __m256i Ones(__m256i bytes) {
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                         0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i nibble = _mm256_set1_epi8(15);
  const __m256i low = _mm256_and_si256(bytes, nibble);
  const __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble);
  return _mm256_add_epi8(_mm256_shuffle_epi8(table, low), _mm256_shuffle_epi8(table, high));
}

// NAF digits of 16-bit numbers below 256, in bytes; see kNafDigits.
EP_AVX2 inline __m256i Digits(__m256i n) {
  const __m256i triple = _mm256_add_epi16(n, _mm256_add_epi16(n, n));
  return Ones(_mm256_xor_si256(triple, n));
}

EP_AVX2 Changes FindChanges(const std::uint8_t* state, std::uint8_t* contained, int padded,
                            Wanted wanted, QuadList& added, QuadList& removed,
                            std::uint64_t* changed) {
  Changes changes;
  added.size = removed.size = 0;
  const __m256i zero = _mm256_setzero_si256();
  __m256i digits = zero;
  std::fill_n(changed, padded / 64, 0);
  for (int j = 0; j < padded; j += 32) {
    auto* address = reinterpret_cast<__m256i*>(contained + j);
    const __m256i now = _mm256_load_si256(reinterpret_cast<const __m256i*>(state + j));
    const __m256i before = _mm256_load_si256(address);
    const auto mask =
        ~static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(now, before)));
    if (mask == 0) continue;
    changed[j / 64] |= std::uint64_t{mask} << (j % 64);
    changes.neurons += __builtin_popcount(mask);
    if (wanted.digits) {
      const __m256i size =
          _mm256_or_si256(_mm256_subs_epu8(now, before), _mm256_subs_epu8(before, now));
      const __m256i ones = _mm256_add_epi8(Digits(_mm256_and_si256(size, _mm256_set1_epi16(255))),
                                           Digits(_mm256_srli_epi16(size, 8)));
      digits = _mm256_add_epi64(digits, _mm256_sad_epu8(ones, zero));
    }
    auto quads = ~static_cast<unsigned>(
                     _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(now, before)))) &
                 255U;
    for (; quads != 0; quads &= quads - 1) {
      const int k = j + kQuad * __builtin_ctz(quads);
      Append(added, static_cast<std::uint32_t>(k / kQuad), LoadQuad(state + k));
      Append(removed, static_cast<std::uint32_t>(k / kQuad), LoadQuad(contained + k));
    }
    _mm256_store_si256(address, now);
  }
  const __m128i sum =
      _mm_add_epi64(_mm256_castsi256_si128(digits), _mm256_extracti128_si256(digits, 1));
  changes.digits = _mm_cvtsi128_si32(sum) + _mm_extract_epi32(sum, 2);
  if (wanted.block_lanes > 0)
    changes.blocks = CountBlocks(changed, padded / 64, wanted.block_lanes);
  return changes;
}

// acc += states x weights of four rows. Two products of a state with a weight fit 16 bits, in which
// vpmaddubsw saturates, for states up to 128; larger ones come in two halves.
template <bool kSmall>
EP_AVX2 inline __m256i DotQuads(__m256i acc, __m256i states, __m256i half, __m256i weights) {
  const __m256i ones = _mm256_set1_epi16(1);
  acc = _mm256_add_epi32(acc, _mm256_madd_epi16(_mm256_maddubs_epi16(states, weights), ones));
  if constexpr (kSmall) return acc;
  return _mm256_add_epi32(acc, _mm256_madd_epi16(_mm256_maddubs_epi16(half, weights), ones));
}

template <int V, bool kSmall>
EP_AVX2 inline void AddQuads(const std::int8_t* weights, std::size_t stride, const QuadList& list,
                             __m256i* acc) {
  for (int i = 0; i < list.size; ++i) {
    const std::int8_t* w = weights + list.index[i] * stride;
    __m256i states = _mm256_set1_epi32(static_cast<int>(list.states[i]));
    const __m256i half = _mm256_and_si256(_mm256_srli_epi16(states, 1), _mm256_set1_epi8(127));
    if constexpr (!kSmall) states = _mm256_sub_epi8(states, half);
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) {
      const auto* vector = reinterpret_cast<const __m256i*>(w + v * 32);
      acc[v] = DotQuads<kSmall>(acc[v], states, half, _mm256_load_si256(vector));
    }
  }
}

// True if all states are at most 127.
inline bool AreSmall(const QuadList& list) {
  std::uint32_t bits = 0;
  for (int i = 0; i < list.size; ++i) bits |= list.states[i];
  return (bits & 0x80808080U) == 0;
}

struct Lists {
  const QuadList& added;
  const QuadList& removed;
  bool small;
};

template <int V>
EP_AVX2 inline void Tile(const std::int8_t* weights, std::size_t stride, const Lists& lists,
                         int factor, std::int32_t* sums) {
  __m256i acc[V];
#pragma GCC unroll 8
  for (int v = 0; v < V; ++v) acc[v] = _mm256_setzero_si256();
  if (lists.removed.size > 0) {
    AddQuads<V, false>(weights, stride, lists.removed, acc);
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) acc[v] = _mm256_sub_epi32(_mm256_setzero_si256(), acc[v]);
  }
  if (lists.small) {
    AddQuads<V, true>(weights, stride, lists.added, acc);
  } else {
    AddQuads<V, false>(weights, stride, lists.added, acc);
  }
  const __m256i factors = _mm256_set1_epi32(factor);
#pragma GCC unroll 8
  for (int v = 0; v < V; ++v) {
    auto* sum = reinterpret_cast<__m256i*>(sums + v * kVector);
    _mm256_store_si256(
        sum, _mm256_add_epi32(_mm256_load_si256(sum), _mm256_mullo_epi32(acc[v], factors)));
  }
}

EP_AVX2 void Accumulate(const Matrix& weights, const QuadList& added, const QuadList& removed,
                        int scale, int shift, std::int32_t* sums) {
  const std::size_t stride = static_cast<std::size_t>(weights.Padded()) * kQuad;
  const Lists lists = {added, removed, AreSmall(added)};
  int j = 0;
  const auto tiles = [&]<int V>() EP_AVX2 {
    for (; j + V * kVector <= weights.Padded(); j += V * kVector) {
      Tile<V>(weights.Quad(0) + static_cast<std::ptrdiff_t>(j) * kQuad, stride, lists,
              scale << shift, sums + j);
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
                                         .find_changes = FindChanges,
                                         .accumulate = Accumulate,
                                         .activate = Activate,
                                         .find_candidates = FindCandidatesPlain,
                                         .find_steps = FindStepsPlain,
                                         .learn_quads = nullptr};

}  // namespace

const Kernels<std::int32_t>* Avx2Kernels() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt") &&
                 __builtin_cpu_supports("bmi")
             ? &kAvx2
             : nullptr;
}

}  // namespace ep::fast

#else

namespace ep::fast {
const Kernels<std::int32_t>* Avx2Kernels() { return nullptr; }
}  // namespace ep::fast

#endif
