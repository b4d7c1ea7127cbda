// SPDX-License-Identifier: Apache-2.0

#include "sim/dataset/digits.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "sim/io/file.h"

namespace ep::sim {
namespace {

constexpr int kSide = 8;
constexpr int kFields = kSide * kSide + 1;

// The whole field as an integer 0..largest, -1 if it is anything else.
int ParseField(std::string_view field, int largest) {
  int value = -1;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  const bool whole = error == std::errc() && end == field.data() + field.size();
  return whole && value >= 0 && value <= largest ? value : -1;
}

// Appends the image of one line; where is "file:line".
void ParseLine(std::string_view line, const std::string& where, Images& images) {
  const auto commas = std::count(line.begin(), line.end(), ',');
  if (commas != kFields - 1) {
    throw UserError(
        fmt::format("{}: {} values: a line of the digits has {}", where, commas + 1, kFields));
  }
  for (int i = 0; i < kFields; ++i) {
    const std::size_t end = std::min(line.find(','), line.size());
    const bool is_class = i == kFields - 1;
    const int largest = is_class ? 9 : 16;
    const int value = ParseField(line.substr(0, end), largest);
    if (value < 0) {
      throw UserError(fmt::format("{}: value {} is '{}': must be 0..{}", where, i + 1,
                                  line.substr(0, end), largest));
    }
    auto& target = is_class ? images.labels : images.pixels;
    target.push_back(static_cast<std::uint8_t>(is_class ? value : std::min(255, 16 * value)));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
}

}  // namespace

ImageSets ReadDigits(const std::filesystem::path& file) {
  const std::string text = ReadPackedFile(file);
  ImageSets sets;
  sets.train.height = sets.train.width = sets.test.height = sets.test.width = kSide;
  std::string_view rest = text;
  for (int i = 0; !rest.empty(); ++i) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    ParseLine(line, fmt::format("{}:{}", file.string(), i + 1),
              i % 5 == 4 ? sets.test : sets.train);
  }
  if (sets.test.Count() == 0) {
    throw UserError(fmt::format("{}: fewer than 5 images: get the file again", file.string()));
  }
  return sets;
}

}  // namespace ep::sim
