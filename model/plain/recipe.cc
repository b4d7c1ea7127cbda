// SPDX-License-Identifier: Apache-2.0

#include "model/plain/recipe.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <sstream>
#include <utility>

#include "model/common/dither.h"

namespace ep::plain {
namespace {

using Bytes = std::vector<std::uint8_t>;

std::optional<Bytes> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

// The standard tool unpacks, so that the models need no library for it.
std::optional<Bytes> ReadGzip(const std::string& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const std::string command = "gzip -dc '" + path + "'";
  std::FILE* pipe = popen(command.c_str(), "r");  // NOLINT(bugprone-command-processor): as above
  if (pipe == nullptr) return std::nullopt;
  Bytes bytes;
  std::array<std::uint8_t, 65536> buffer;
  for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    bytes.insert(bytes.end(), buffer.data(), buffer.data() + n);
  }
  if (pclose(pipe) != 0) return std::nullopt;
  return bytes;
}

// Header of an IDX file: two zero bytes, type 8 (bytes), dimensions, then each size, big-endian.
std::optional<std::vector<std::size_t>> IdxSizes(const Bytes& bytes, std::size_t dimensions) {
  if (bytes.size() < 4 + 4 * dimensions) return std::nullopt;
  if (bytes[0] != 0 || bytes[1] != 0 || bytes[2] != 8 || bytes[3] != dimensions) {
    return std::nullopt;
  }
  std::vector<std::size_t> sizes;
  std::size_t total = 1;
  for (std::size_t d = 0; d < dimensions; ++d) {
    std::size_t size = 0;
    for (std::size_t k = 0; k < 4; ++k) size = (size << 8) | bytes[4 + 4 * d + k];
    sizes.push_back(size);
    total *= size;
  }
  if (bytes.size() != 4 + 4 * dimensions + total) return std::nullopt;
  return sizes;
}

std::optional<Images> ReadIdxPart(const std::string& folder, const std::string& part) {
  const auto pixels = ReadFile(folder + "/" + part + "-images-idx3-ubyte");
  const auto labels = ReadFile(folder + "/" + part + "-labels-idx1-ubyte");
  if (!pixels || !labels) return std::nullopt;
  const auto image_sizes = IdxSizes(*pixels, 3);
  const auto label_sizes = IdxSizes(*labels, 1);
  if (!image_sizes || !label_sizes || (*image_sizes)[0] != (*label_sizes)[0]) return std::nullopt;
  Images images;
  images.rows = static_cast<int>((*image_sizes)[1]);
  images.columns = static_cast<int>((*image_sizes)[2]);
  images.pixels.assign(pixels->begin() + 16, pixels->end());
  images.labels.assign(labels->begin() + 8, labels->end());
  return images;
}

// The first of `folder/name` for the working folder and those above it that exists.
std::string FindUpwards(const std::string& name) {
  namespace fs = std::filesystem;
  for (fs::path folder = fs::current_path();; folder = folder.parent_path()) {
    if (fs::exists(folder / name)) return (folder / name).string();
    if (folder == folder.parent_path()) return name;
  }
}

Network MakeNetwork(std::vector<int> populations, std::vector<int> gains,
                    std::vector<int> learning) {
  Network network;
  network.populations = std::move(populations);
  for (std::size_t p = 0; p < gains.size(); ++p) {
    network.projections.push_back({.a = static_cast<int>(p),
                                   .b = static_cast<int>(p) + 1,
                                   .gain_shift = gains[p],
                                   .learning_shift = learning[p],
                                   .learn = true});
  }
  return network;
}

std::vector<Sample> Samples(const Images& images, const Bytes& codes) {
  std::vector<Sample> samples;
  samples.reserve(images.size());
  const std::size_t inputs = images.size() == 0 ? 0 : codes.size() / images.size();
  for (std::size_t i = 0; i < images.size(); ++i) {
    samples.push_back(
        {.codes = std::span(codes).subspan(i * inputs, inputs), .label = images.labels[i]});
  }
  return samples;
}

}  // namespace

std::optional<DataSet> ReadDigits(const std::string& path) {
  const auto bytes = path.ends_with(".gz") ? ReadGzip(path) : ReadFile(path);
  if (!bytes) return std::nullopt;
  DataSet data;
  std::istringstream lines(std::string(bytes->begin(), bytes->end()));
  std::string line;
  for (int i = 0; std::getline(lines, line); ++i) {
    Images& images = i % 5 == 4 ? data.test : data.train;
    images.rows = images.columns = 8;
    std::istringstream fields(line);
    std::string field;
    for (int k = 0; std::getline(fields, field, ','); ++k) {
      int value = 0;
      std::from_chars(field.data(), field.data() + field.size(), value);
      if (k < 64) {
        images.pixels.push_back(static_cast<std::uint8_t>(std::min(kStateMax, 16 * value)));
      } else {
        images.labels.push_back(static_cast<std::uint8_t>(value));
      }
    }
  }
  return data;
}

std::optional<DataSet> ReadIdx(const std::string& folder) {
  auto train = ReadIdxPart(folder, "train");
  auto test = ReadIdxPart(folder, "t10k");
  if (!train || !test) return std::nullopt;
  return DataSet{.train = *std::move(train), .test = *std::move(test)};
}

std::optional<DataSet> FindDigits() { return ReadDigits(FindUpwards("sim/data/digits.csv.gz")); }

std::optional<DataSet> FindMnist() {
  const char* folder = std::getenv("EQUISPIN_DATA");
  return ReadIdx(folder != nullptr ? folder : FindUpwards("build/data/mnist"));
}

std::vector<std::uint8_t> Encode(const Images& images, int pool, int pixel_bits) {
  const int q = (1 << pixel_bits) - 1;
  const bool sums_codes = pixel_bits == 1 || pixel_bits == 2 || pixel_bits == 4;
  const int rows = images.rows / pool;
  const int columns = images.columns / pool;
  Bytes codes;
  codes.reserve(images.size() * rows * columns);
  for (std::size_t image = 0; image < images.size(); ++image) {
    const std::uint8_t* pixels = &images.pixels[image * images.rows * images.columns];
    const auto pixel = [&](int r, int c) { return int{pixels[r * images.columns + c]}; };
    for (int r = 0; r < rows; ++r) {
      for (int c = 0; c < columns; ++c) {
        const int x = pool == 1 ? pixel(r, c)
                                : (pixel(2 * r, 2 * c) + pixel(2 * r, 2 * c + 1) +
                                   pixel(2 * r + 1, 2 * c) + pixel(2 * r + 1, 2 * c + 1) + 2) >>
                                      2;
        const int code = (x * q + 127) / 255;
        codes.push_back(static_cast<std::uint8_t>(sums_codes ? code : code * 255 / q));
      }
    }
  }
  return codes;
}

Recipe::Recipe(const Network& network, const DataSet& data, int pool, unsigned seed,
               int weight_init, std::size_t train_samples)
    : random_(seed),
      initial_weights_(InitialWeights(network, weight_init, random_)),
      train_codes_(Encode(data.train, pool, network.pixel_bits)),
      test_codes_(Encode(data.test, pool, network.pixel_bits)),
      train_(Samples(data.train, train_codes_)),
      test_(Samples(data.test, test_codes_)),
      order_(data.train.size()),
      train_samples_(train_samples == 0 ? data.train.size() : train_samples),
      stochastic_(network.stochastic) {
  std::iota(order_.begin(), order_.end(), std::size_t{0});
}

std::vector<Sample> Recipe::NextEpoch() {
  for (std::size_t i = order_.size() - 1; i >= 1; --i) {
    std::swap(order_[i], order_[random_() % (i + 1)]);
  }
  std::vector<Sample> samples;
  samples.reserve(train_samples_);
  for (std::size_t i = 0; i < train_samples_; ++i) samples.push_back(train_[order_[i]]);
  if (!stochastic_) return samples;
  std::uint32_t word = std::max(static_cast<std::uint32_t>(random_()), 1U);
  for (Sample& sample : samples) {
    sample.random = word;
    word = Dither::Next(word);
  }
  return samples;
}

int Recipe::TestCorrect(Machine& machine) const {
  std::vector<Outcome> outcomes;
  machine.Run(Mode::kInfer, test_, 0, outcomes);
  int correct = 0;
  for (std::size_t i = 0; i < test_.size(); ++i) {
    correct += outcomes[i].prediction == test_[i].label;
  }
  return correct;
}

Network AnchorDigits128() { return MakeNetwork({64, 128, 10}, {7, 9}, {15, 15}); }

Network AnchorDigits64x32() {
  Network network = MakeNetwork({64, 64, 32, 10}, {7, 9, 9}, {15, 14, 16});
  network.free_sweeps = 8;
  network.nudged_sweeps = 6;
  network.nudge_shift = 0;
  network.error_gate = 26;
  network.pixel_bits = 3;
  return network;
}

Network AnchorMnist784() {
  Network network = MakeNetwork({784, 256, 10}, {9, 10}, {15, 15});
  network.pixel_bits = 1;
  return network;
}

Network AnchorMnist256() {
  Network network = MakeNetwork({196, 256, 10}, {8, 10}, {15, 15});
  network.error_gate = 100;
  network.pixel_bits = 4;
  return network;
}

}  // namespace ep::plain
