// SPDX-License-Identifier: Apache-2.0

#include "sim/dataset/locate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <functional>
#include <system_error>

#include "model/common/network.h"
#include "sim/dataset/idx.h"

namespace ep::sim {
namespace {

namespace fs = std::filesystem;

// Where Debian's package dataset-fashion-mnist puts it.
constexpr char kFashion[] = "/usr/share/datasets/fashion-mnist";
constexpr char kDigitsFile[] = "digits.csv.gz";

bool Exists(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

void SearchUpwards(fs::path folder, const fs::path& relative, std::vector<fs::path>& found) {
  while (true) {
    if (Exists(folder / relative)) found.push_back(folder / relative);
    if (folder == folder.parent_path()) return;
    folder = folder.parent_path();
  }
}

}  // namespace

std::vector<fs::path> FindNearby(const fs::path& relative) {
  std::vector<fs::path> found;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) SearchUpwards(program.parent_path(), relative, found);
  const fs::path here = fs::current_path(error);
  if (!error) SearchUpwards(here, relative, found);
  return found;
}

namespace {

// A file, or the name of one in a folder that comes with the program.
fs::path FindDescription(const std::string& name, const fs::path& folder, const char* what,
                         const char* example) {
  if (Exists(name)) return name;
  if (fs::path(name).filename() == name) {
    const std::string file = name.ends_with(".toml") ? name : name + ".toml";
    const std::vector<fs::path> found = FindNearby(folder / file);
    if (!found.empty()) return found.front().lexically_proximate(fs::current_path());
  }
  throw UserError(fmt::format("{} is neither a file nor a {} of {}: name a .toml file, such as {}",
                              name, what, folder.string(), example));
}

}  // namespace

fs::path FindNetwork(const std::string& name) {
  return FindDescription(name, "sim/nets", "network", "sim/nets/digits-128.toml");
}

fs::path FindDevice(const std::string& name) {
  return FindDescription(name, "sim/devices", "device", "sim/devices/mram-typ.toml");
}

fs::path FindData(const std::string& set, const std::string& data_dir) {
  const bool digits = set == "digits";
  const bool fashion = set == "fashion-mnist";
  const bool folder = !digits && !fashion && set != "mnist";
  const auto holds = [digits](const fs::path& place) {
    return digits ? Exists(place / kDigitsFile) : HasIdx(place);
  };
  std::vector<fs::path> places;
  if (!data_dir.empty()) {
    // What is named must be there: nothing else is tried.
    places = {data_dir};
  } else if (folder) {
    places = {set};
  } else if (fashion) {
    places = FindNearby("build/data/fashion-mnist");
    places.emplace_back(kFashion);
  } else {
    const char* variable = std::getenv("EQUISPIN_DATA");
    if (variable && *variable) places.emplace_back(variable);
    for (const fs::path& place : FindNearby(digits ? "sim/data" : "build/data/mnist")) {
      places.push_back(place);
    }
  }
  for (const fs::path& place : places) {
    if (holds(place)) return place;
  }
  std::vector<std::string> looked;
  for (const fs::path& place : places) looked.push_back(place.string());
  throw UserError(fmt::format(
      "data set {} not found: looked in {} for {}: {}", set,
      looked.empty() ? "no folder" : fmt::format("{}", fmt::join(looked, ", ")),
      digits ? kDigitsFile : "train-images-idx3-ubyte (or .gz)",
      digits ? "name its folder with --data"
      : fashion
          ? "install Debian's package dataset-fashion-mnist (scripts/setup.sh study), or name a "
            "folder of its IDX files with --data"
      : folder ? "name its folder with --data or data.set"
               : "run `make mnist`, or name a folder of MNIST's IDX files with --data or "
                 "EQUISPIN_DATA"));
}

}  // namespace ep::sim
