// SPDX-License-Identifier: Apache-2.0

#include "model/common/spare_map.h"

namespace ep {
namespace {

constexpr int kRowDigits = 6;
constexpr int kSumDigits = 4;

// FNV-1a 32 over the digits, folded to 16 bits. Never that of an empty array.
std::uint32_t Checksum(std::span<const std::int8_t> digits) {
  std::uint32_t hash = 0x811c9dc5U;
  for (const std::int8_t digit : digits) {
    hash = (hash ^ (static_cast<std::uint32_t>(digit) & 15U)) * 0x01000193U;
  }
  return (hash ^ hash >> 16) & 0xffffU;
}

void Append(std::vector<std::int8_t>& digits, std::uint32_t value, int count) {
  for (int i = 0; i < count; ++i) digits.push_back(static_cast<std::int8_t>(value >> 4 * i & 15U));
}

std::uint32_t Value(std::span<const std::int8_t> digits) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    value |= (static_cast<std::uint32_t>(digits[i]) & 15U) << 4 * i;
  }
  return value;
}

}  // namespace

Network SpareMap::AsNetwork() {
  Network network;
  network.name = "spare-map";
  network.populations = {1, kWeights};
  network.projections = {{.a = 0, .b = 1}};
  return network;
}

std::uint32_t SpareMap::Row(const Hardware& hardware, int place) {
  const int words = hardware.Blocks(kWeights);
  return static_cast<std::uint32_t>(hardware.array_rows - ArrayAccess::kSpares -
                                    (kPlaces - place) * words);
}

std::vector<std::int8_t> SpareMap::Encode(std::span<const std::uint32_t> replaced) {
  std::vector<std::int8_t> digits;
  for (std::size_t i = 0; i < ArrayAccess::kSpares; ++i) {
    const bool used = i < replaced.size();
    Append(digits, used ? 1 : 0, 1);
    Append(digits, used ? replaced[i] : 0, kRowDigits);
  }
  Append(digits, Checksum(digits), kSumDigits);
  return digits;
}

std::optional<std::vector<std::uint32_t>> SpareMap::Decode(std::span<const std::int8_t> weights) {
  if (weights.size() != kWeights) return std::nullopt;
  const auto digits = weights.first(kWeights - kSumDigits);
  if (Value(weights.last(kSumDigits)) != Checksum(digits)) return std::nullopt;
  std::vector<std::uint32_t> replaced;
  for (std::size_t i = 0; i < ArrayAccess::kSpares; ++i) {
    const auto entry = digits.subspan(i * (1 + kRowDigits), 1 + kRowDigits);
    if (Value(entry.first(1)) == 1) replaced.push_back(Value(entry.subspan(1)));
  }
  return replaced;
}

}  // namespace ep
