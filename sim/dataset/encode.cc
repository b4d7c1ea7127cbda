// SPDX-License-Identifier: Apache-2.0

#include "sim/dataset/encode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace ep::sim {
namespace {

// 2x2 means, rounded half up.
std::vector<std::uint8_t> Pool(const Images& images) {
  const std::size_t width = images.width;
  std::vector<std::uint8_t> pooled;
  pooled.reserve(images.pixels.size() / 4);
  // Images follow each other and have an even height, so that all rows pair up.
  for (std::size_t row = 0; row < images.pixels.size() / width; row += 2) {
    const std::uint8_t* upper = images.pixels.data() + row * width;
    const std::uint8_t* lower = upper + width;
    for (std::size_t x = 0; x < width; x += 2) {
      const int sum = upper[x] + upper[x + 1] + lower[x] + lower[x + 1];
      pooled.push_back(static_cast<std::uint8_t>((sum + 2) >> 2));
    }
  }
  return pooled;
}

}  // namespace

std::uint8_t EncodePixel(std::uint8_t pixel, int bits) {
  const int largest = (1 << bits) - 1;  // Q
  const int code = (pixel * largest + 127) / 255;
  const bool summed_as_code = bits == 1 || bits == 2 || bits == 4;
  return static_cast<std::uint8_t>(summed_as_code ? code : code * 255 / largest);
}

SampleSet Encode(const Images& images, int pool, int bits) {
  if (pool == 2 && (images.height % 2 != 0 || images.width % 2 != 0)) {
    throw UserError(
        fmt::format("data.pool is 2, but images are {}x{}: only even sizes can be "
                    "pooled: set data.pool = 1",
                    images.height, images.width));
  }
  std::array<std::uint8_t, 256> table;
  for (int pixel = 0; pixel < 256; ++pixel) {
    table[pixel] = EncodePixel(static_cast<std::uint8_t>(pixel), bits);
  }
  SampleSet set{.inputs = images.height * images.width / (pool * pool),
                .codes = pool == 2 ? Pool(images) : images.pixels,
                .labels = images.labels};
  for (std::uint8_t& code : set.codes) code = table[code];
  return set;
}

Images ShiftImages(const Images& images, std::span<const std::uint32_t> order,
                   std::span<const Shift> shifts, int count) {
  const int height = images.height;
  const int width = images.width;
  const std::size_t size = static_cast<std::size_t>(height) * width;
  Images shifted{.height = height,
                 .width = width,
                 .pixels = std::vector<std::uint8_t>(size * count),
                 .labels = {}};
  for (int i = 0; i < count; ++i) {
    const auto [right, down] = shifts[i];
    const std::uint8_t* from = images.pixels.data() + order[i] * size;
    std::uint8_t* to = shifted.pixels.data() + i * size;
    for (int y = std::max(0, down); y < std::min(height, height + down); ++y) {
      std::copy_n(from + (y - down) * width + std::max(0, -right), width - std::abs(right),
                  to + y * width + std::max(0, right));
    }
    shifted.labels.push_back(images.labels[order[i]]);
  }
  return shifted;
}

}  // namespace ep::sim
