// SPDX-License-Identifier: Apache-2.0
//
// From pixels to input codes. DESIGN: docs/contract.md, "Reproducible run".

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model/common/machine.h"
#include "sim/dataset/images.h"

namespace ep::sim {

// Samples of one size, ready for a machine.
struct SampleSet {
  int inputs = 0;
  std::vector<std::uint8_t> codes{};   // [count, inputs]
  std::vector<std::uint8_t> labels{};  // [count]

  int Count() const { return static_cast<int>(labels.size()); }
  // Valid while the set lives.
  Sample At(std::size_t i) const {
    return {{codes.data() + i * inputs, static_cast<std::size_t>(inputs)}, labels[i]};
  }
};

// The code of one pixel at B bits: (X Q + 127) div 255, Q = 2^B - 1, where codes are summed (B = 1,
// 2, 4); the state x = (code 255) div Q otherwise.
std::uint8_t EncodePixel(std::uint8_t pixel, int bits);

// pool is 1, or 2: X = (a + b + c + d + 2) >> 2. Throws UserError if an odd size cannot be pooled.
SampleSet Encode(const Images& images, int pool, int bits);

// The first `count` images of the order, each moved by its shift. Shifts are smaller than the
// images.
Images ShiftImages(const Images& images, std::span<const std::uint32_t> order,
                   std::span<const Shift> shifts, int count);

}  // namespace ep::sim
