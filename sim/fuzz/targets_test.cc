// SPDX-License-Identifier: Apache-2.0
//
// The corpus of the fuzzer and what it found, without clang; and the corpus with a few bytes wrong.

#include "sim/fuzz/targets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

namespace ep::sim {
namespace {

std::vector<std::filesystem::path> Corpus(const std::string& target) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator("sim/fuzz/corpus/" + target)) {
    files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::vector<std::uint8_t> Bytes(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class FuzzTest : public ::testing::TestWithParam<std::string> {};

TEST_P(FuzzTest, TheCorpusIsTakenOrRefused) {
  const auto corpus = Corpus(GetParam());
  ASSERT_FALSE(corpus.empty());
  for (const auto& file : corpus) {
    EXPECT_NO_THROW(RunFuzzTarget(GetParam(), Bytes(file))) << file;
  }
}

// 400 mutants of each file: bytes changed, parts left out, doubled or swapped with those of others.
TEST_P(FuzzTest, DamagedFilesAreTakenOrRefused) {
  std::mt19937 random(7);
  const auto corpus = Corpus(GetParam());
  for (const auto& file : corpus) {
    const std::vector<std::uint8_t> whole = Bytes(file);
    for (int i = 0; i < 400; ++i) {
      std::vector<std::uint8_t> bytes = whole;
      for (unsigned change = random() % 4 + 1; change > 0 && !bytes.empty(); --change) {
        const std::size_t at = random() % bytes.size();
        const std::size_t count = std::min<std::size_t>(random() % 16 + 1, bytes.size() - at);
        const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
        switch (random() % 4) {
          case 0:
            bytes[at] = static_cast<std::uint8_t>(random());
            break;
          case 1:
            bytes.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
            break;
          case 2: {
            const std::vector<std::uint8_t> part(begin, begin + static_cast<std::ptrdiff_t>(count));
            bytes.insert(begin, part.begin(), part.end());
            break;
          }
          default:
            bytes[at] = std::string("0-9.,[]{}\"=e\n\xff")[random() % 15];
        }
      }
      EXPECT_NO_THROW(RunFuzzTarget(GetParam(), bytes)) << file << ", mutant " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, FuzzTest, ::testing::ValuesIn(FuzzTargets()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace ep::sim
