// SPDX-License-Identifier: Apache-2.0
//
// The inner loops of the fast model, one table of functions per instruction set. All tables give
// the same bits; the best one that the processor has is chosen at run time.
//
// Weights are stored by *quads*: the weights of four neighbouring source neurons to one destination
// neuron are four neighbouring bytes, the unit of the dot-product instructions. Four states, one
// 32-bit word, meet them. Quads of states that are 0 or unchanged are never touched.

#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>
#include <vector>

namespace ep::fast {

inline constexpr int kQuad = 4;
inline constexpr int kAlign = 64;  // bytes: a cache line, the widest vector

template <typename T>
struct AlignedAllocator {
  using value_type = T;
  AlignedAllocator() = default;
  template <typename U>
  explicit AlignedAllocator(const AlignedAllocator<U>& /*other*/) {}
  T* allocate(std::size_t n) {
    return static_cast<T*>(::operator new(n * sizeof(T), std::align_val_t{kAlign}));
  }
  void deallocate(T* p, std::size_t /*n*/) { ::operator delete(p, std::align_val_t{kAlign}); }
  bool operator==(const AlignedAllocator& /*other*/) const { return true; }
};

template <typename T>
using Aligned = std::vector<T, AlignedAllocator<T>>;

constexpr int RoundUp(int value, int unit) { return (value + unit - 1) / unit * unit; }

// Weights from `sources` to `destinations` neurons, by quads; padding is 0.
class Matrix {
 public:
  static constexpr int kUnit = 16;  // destinations are padded to full vectors of 16

  Matrix() = default;
  Matrix(int sources, int destinations)
      : padded_(RoundUp(destinations, kUnit)),
        bytes_(static_cast<std::size_t>(RoundUp(sources, kQuad)) * padded_) {}

  std::int8_t& At(int source, int destination) { return bytes_[Index(source, destination)]; }
  std::int8_t At(int source, int destination) const { return bytes_[Index(source, destination)]; }
  int Padded() const { return padded_; }
  // The weights of source quad q: Padded() x 4 bytes.
  std::int8_t* Quad(std::size_t q) { return &bytes_[q * padded_ * kQuad]; }
  const std::int8_t* Quad(std::size_t q) const { return &bytes_[q * padded_ * kQuad]; }

 private:
  std::size_t Index(int source, int destination) const {
    return (static_cast<std::size_t>(source / kQuad) * padded_ + destination) * kQuad +
           source % kQuad;
  }

  int padded_ = 0;
  Aligned<std::int8_t> bytes_;
};

// Quads of states: which one, and its four states.
struct QuadList {
  // Room for `neurons` and for vector stores beyond the last entry.
  void Reserve(int neurons) {
    index.resize(RoundUp(neurons, kAlign) / kQuad + 16);
    states.resize(index.size());
  }
  int size = 0;
  Aligned<std::uint32_t> index;
  Aligned<std::uint32_t> states;
};

struct Changes {
  int neurons = 0;  // that changed
  int digits = 0;   // NAF digits of the magnitudes of their changes, where wanted
  int blocks = 0;   // blocks of lanes with a neuron that changed, where wanted
};

// What a population's changes are counted for: digits where its neurons are rows, blocks of so many
// lanes (8 to 128, 0: not wanted) where they are lanes.
struct Wanted {
  bool digits = false;
  int block_lanes = 0;
};

// Neurons for the learn pass and their end states.
struct CandidateList {
  void Reserve(int neurons) {
    neuron.resize(RoundUp(neurons, kAlign) + 16);
    plus.resize(neuron.size());
    minus.resize(neuron.size());
  }
  int size = 0;
  Aligned<std::int32_t> neuron;
  Aligned<std::int32_t> plus;
  Aligned<std::int32_t> minus;
};

// Lanes of one row whose step is not 0.
struct StepList {
  void Reserve(int neurons) {
    lane.resize(RoundUp(neurons, kAlign) + 16);
    step.resize(lane.size());
  }
  int size = 0;
  Aligned<std::int32_t> lane;
  Aligned<std::int32_t> step;
};

// step = sign(D) ((|D| + t) >> k), D = m (s+ s+ - s- s-); t = 2^(k - 1) or the offset of Dither.
struct LearnRule {
  int Half() const { return 1 << (learning_shift - 1); }
  int WeightMax() const { return (1 << (weight_bits - 1)) - 1; }
  unsigned Cells() const { return (1U << weight_bits) - 1; }

  int multiplier = 0;      // m
  int learning_shift = 1;  // k
  int weight_bits = 8;
  int word_lanes = 32;  // lanes of a row word
  bool stochastic = false;
  std::uint32_t random = 0;  // of the sample; in FindSteps of the row
};

struct LearnCounts {
  std::uint64_t sensed = 0;
  std::uint64_t programmed = 0;
  std::uint64_t shots = 0;
  std::uint64_t weights = 0;
  std::uint64_t set = 0;
  std::uint64_t reset = 0;
};

// One bit for each weight of a quad of rows and a block of lanes: has a step, is programmed to 1,
// to 0. Bits 0, 4, 8 ... belong to the first row of the quad.
struct ByteMasks {
  std::uint64_t stepped = 0;
  std::uint64_t set = 0;
  std::uint64_t reset = 0;
};

// What learn_quads keeps between its steps.
struct LearnScratch {
  void Reserve(int rows, int lanes);
  // Vectors of 16 lanes that can learn: m |s+ - s-| of each lane, the steps with rows of 255 as
  // bytes by quad, and which lanes decrease.
  Aligned<std::int32_t> vector;
  Aligned<std::uint16_t> negative;
  Aligned<std::int32_t> size;
  Aligned<std::uint8_t> full_step;
  // Row words with a step, by quad and block.
  Aligned<std::uint64_t> stepped;
  Aligned<std::uint64_t> set;
  Aligned<std::uint64_t> reset;
};

// Sum is 32 bits where Network::SumBits() leaves room, else 64. Arrays of states and sums are
// padded to 64 neurons; padded states are 0.
template <typename Sum>
struct Kernels {
  std::string_view name;

  // Compares states with those that the sums contain: quads that differ go to `added` (new states)
  // and `removed` (old states), all-zero quads left out; bit j of `changed` tells whether neuron j
  // differs; then contained = state.
  Changes (*find_changes)(const std::uint8_t* state, std::uint8_t* contained, int padded,
                          Wanted wanted, QuadList& added, QuadList& removed,
                          std::uint64_t* changed);

  // sums += ((sum over added - sum over removed of state x weight) x scale) << shift
  void (*accumulate)(const Matrix& weights, const QuadList& added, const QuadList& removed,
                     int scale, int shift, Sum* sums);

  // state = min(255, max(0, ((sum + half) >> gain) + nudge)), half = 2^(gain - 1), 0 for gain 0;
  // nudge may be null. Returns how many changed.
  int (*activate)(const Sum* sums, const std::int32_t* nudge, int gain, int padded,
                  std::uint8_t* state);

  // Lists the neurons whose end states in the nudged phases are not both 0, ascending, and among
  // them those whose end states differ.
  void (*find_candidates)(const std::uint8_t* plus, const std::uint8_t* minus, int padded,
                          CandidateList& active, CandidateList& differing);

  // The steps of one row with end states plus and minus against candidate lanes: appends the lanes
  // whose step is not 0.
  void (*find_steps)(const LearnRule& rule, int plus, int minus, const CandidateList& lanes,
                     StepList& steps);

  // The learn pass of an input projection on whole quads: rows are the nonzero codes, x = code x
  // scale. Null where there is no better way than row by row.
  LearnCounts (*learn_quads)(const LearnRule& rule, const QuadList& rows, int scale,
                             const std::uint8_t* plus, const std::uint8_t* minus, Matrix& weights,
                             LearnScratch& scratch);
};

enum class Simd { kAuto, kPlain, kAvx2, kAvx512 };

// True where this build and this processor have it.
bool HasSimd(Simd simd);

// Without count, digits and all LearnCounts may stay 0.
template <typename Sum>
const Kernels<Sum>& GetKernels(Simd simd, bool count);

// Digits of the canonical signed form of n, 0..255: the ones of 3n and n that differ. A table, as
// counting ones is a call on processors without the instruction.
inline constexpr std::array<std::uint8_t, 256> kNafDigits = [] {
  std::array<std::uint8_t, 256> digits{};
  for (unsigned n = 0; n < digits.size(); ++n) {
    digits[n] = static_cast<std::uint8_t>(std::popcount((3 * n) ^ n));
  }
  return digits;
}();

// Ones of a byte, for the same reason.
inline constexpr std::array<std::uint8_t, 256> kOnes = [] {
  std::array<std::uint8_t, 256> ones{};
  for (unsigned n = 0; n < ones.size(); ++n) ones[n] = static_cast<std::uint8_t>(std::popcount(n));
  return ones;
}();

}  // namespace ep::fast
