// SPDX-License-Identifier: Apache-2.0
//
// Images with their classes, as the readers leave them: one byte a pixel, row by row.

#pragma once

#include <cstdint>
#include <vector>

namespace ep::sim {

struct Images {
  int height = 0;
  int width = 0;
  std::vector<std::uint8_t> pixels;  // [count, height, width]
  std::vector<std::uint8_t> labels;  // [count]

  int Count() const { return static_cast<int>(labels.size()); }
};

// Pixels by which an image is moved; what moves in from outside is 0.
struct Shift {
  int right = 0;
  int down = 0;
};

struct ImageSets {
  Images train;
  Images test;
};

}  // namespace ep::sim
