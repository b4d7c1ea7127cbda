// SPDX-License-Identifier: Apache-2.0
//
// The inner loops of the fast model, one table of functions per instruction set. All tables give
// the same bits; the best one that the processor has is chosen at run time.
//
// Weights are stored by *quads*: the weights of four neighbouring source neurons to one destination
// neuron are four neighbouring bytes, the unit of the dot-product instructions. Four states, one
// 32-bit word, meet them. Quads of states that are 0 or unchanged are never touched.

#pragma once

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
  int padded() const { return padded_; }
  // The weights of source quad q: padded() x 4 bytes.
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
  int digits = 0;   // NAF digits of the magnitudes of their changes
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
                          QuadList& added, QuadList& removed, std::uint64_t* changed);

  // sums += ((sum over added - sum over removed of state x weight) x scale) << shift
  void (*accumulate)(const Matrix& weights, const QuadList& added, const QuadList& removed,
                     int scale, int shift, Sum* sums);

  // state = min(255, max(0, ((sum + half) >> gain) + nudge)), half = 2^(gain - 1), 0 for gain 0;
  // nudge may be null. Returns how many changed.
  int (*activate)(const Sum* sums, const std::int32_t* nudge, int gain, int padded,
                  std::uint8_t* state);

  // Bit j of `differs`: plus[j] != minus[j]; of `active`: one of them is not 0.
  void (*compare)(const std::uint8_t* plus, const std::uint8_t* minus, int padded,
                  std::uint64_t* differs, std::uint64_t* active);
};

enum class Simd { kAuto, kPlain, kAvx2, kAvx512 };

// True where this build and this processor have it.
bool HasSimd(Simd simd);

template <typename Sum>
const Kernels<Sum>& GetKernels(Simd simd);

// Digits of the canonical signed form of n, 0..255: the ones of 3n and n that differ.
constexpr int NafDigits(unsigned n) { return __builtin_popcount((3 * n) ^ n); }

}  // namespace ep::fast
