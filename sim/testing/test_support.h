// SPDX-License-Identifier: Apache-2.0
//
// What the tests of the program share: a folder of their own, the text of an error, small data.

#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "model/common/network.h"

namespace ep::sim {

// A folder that is there while this lives.
class TempFolder {
 public:
  TempFolder() {
    std::string pattern = ::testing::TempDir() + "equispin-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& Path() const { return path_; }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  // Names of what is in it, hidden ones too.
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

 private:
  std::filesystem::path path_;
};

inline void Put(const std::string& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

inline std::string Get(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// The text of the UserError that f throws, "" if it throws none.
inline std::string ErrorOf(const std::function<void()>& f) {
  try {
    f();
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

// An IDX file of bytes.
inline std::string IdxBytes(const std::vector<std::uint32_t>& sizes,
                            const std::vector<std::uint8_t>& values) {
  std::string bytes("\0\0\x08", 3);
  bytes += static_cast<char>(sizes.size());
  for (const std::uint32_t size : sizes) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift);
  }
  return bytes.append(values.begin(), values.end());
}

// Four IDX files of 4x4 images in three classes, 60 to train and 20 to test; class c has bright
// pixels in row c, others come from a small generator.
inline void PutSmallIdx(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  std::uint32_t random = 12345;
  for (const auto& [part, count] : {std::pair("train", 60U), std::pair("t10k", 20U)}) {
    std::vector<std::uint8_t> pixels;
    std::vector<std::uint8_t> labels;
    for (std::uint32_t i = 0; i < count; ++i) {
      labels.push_back(static_cast<std::uint8_t>(i % 3));
      for (std::uint32_t p = 0; p < 16; ++p) {
        random = random * 1664525U + 1013904223U;
        const std::uint32_t noise = random >> 26;
        pixels.push_back(static_cast<std::uint8_t>(p / 4 == i % 3 ? 255 - noise : noise));
      }
    }
    Put((folder / (std::string(part) + "-images-idx3-ubyte")).string(),
        IdxBytes({count, 4, 4}, pixels));
    Put((folder / (std::string(part) + "-labels-idx1-ubyte")).string(), IdxBytes({count}, labels));
  }
}

// A network for these images; `set` is their folder as the file names it.
inline std::string SmallNetwork(const std::string& set) {
  return "name = \"small\"\n[data]\nset = \"" + set +
         "\"\n[network]\npopulations = [16, 12, 3]\n"
         "[[projection]]\ngain_shift = 6\n[[projection]]\ngain_shift = 7\nlearning_shift = 13\n"
         "[training]\nepochs = 3\nlearning_rate = [8, 4]\n";
}

}  // namespace ep::sim
