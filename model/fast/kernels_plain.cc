// SPDX-License-Identifier: Apache-2.0

#include "model/fast/kernels_plain.h"

#include <algorithm>

namespace ep::fast {
namespace {

constexpr int kTile = Matrix::kUnit;

// Adds sign x (states x weights) of one tile of destinations, the first of them `tile`.
template <typename Sum>
void AddQuads(const Matrix& weights, const QuadList& list, int tile, int sign, Sum* total) {
  for (int i = 0; i < list.size; ++i) {
    const std::int8_t* w = weights.Quad(list.index[i]) + static_cast<std::ptrdiff_t>(tile) * kQuad;
    int s[kQuad];
    for (int k = 0; k < kQuad; ++k) {
      std::uint8_t byte;
      std::memcpy(&byte, reinterpret_cast<const std::uint8_t*>(&list.states[i]) + k, 1);
      s[k] = sign * byte;
    }
    for (int j = 0; j < kTile; ++j) {
      total[j] += s[0] * w[kQuad * j] + s[1] * w[kQuad * j + 1] + s[2] * w[kQuad * j + 2] +
                  s[3] * w[kQuad * j + 3];
    }
  }
}

template <typename Sum>
void Accumulate(const Matrix& weights, const QuadList& added, const QuadList& removed, int scale,
                int shift, Sum* sums) {
  const Sum factor = static_cast<Sum>(scale) << shift;
  for (int tile = 0; tile < weights.Padded(); tile += kTile) {
    Sum total[kTile] = {};
    AddQuads(weights, removed, tile, -1, total);
    AddQuads(weights, added, tile, +1, total);
    for (int j = 0; j < kTile; ++j) sums[tile + j] += total[j] * factor;
  }
}

template <typename Sum>
int Activate(const Sum* sums, const std::int32_t* nudge, int gain, int padded,
             std::uint8_t* state) {
  const Sum half = gain > 0 ? Sum{1} << (gain - 1) : 0;
  int changed = 0;
  for (int j = 0; j < padded; ++j) {
    const Sum v = ((sums[j] + half) >> gain) + (nudge != nullptr ? nudge[j] : 0);
    const auto next = static_cast<std::uint8_t>(std::clamp<Sum>(v, 0, 255));
    changed += next != state[j];
    state[j] = next;
  }
  return changed;
}

template <typename Sum>
constexpr Kernels<Sum> kPlain = {.name = "plain",
                                 .find_changes = FindChangesPlain,
                                 .accumulate = Accumulate<Sum>,
                                 .activate = Activate<Sum>,
                                 .find_candidates = FindCandidatesPlain,
                                 .find_steps = FindStepsPlain,
                                 .learn_quads = nullptr};

}  // namespace

const Kernels<std::int32_t>& PlainKernels32() { return kPlain<std::int32_t>; }
const Kernels<std::int64_t>& PlainKernels64() { return kPlain<std::int64_t>; }

}  // namespace ep::fast
