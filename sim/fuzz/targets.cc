// SPDX-License-Identifier: Apache-2.0

#include "sim/fuzz/targets.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <utility>

#include "model/common/network.h"
#include "sim/config/device_file.h"
#include "sim/config/experiment.h"
#include "sim/dataset/digits.h"
#include "sim/dataset/idx.h"
#include "sim/io/npy.h"
#include "sim/run/replay.h"
#include "sim/run/state_file.h"

namespace ep::sim {
namespace {

namespace fs = std::filesystem;

// A small network that states and replays belong to.
constexpr char kNetwork[] =
    "name = \"tiny\"\n[data]\nset = \"digits\"\n[network]\npopulations = [4, 3, 2]\n"
    "[[projection]]\n[[projection]]\n[training]\nepochs = 1\n";

// A folder of this process with the bytes in a file.
class Place {
 public:
  Place() : folder_(fs::temp_directory_path() / ("equispin-fuzz-" + std::to_string(getpid()))) {
    fs::create_directories(folder_);
  }
  ~Place() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  fs::path Put(const std::string& name, std::span<const std::uint8_t> bytes) const {
    std::ofstream(folder_ / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    return folder_ / name;
  }
  const fs::path& Folder() const { return folder_; }

 private:
  fs::path folder_;
};

std::string Text(std::span<const std::uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

using Bytes = std::span<const std::uint8_t>;

const std::vector<std::pair<std::string, std::function<void(Bytes)>>>& Table() {
  static const Place place;
  static const Experiment tiny = ParseExperiment(kNetwork, "tiny.toml");
  static const std::vector<std::pair<std::string, std::function<void(Bytes)>>> table = {
      {"network", [](Bytes bytes) { ParseExperiment(Text(bytes), "fuzz.toml"); }},
      {"npy", [](Bytes bytes) { ReadNpy(place.Put("w0.npy", bytes), 4, 3, 127); }},
      {"idx",
       [](Bytes bytes) {
         // One file after the other: a byte of their length, and so on for four.
         const char* names[] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};
         for (const char* name : names) {
           const std::size_t length = bytes.empty() ? 0 : bytes[0];
           bytes = bytes.subspan(bytes.empty() ? 0 : 1);
           place.Put(name, bytes.first(std::min(length, bytes.size())));
           bytes = bytes.subspan(std::min(length, bytes.size()));
         }
         ReadIdx(place.Folder());
       }},
      {"digits", [](Bytes bytes) { ReadDigits(place.Put("digits.csv", bytes)); }},
      {"state",
       [](Bytes bytes) {
         // With the checksum that it ought to have, so that what is behind it is reached.
         std::uint64_t hash = 0xcbf29ce484222325U;
         for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3U;
         std::vector<std::uint8_t> whole(bytes.begin(), bytes.end());
         for (const char c : fmt::format("{:016x}\n", hash)) {
           whole.push_back(static_cast<std::uint8_t>(c));
         }
         ReadState(place.Put("run.state", whole), tiny.network);
       }},
      {"replay",
       [](Bytes bytes) {
         place.Put("sample.json", bytes);
         ReadReplay(place.Folder(), tiny);
       }},
      {"device", [](Bytes bytes) { ParseDevice(Text(bytes), "fuzz.toml"); }},
  };
  return table;
}

}  // namespace

std::vector<std::string> FuzzTargets() {
  std::vector<std::string> names;
  for (const auto& [name, run] : Table()) names.push_back(name);
  return names;
}

void RunFuzzTarget(const std::string& target, Bytes bytes) {
  for (const auto& [name, run] : Table()) {
    if (name != target) continue;
    try {
      run(bytes);
    } catch (const UserError& error) {
      const std::string text = error.what();
      if (text.empty()) throw std::runtime_error("an error without a text");
    }
    return;
  }
  std::abort();
}

}  // namespace ep::sim
