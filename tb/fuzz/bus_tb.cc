// SPDX-License-Identifier: Apache-2.0
//
// Strings of bytes as hosts of ep_core: those that the fuzzer kept, and random ones.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "tb/fuzz/bus_target.h"

namespace ep::rtl {
namespace {

TEST(BusFuzzTb, TheCorpusLeavesTheCoreAbleToGoOn) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator("tb/fuzz/corpus")) {
    files.push_back(entry.path());
  }
  std::ranges::sort(files);
  ASSERT_FALSE(files.empty());
  for (const auto& file : files) {
    std::ifstream stream(file, std::ios::binary);
    const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(stream), {}};
    EXPECT_NO_THROW(BusTarget::Run(bytes)) << file;
  }
}

TEST(BusFuzzTb, RandomHostsLeaveTheCoreAbleToGoOn) {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    std::vector<std::uint8_t> bytes(random() % 400 + 20);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    EXPECT_NO_THROW(BusTarget::Run(bytes)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace ep::rtl
