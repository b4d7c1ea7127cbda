// SPDX-License-Identifier: Apache-2.0
//
// A reproducible run for tests and benchmarks: images, input codes, initial weights and the order
// of the samples, exactly as the contract says. DESIGN: docs/contract.md, "Reproducible run".

#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "model/common/machine.h"

namespace ep::plain {

// Images of one shape with their classes; pixels are image-major, row-major, 0..255.
struct Images {
  int rows = 0;
  int columns = 0;
  std::vector<std::uint8_t> pixels;
  std::vector<std::uint8_t> labels;
  std::size_t size() const { return labels.size(); }
};

struct DataSet {
  Images train;
  Images test;
};

// The digits, from a CSV file of 64 values 0..16 and the class a line, plain or gzipped; image i is
// a test image where i mod 5 = 4. Nothing where the file cannot be read.
std::optional<DataSet> ReadDigits(const std::string& path);

// Four IDX files in a folder, named as MNIST's. Nothing where one is absent or malformed.
std::optional<DataSet> ReadIdx(const std::string& folder);

// The files above at their usual places: sim/data/digits.csv.gz and $EQUISPIN_DATA or
// build/data/mnist, looked for from the working folder upwards.
std::optional<DataSet> FindDigits();
std::optional<DataSet> FindMnist();

// Input codes of all images, image-major. pool is 1 or 2; codes are 0..Q for 1-, 2- and 4-bit
// pixels and the states x otherwise, as Sample wants them.
std::vector<std::uint8_t> Encode(const Images& images, int pool, int pixel_bits);

// One training run on a machine: draws the weights, then the order of every epoch.
class Recipe {
 public:
  // train_samples is the N of the contract, 0 for all.
  Recipe(const Network& network, const DataSet& data, int pool, unsigned seed, int weight_init,
         std::size_t train_samples = 0);

  // Samples point into this object, which must stay where it is while they are used.
  Recipe(const Recipe&) = delete;
  Recipe& operator=(const Recipe&) = delete;

  // Accessors, in lower case for the tests that use them.
  // NOLINTBEGIN(readability-identifier-naming)
  const Weights& initial_weights() const { return initial_weights_; }
  const std::vector<Sample>& test() const { return test_; }
  // NOLINTEND(readability-identifier-naming)
  // The samples of the next epoch in their order.
  std::vector<Sample> NextEpoch();
  // Correct predictions over the whole test set; m is not used.
  int TestCorrect(Machine& machine) const;

 private:
  std::mt19937 random_;
  Weights initial_weights_;
  std::vector<std::uint8_t> train_codes_;
  std::vector<std::uint8_t> test_codes_;
  std::vector<Sample> train_;
  std::vector<Sample> test_;
  std::vector<std::size_t> order_;
  std::size_t train_samples_;
  bool stochastic_;
};

// The networks of the anchor results.
Network AnchorDigits128();
Network AnchorDigits64x32();
Network AnchorMnist784();
Network AnchorMnist256();

}  // namespace ep::plain
