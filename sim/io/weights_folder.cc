// SPDX-License-Identifier: Apache-2.0

#include "sim/io/weights_folder.h"

#include <fmt/format.h>

#include <memory>
#include <system_error>
#include <vector>

#include "sim/io/file.h"
#include "sim/io/npy.h"

namespace ep::sim {
namespace {

namespace fs = std::filesystem;

fs::path FileOf(const fs::path& folder, std::size_t projection) {
  return folder / fmt::format("w{}.npy", projection);
}

// A file beyond the last projection belongs to another network.
void CheckNoneBeyond(const fs::path& folder, const Network& network) {
  const fs::path beyond = FileOf(folder, network.projections.size());
  std::error_code ignored;
  if (!fs::exists(beyond, ignored)) return;
  throw UserError(fmt::format(
      "{} holds a {}, but the network has {} projections: these are weights of another network: "
      "name another folder",
      folder.string(), beyond.filename().string(), network.projections.size()));
}

}  // namespace

Weights ReadWeightsFolder(const fs::path& folder, const Network& network) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    throw UserError(fmt::format("{} is not a folder: weights are a folder of w0.npy, w1.npy, ...",
                                folder.string()));
  }
  CheckNoneBeyond(folder, network);
  Weights weights;
  for (std::size_t p = 0; p < network.projections.size(); ++p) {
    weights.push_back(ReadNpy(FileOf(folder, p), network.Rows(static_cast<int>(p)),
                              network.Lanes(static_cast<int>(p)), network.WeightMax()));
  }
  return weights;
}

void WriteWeightsFolder(const fs::path& folder, const Network& network, const Weights& weights) {
  std::vector<std::unique_ptr<AtomicFile>> files;
  for (std::size_t p = 0; p < weights.size(); ++p) {
    auto& file = files.emplace_back(std::make_unique<AtomicFile>(FileOf(folder, p)));
    file->Write(FormatNpy(weights[p], network.Rows(static_cast<int>(p)),
                          network.Lanes(static_cast<int>(p))));
    file->Sync();
  }
  for (auto& file : files) file->Commit();
}

void CheckWeightsFolder(const fs::path& folder, const Network& network) {
  CheckNoneBeyond(folder, network);
  CheckWritable(FileOf(folder, 0));
}

}  // namespace ep::sim
