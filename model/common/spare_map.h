// SPDX-License-Identifier: Apache-2.0
//
// The map of spare rows as weights, so that the host can keep it in the array itself: row words
// below the spare rows hold it while the power is off, and it is loaded before the weights are.
//
// Formats    kWeights weights of 0..15 (their four lowest cells count): for each spare row whether
//            it is used and six digits of the row that it replaces, lowest first, then four digits
//            of a checksum
// Sources    docs/integration.md, "Spare rows"

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "model/common/network.h"

namespace ep {

class SpareMap {
 public:
  static constexpr int kWeights = ArrayAccess::kSpares * 7 + 4;
  // Places where the map may be; it is in the first whose cells can hold it.
  static constexpr int kPlaces = 32;

  // A network of one row of kWeights weights, by which the map is loaded and saved.
  static Network AsNetwork();
  // The first row word of a place, 0..kPlaces - 1; the places end where the spare rows begin.
  static std::uint32_t Row(const Hardware& hardware, int place);

  // replaced: rows, ArrayAccess::kSpares at most, each below 2^24.
  static std::vector<std::int8_t> Encode(std::span<const std::uint32_t> replaced);
  // Nothing where the weights are no map.
  static std::optional<std::vector<std::uint32_t>> Decode(std::span<const std::int8_t> weights);
};

}  // namespace ep
