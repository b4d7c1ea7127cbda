// SPDX-License-Identifier: Apache-2.0
//
// The learn pass with AVX-512.

#include "model/fast/avx512.h"

#if defined(__x86_64__)

#include <algorithm>

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

// Fills scratch with the vectors of lanes that a row of 255 moves; returns how many.
EP_AVX512 int FindVectors(const LearnRule& rule, const std::uint8_t* plus,
                          const std::uint8_t* minus, int padded, LearnScratch& scratch) {
  const __m512i multiplier = _mm512_set1_epi32(rule.multiplier);
  // m |d| 255 >= half, in whole numbers.
  const __m512i enough = _mm512_set1_epi32((rule.Half() + 254) / 255);
  int count = 0;
  for (int j = 0; j < padded; j += kVector) {
    const __m512i d = _mm512_sub_epi32(LoadStates(plus + j), LoadStates(minus + j));
    const __m512i size = _mm512_mullo_epi32(_mm512_abs_epi32(d), multiplier);
    if (_mm512_cmpge_epi32_mask(size, enough) == 0) continue;
    scratch.vector[count] = j / kVector;
    scratch.negative[count] = _mm512_cmplt_epi32_mask(d, _mm512_setzero_si512());
    _mm512_store_si512(&scratch.size[static_cast<std::size_t>(count) * kVector], size);
    ++count;
  }
  return count;
}

// One bit per byte of a vector of weights, of four rows and 16 lanes: which bytes have what.
struct ByteMasks {
  std::uint64_t stepped = 0;
  std::uint64_t set = 0;
  std::uint64_t reset = 0;
};

// Bit r of the result: one of the bytes of row r.
inline unsigned Rows(std::uint64_t bytes) {
  bytes |= bytes >> 32;
  bytes |= bytes >> 16;
  bytes |= bytes >> 8;
  bytes |= bytes >> 4;
  return static_cast<unsigned>(bytes) & 15U;
}

// Counts the row words of one block of lanes and four rows.
EP_AVX512 inline void CountWords(const ByteMasks& masks, LearnCounts& counts) {
  const unsigned set = Rows(masks.set);
  const unsigned reset = Rows(masks.reset);
  counts.sensed += __builtin_popcount(Rows(masks.stepped));
  counts.programmed += __builtin_popcount(set | reset);
  counts.shots += __builtin_popcount(set) + __builtin_popcount(reset);
}

EP_AVX512 inline void CountVector(const ByteMasks& masks, int word_lanes, LearnCounts& counts) {
  if (word_lanes >= kVector) {
    CountWords(masks, counts);
    return;
  }
  // Two words of 8 lanes share a vector.
  constexpr std::uint64_t kLow = 0xffffffffU;
  CountWords({masks.stepped & kLow, masks.set & kLow, masks.reset & kLow}, counts);
  CountWords({masks.stepped >> 32, masks.set >> 32, masks.reset >> 32}, counts);
}

// What does not change within one learn pass.
struct Constants {
  __m512i half;
  __m128i shift;
  __m512i highest;
  __m512i lowest;
  __m512i cells;
};

// New weights of 16 lanes and the four rows whose states are the bytes of `codes`.
EP_AVX512 inline __m512i NewWeights(const Constants& constant, std::uint32_t codes, int scale,
                                    __m512i size, __mmask16 negative, __m512i weights,
                                    ByteMasks& masks) {
  __m512i result = weights;
  // Row by row, lowest byte first: rows whose code is 0 stay.
  for (int rest = 0; rest < kQuad; ++rest) {
    const auto code = static_cast<int>(codes >> (8 * rest) & 255U);
    if (code == 0) continue;
    const __m512i product = _mm512_mullo_epi32(size, _mm512_set1_epi32(code * scale));
    __m512i step = _mm512_srl_epi32(_mm512_add_epi32(product, constant.half), constant.shift);
    const __mmask16 stepped = _mm512_test_epi32_mask(step, step);
    if (stepped == 0) continue;
    step = _mm512_mask_sub_epi32(step, negative, _mm512_setzero_si512(), step);
    const __m128i up = _mm_cvtsi32_si128(24 - 8 * rest);
    __m512i w = _mm512_srai_epi32(_mm512_sll_epi32(weights, up), 24);
    w = _mm512_add_epi32(w, step);
    w = _mm512_max_epi32(_mm512_min_epi32(w, constant.highest), constant.lowest);
    const __mmask64 bytes = 0x1111111111111111U << rest;
    result = _mm512_mask_mov_epi8(result, bytes, _mm512_sll_epi32(w, _mm_cvtsi32_si128(8 * rest)));
    // Bit l of stepped becomes bit 4 l + rest.
    masks.stepped |= _mm512_mask_test_epi8_mask(
        bytes, _mm512_maskz_set1_epi32(stepped, -1), _mm512_set1_epi32(-1));
  }
  return result;
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
  const __m512i half = _mm512_set1_epi32(rule.Half());
  const __m128i shift = _mm_cvtsi32_si128(rule.learning_shift);
  for (int i = 0; i < lanes.size; i += kVector) {
    const __m512i d =
        _mm512_sub_epi32(_mm512_mullo_epi32(row_plus, _mm512_load_si512(&lanes.plus[i])),
                         _mm512_mullo_epi32(row_minus, _mm512_load_si512(&lanes.minus[i])));
    const __m512i size = _mm512_srl_epi32(_mm512_add_epi32(_mm512_abs_epi32(d), half), shift);
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
  LearnCounts counts;
  const int vectors = FindVectors(rule, plus, minus, weights.padded(), scratch);
  if (vectors == 0) return counts;
  const Constants constant = {
      .half = _mm512_set1_epi32(rule.Half()),
      .shift = _mm_cvtsi32_si128(rule.learning_shift),
      .highest = _mm512_set1_epi32(rule.WeightMax()),
      .lowest = _mm512_set1_epi32(-rule.WeightMax()),
      .cells = _mm512_set1_epi8(static_cast<char>(rule.Cells())),
  };
  const int vectors_per_word = std::max(1, rule.word_lanes / kVector);
  __m512i set_cells = _mm512_setzero_si512();
  __m512i reset_cells = _mm512_setzero_si512();
  for (int q = 0; q < rows.size; ++q) {
    std::int8_t* quad = weights.Quad(rows.index[q]);
    ByteMasks word;
    int word_index = -1;
    for (int i = 0; i < vectors; ++i) {
      if (scratch.vector[i] / vectors_per_word != word_index) {
        CountVector(word, rule.word_lanes, counts);
        word = {};
        word_index = scratch.vector[i] / vectors_per_word;
      }
      std::int8_t* address = quad + static_cast<std::ptrdiff_t>(scratch.vector[i]) * 64;
      const __m512i before = _mm512_load_si512(address);
      const __m512i after = NewWeights(
          constant, rows.states[q], scale,
          _mm512_load_si512(&scratch.size[static_cast<std::size_t>(i) * kVector]),
          scratch.negative[i], before, word);
      const __mmask64 changed = _mm512_cmpneq_epi8_mask(before, after);
      if (changed == 0) continue;
      _mm512_store_si512(address, after);
      const __m512i set = _mm512_and_si512(_mm512_andnot_si512(before, after), constant.cells);
      const __m512i reset = _mm512_and_si512(_mm512_andnot_si512(after, before), constant.cells);
      word.set |= _mm512_test_epi8_mask(set, set);
      word.reset |= _mm512_test_epi8_mask(reset, reset);
      set_cells = _mm512_add_epi64(set_cells, _mm512_popcnt_epi64(set));
      reset_cells = _mm512_add_epi64(reset_cells, _mm512_popcnt_epi64(reset));
      counts.weights += __builtin_popcountll(changed);
    }
    CountVector(word, rule.word_lanes, counts);
  }
  counts.set = _mm512_reduce_add_epi64(set_cells);
  counts.reset = _mm512_reduce_add_epi64(reset_cells);
  return counts;
}

}  // namespace ep::fast

#endif
