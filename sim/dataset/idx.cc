// SPDX-License-Identifier: Apache-2.0

#include "sim/dataset/idx.h"

#include <fmt/format.h>

#include <string>
#include <system_error>

#include "sim/io/file.h"

namespace ep::sim {
namespace {

namespace fs = std::filesystem;

// The names under which a file is found: with a dash or, as some unpackers write it, a dot.
fs::path FindFile(const fs::path& folder, const std::string& part, const std::string& kind) {
  for (const char separator : {'-', '.'}) {
    for (const char* ending : {"", ".gz"}) {
      const fs::path file = folder / fmt::format("{}{}{}{}", part, separator, kind, ending);
      std::error_code ignored;
      if (fs::is_regular_file(file, ignored)) return file;
    }
  }
  return {};
}

fs::path NeedFile(const fs::path& folder, const std::string& part, const std::string& kind) {
  fs::path file = FindFile(folder, part, kind);
  if (file.empty()) {
    throw UserError(fmt::format(
        "{} has no {}-{} (nor .gz): a folder of IDX files holds train-images-idx3-ubyte, "
        "train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte",
        folder.string(), part, kind));
  }
  return file;
}

std::uint32_t BigEndian(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

// An array of bytes with its sizes.
struct Idx {
  std::vector<std::uint32_t> sizes;
  std::vector<std::uint8_t> values;
};

Idx ReadIdxFile(const fs::path& file, unsigned dimensions) {
  const std::string bytes = ReadPackedFile(file);
  const std::string shown = file.string();
  const std::size_t header = 4 + 4 * dimensions;
  // Two zero bytes, type 8 (unsigned byte), number of dimensions.
  const std::uint32_t mark = 0x0800 | dimensions;
  if (bytes.size() >= 4 && BigEndian(bytes, 0) != mark) {
    throw UserError(fmt::format("{} starts with {:08x}: an IDX file of {} sizes starts with {:08x}",
                                shown, BigEndian(bytes, 0), dimensions, mark));
  }
  if (bytes.size() < header) {
    throw UserError(fmt::format("{} is truncated inside its header: get it again", shown));
  }
  Idx idx;
  std::uint64_t need = 1;
  for (unsigned d = 0; d < dimensions; ++d) {
    idx.sizes.push_back(BigEndian(bytes, 4 + 4 * d));
    need *= idx.sizes.back();
    if (idx.sizes.back() == 0 || need > std::uint64_t{1} << 40) {
      throw UserError(fmt::format("{}: size {} is {}: the header is damaged: get it again", shown,
                                  d, idx.sizes.back()));
    }
  }
  const std::uint64_t have = bytes.size() - header;
  if (have != need) {
    throw UserError(
        fmt::format("{} holds {} bytes of data, its header says {}: the file is {}: "
                    "get it again",
                    shown, have, need, have < need ? "truncated" : "too long"));
  }
  idx.values.assign(bytes.begin() + static_cast<std::ptrdiff_t>(header), bytes.end());
  return idx;
}

Images ReadPart(const fs::path& folder, const std::string& part) {
  const fs::path image_file = NeedFile(folder, part + "-images", "idx3-ubyte");
  const fs::path label_file = NeedFile(folder, part + "-labels", "idx1-ubyte");
  Idx images = ReadIdxFile(image_file, 3);
  Idx labels = ReadIdxFile(label_file, 1);
  if (images.sizes[0] != labels.sizes[0]) {
    throw UserError(fmt::format("{} holds {} images, but {} holds {} labels: get both again",
                                image_file.string(), images.sizes[0], label_file.string(),
                                labels.sizes[0]));
  }
  return {.height = static_cast<int>(images.sizes[1]),
          .width = static_cast<int>(images.sizes[2]),
          .pixels = std::move(images.values),
          .labels = std::move(labels.values)};
}

}  // namespace

bool HasIdx(const fs::path& folder) {
  return !FindFile(folder, "train-images", "idx3-ubyte").empty();
}

ImageSets ReadIdx(const fs::path& folder) {
  ImageSets sets{.train = ReadPart(folder, "train"), .test = ReadPart(folder, "t10k")};
  if (sets.train.height != sets.test.height || sets.train.width != sets.test.width) {
    throw UserError(fmt::format(
        "{}: training images are {}x{}, test images {}x{}: both must have one size",
        folder.string(), sets.train.height, sets.train.width, sets.test.height, sets.test.width));
  }
  return sets;
}

}  // namespace ep::sim
