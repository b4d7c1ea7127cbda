// SPDX-License-Identifier: Apache-2.0
//
// The learn pass with AVX-512.

#include "model/fast/avx512.h"

#if defined(__x86_64__)

#include <algorithm>
#include <cstdint>

#include "model/common/dither.h"

namespace ep::fast {
namespace {

constexpr int kVector = 16;

EP_AVX512 inline __m512i LoadStates(const std::uint8_t* states) {
  return _mm512_cvtepu8_epi32(_mm_load_si128(reinterpret_cast<const __m128i*>(states)));
}

EP_AVX512 inline void Append(CandidateList& list, __mmask16 mask, __m512i neuron, __m512i plus,
                             __m512i minus) {
  _mm512_storeu_si512(&list.neuron[list.size], _mm512_maskz_compress_epi32(mask, neuron));
  _mm512_storeu_si512(&list.plus[list.size], _mm512_maskz_compress_epi32(mask, plus));
  _mm512_storeu_si512(&list.minus[list.size], _mm512_maskz_compress_epi32(mask, minus));
  list.size += __builtin_popcount(mask);
}

// What does not change within one pass over an input projection.
struct Constants {
  int half_factor;  // half = half_factor x half_rest, both small enough for 16 bits
  int half_rest;
  __m128i shift;
  __m512i largest;  // step that matters: from -W to W
  __m512i sign;     // turns signed bytes into offset ones
  __m512i highest;  // W, offset
  __m512i lowest;   // -W, offset
  __m512i cells;
};

EP_AVX512 inline Constants MakeConstants(const LearnRule& rule) {
  const int limit = rule.WeightMax();
  const int half_factor = std::min(rule.Half(), 1 << 10);
  return {.half_factor = half_factor,
          .half_rest = rule.Half() / half_factor,
          .shift = _mm_cvtsi32_si128(rule.learning_shift),
          .largest = _mm512_set1_epi32(2 * limit),
          .sign = _mm512_set1_epi8(static_cast<char>(128)),
          .highest = _mm512_set1_epi8(static_cast<char>(128 + limit)),
          .lowest = _mm512_set1_epi8(static_cast<char>(128 - limit)),
          .cells = _mm512_set1_epi8(static_cast<char>(rule.Cells()))};
}

// A row x as the second factor of StepSize: 16-bit pairs (x, half_rest).
EP_AVX512 inline __m512i RowFactor(const Constants& constant, int x) {
  return _mm512_set1_epi32(x | constant.half_rest << 16);
}

// |step| of 16 lanes with one row, as far as it matters: 0..254. Sizes are 16-bit pairs (m |d|,
// half_factor), so that one instruction makes m |d| x + half.
EP_AVX512 inline __m512i StepSize(const Constants& constant, __m512i size, __m512i row) {
  const __m512i sum = _mm512_madd_epi16(size, row);
  return _mm512_min_epi32(_mm512_srl_epi32(sum, constant.shift), constant.largest);
}

// |step| as bytes by quad: byte r of each lane for row r.
EP_AVX512 inline __m512i StepSizes(const Constants& constant, __m512i size, const __m512i* rows) {
  const __m512i s0 = StepSize(constant, size, rows[0]);
  const __m512i s1 = _mm512_slli_epi32(StepSize(constant, size, rows[1]), 8);
  const __m512i s2 = _mm512_slli_epi32(StepSize(constant, size, rows[2]), 16);
  const __m512i s3 = _mm512_slli_epi32(StepSize(constant, size, rows[3]), 24);
  return _mm512_or_si512(_mm512_or_si512(s0, s1), _mm512_or_si512(s2, s3));
}

EP_AVX512 inline __m512i NewWeights(const Constants& constant, __m512i weights, __m512i steps,
                                    __mmask16 negative) {
  const __m512i offset = _mm512_xor_si512(weights, constant.sign);
  const __m512i up = _mm512_min_epu8(_mm512_adds_epu8(offset, steps), constant.highest);
  const __m512i down = _mm512_max_epu8(_mm512_subs_epu8(offset, steps), constant.lowest);
  return _mm512_xor_si512(_mm512_mask_mov_epi32(up, negative, down), constant.sign);
}

// Fills scratch with the vectors of lanes that a row of 255 moves; returns how many.
EP_AVX512 int FindVectors(const LearnRule& rule, const Constants& constant,
                          const std::uint8_t* plus, const std::uint8_t* minus, int padded,
                          LearnScratch& scratch) {
  const __m512i multiplier = _mm512_set1_epi32(rule.multiplier);
  // m |d| 255 >= half, in whole numbers.
  const __m512i enough = _mm512_set1_epi32((rule.Half() + 254) / 255);
  const __m512i half_factor = _mm512_set1_epi32(constant.half_factor << 16);
  std::size_t count = 0;
  for (int j = 0; j < padded; j += kVector) {
    const __m512i d = _mm512_sub_epi32(LoadStates(plus + j), LoadStates(minus + j));
    const __m512i size = _mm512_mullo_epi32(_mm512_abs_epi32(d), multiplier);
    if (_mm512_cmpge_epi32_mask(size, enough) == 0) continue;
    const __m512i pairs = _mm512_or_si512(size, half_factor);
    const __m512i full = StepSize(constant, pairs, RowFactor(constant, 255));
    scratch.vector[count] = j / kVector;
    scratch.negative[count] = _mm512_cmplt_epi32_mask(d, _mm512_setzero_si512());
    _mm512_store_si512(&scratch.size[count * kVector], pairs);
    _mm512_store_si512(&scratch.full_step[count * 64],
                       _mm512_mullo_epi32(full, _mm512_set1_epi32(0x01010101)));
    ++count;
  }
  return static_cast<int>(count);
}

// Counts the row words behind the masks: a row of a quad has every fourth bit, a word the 64 bits
// of a mask or, with 8 lanes, 32 of them.
EP_AVX512 void CountWords(int masks, int word_lanes, LearnScratch& scratch, LearnCounts& counts) {
  const bool halves = word_lanes < kVector;
  const __m512i rows = _mm512_set1_epi64(halves ? 0x0000000f0000000f : 0xf);
  const auto fold = [&](const Aligned<std::uint64_t>& list, int i) EP_AVX512 {
    __m512i bits = _mm512_load_si512(&list[i]);
    if (!halves) bits = _mm512_or_si512(bits, _mm512_srli_epi64(bits, 32));
    bits = _mm512_or_si512(bits, _mm512_srli_epi64(bits, 16));
    bits = _mm512_or_si512(bits, _mm512_srli_epi64(bits, 8));
    bits = _mm512_or_si512(bits, _mm512_srli_epi64(bits, 4));
    return _mm512_and_si512(bits, rows);
  };
  // Beyond the end, up to a full vector, there is nothing to count.
  for (int i = masks; i < RoundUp(masks, 8); ++i) {
    scratch.stepped[i] = scratch.set[i] = scratch.reset[i] = 0;
  }
  __m512i sensed = _mm512_setzero_si512();
  __m512i programmed = _mm512_setzero_si512();
  __m512i shots = _mm512_setzero_si512();
  for (int i = 0; i < masks; i += 8) {
    const __m512i set = fold(scratch.set, i);
    const __m512i reset = fold(scratch.reset, i);
    sensed = _mm512_add_epi64(sensed, _mm512_popcnt_epi64(fold(scratch.stepped, i)));
    programmed = _mm512_add_epi64(programmed, _mm512_popcnt_epi64(_mm512_or_si512(set, reset)));
    shots = _mm512_add_epi64(shots, _mm512_popcnt_epi64(set));
    shots = _mm512_add_epi64(shots, _mm512_popcnt_epi64(reset));
  }
  counts.sensed = _mm512_reduce_add_epi64(sensed);
  counts.programmed = _mm512_reduce_add_epi64(programmed);
  counts.shots = _mm512_reduce_add_epi64(shots);
}

template <bool kCount>
EP_AVX512 inline LearnCounts LearnQuads(const LearnRule& rule, const QuadList& rows, int scale,
                                        const std::uint8_t* plus, const std::uint8_t* minus,
                                        Matrix& weights, LearnScratch& scratch) {
  LearnCounts counts;
  const Constants constant = MakeConstants(rule);
  const int vectors = FindVectors(rule, constant, plus, minus, weights.Padded(), scratch);
  if (vectors == 0) return counts;
  const int vectors_per_word = std::max(1, rule.word_lanes / kVector);
  const bool binary = scale == 255;
  __m512i set_cells = _mm512_setzero_si512();
  __m512i reset_cells = _mm512_setzero_si512();
  std::uint64_t changed_weights = 0;
  int masks = 0;
  for (int q = 0; q < rows.size; ++q) {
    std::int8_t* quad = weights.Quad(rows.index[q]);
    const std::uint32_t codes = rows.states[q];
    const __m512i full_rows = _mm512_set1_epi32(static_cast<int>(codes * 255U));
    __m512i row_factors[kQuad];
    for (int r = 0; r < kQuad; ++r) {
      row_factors[r] = RowFactor(constant, static_cast<int>(codes >> (8 * r) & 255U) * scale);
    }
    ByteMasks word;
    for (std::size_t i = 0; i < static_cast<std::size_t>(vectors); ++i) {
      std::int8_t* address = quad + static_cast<std::ptrdiff_t>(scratch.vector[i]) * 64;
      const __m512i steps =
          binary ? _mm512_and_si512(_mm512_load_si512(&scratch.full_step[i * 64]), full_rows)
                 : StepSizes(constant, _mm512_load_si512(&scratch.size[i * kVector]), row_factors);
      const __m512i before = _mm512_load_si512(address);
      const __m512i after = NewWeights(constant, before, steps, scratch.negative[i]);
      _mm512_store_si512(address, after);
      if constexpr (!kCount) continue;
      // after & ~before & cells, before & ~after & cells
      const __m512i set = _mm512_ternarylogic_epi32(after, before, constant.cells, 0x20);
      const __m512i reset = _mm512_ternarylogic_epi32(before, after, constant.cells, 0x20);
      set_cells = _mm512_add_epi64(set_cells, _mm512_popcnt_epi64(set));
      reset_cells = _mm512_add_epi64(reset_cells, _mm512_popcnt_epi64(reset));
      const std::uint64_t set_bytes = _mm512_test_epi8_mask(set, set);
      const std::uint64_t reset_bytes = _mm512_test_epi8_mask(reset, reset);
      changed_weights += __builtin_popcountll(set_bytes | reset_bytes);
      word.stepped |= _mm512_test_epi8_mask(steps, steps);
      word.set |= set_bytes;
      word.reset |= reset_bytes;
      // The last vector of a word closes it.
      if (i + 1 == static_cast<std::size_t>(vectors) ||
          scratch.vector[i] / vectors_per_word != scratch.vector[i + 1] / vectors_per_word) {
        scratch.stepped[masks] = word.stepped;
        scratch.set[masks] = word.set;
        scratch.reset[masks] = word.reset;
        ++masks;
        word = {};
      }
    }
  }
  CountWords(masks, rule.word_lanes, scratch, counts);
  counts.weights = changed_weights;
  counts.set = _mm512_reduce_add_epi64(set_cells);
  counts.reset = _mm512_reduce_add_epi64(reset_cells);
  return counts;
}

}  // namespace

EP_AVX512 void FindCandidatesAvx512(const std::uint8_t* plus, const std::uint8_t* minus, int padded,
                                    CandidateList& active, CandidateList& differing) {
  active.size = differing.size = 0;
  __m512i neuron = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  for (int j = 0; j < padded; j += kVector) {
    const __m512i a = LoadStates(plus + j);
    const __m512i b = LoadStates(minus + j);
    const __m512i any = _mm512_or_si512(a, b);
    const __mmask16 mask = _mm512_test_epi32_mask(any, any);
    if (mask != 0) Append(active, mask, neuron, a, b);
    neuron = _mm512_add_epi32(neuron, _mm512_set1_epi32(kVector));
  }
  for (int i = 0; i < active.size; i += kVector) {
    const __m512i a = _mm512_load_si512(&active.plus[i]);
    const __m512i b = _mm512_load_si512(&active.minus[i]);
    const auto valid = static_cast<__mmask16>((1U << std::min(active.size - i, kVector)) - 1U);
    const __mmask16 mask = _mm512_mask_cmpneq_epi32_mask(valid, a, b);
    Append(differing, mask, _mm512_load_si512(&active.neuron[i]), a, b);
  }
}

EP_AVX512 void FindStepsAvx512(const LearnRule& rule, int plus, int minus,
                               const CandidateList& lanes, StepList& steps) {
  const __m512i row_plus = _mm512_set1_epi32(rule.multiplier * plus);
  const __m512i row_minus = _mm512_set1_epi32(rule.multiplier * minus);
  __m512i offset = _mm512_set1_epi32(rule.Half());
  const __m128i shift = _mm_cvtsi32_si128(rule.learning_shift);
  const __m512i low_bits = _mm512_set1_epi32((1 << rule.learning_shift) - 1);
  // The words of eight lanes, twice.
  __m512i words = _mm512_setzero_si512();
  if (rule.stochastic) {
    alignas(64) std::uint32_t of_lane[kVector];
    for (int l = 0; l < kVector; ++l) of_lane[l] = rule.random ^ Dither::OfLane(l);
    words = _mm512_load_si512(of_lane);
  }
  for (int i = 0; i < lanes.size; i += kVector) {
    if (rule.stochastic) {
      // The permutation looks at the lowest four bits of a lane.
      const __m512i word = _mm512_permutexvar_epi32(_mm512_load_si512(&lanes.neuron[i]), words);
      offset = _mm512_and_si512(word, low_bits);
    }
    const __m512i d =
        _mm512_sub_epi32(_mm512_mullo_epi32(row_plus, _mm512_load_si512(&lanes.plus[i])),
                         _mm512_mullo_epi32(row_minus, _mm512_load_si512(&lanes.minus[i])));
    const __m512i size = _mm512_srl_epi32(_mm512_add_epi32(_mm512_abs_epi32(d), offset), shift);
    const auto valid = static_cast<__mmask16>((1U << std::min(lanes.size - i, kVector)) - 1U);
    const __mmask16 mask = _mm512_mask_test_epi32_mask(valid, size, size);
    if (mask == 0) continue;
    const __mmask16 negative = _mm512_cmplt_epi32_mask(d, _mm512_setzero_si512());
    const __m512i step = _mm512_mask_sub_epi32(size, negative, _mm512_setzero_si512(), size);
    _mm512_storeu_si512(&steps.lane[steps.size],
                        _mm512_maskz_compress_epi32(mask, _mm512_load_si512(&lanes.neuron[i])));
    _mm512_storeu_si512(&steps.step[steps.size], _mm512_maskz_compress_epi32(mask, step));
    steps.size += __builtin_popcount(mask);
  }
}

EP_AVX512 LearnCounts LearnQuadsAvx512(const LearnRule& rule, const QuadList& rows, int scale,
                                       const std::uint8_t* plus, const std::uint8_t* minus,
                                       Matrix& weights, LearnScratch& scratch) {
  return LearnQuads<true>(rule, rows, scale, plus, minus, weights, scratch);
}

EP_AVX512 LearnCounts LearnQuadsAvx512Uncounted(const LearnRule& rule, const QuadList& rows,
                                                int scale, const std::uint8_t* plus,
                                                const std::uint8_t* minus, Matrix& weights,
                                                LearnScratch& scratch) {
  return LearnQuads<false>(rule, rows, scale, plus, minus, weights, scratch);
}

}  // namespace ep::fast

#endif
