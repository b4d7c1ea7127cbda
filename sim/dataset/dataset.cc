// SPDX-License-Identifier: Apache-2.0

#include "sim/dataset/dataset.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <utility>

#include "sim/dataset/digits.h"
#include "sim/dataset/idx.h"
#include "sim/dataset/locate.h"

namespace ep::sim {
namespace {

void CheckSamples(const Experiment& experiment, const SampleSet& set, const std::string& part) {
  const Network& network = experiment.network;
  const std::string file = experiment.file.string();
  if (set.inputs != network.Inputs()) {
    throw UserError(fmt::format(
        "{}: network.populations[0] is {}, but an image of {} with data.pool = {} has {} pixels: "
        "make them equal",
        file, network.Inputs(), experiment.data.set, experiment.data.pool, set.inputs));
  }
  for (int i = 0; i < set.Count(); ++i) {
    if (set.labels[i] < network.Outputs()) continue;
    throw UserError(fmt::format(
        "{}: {} image {} has class {}, but the output has {} neurons: give the last population at "
        "least {}",
        file, part, i, set.labels[i], network.Outputs(), set.labels[i] + 1));
  }
}

// Makes the last training images the test set.
void HoldOut(const Experiment& experiment, ImageSets& images) {
  const int held = experiment.data.validation;
  const int count = images.train.Count();
  if (held >= count) {
    throw UserError(
        fmt::format("{}: data.validation is {}, but there are {} training images: hold out fewer",
                    experiment.file.string(), held, count));
  }
  Images& train = images.train;
  const std::size_t size = static_cast<std::size_t>(train.height) * train.width;
  const auto pixel = train.pixels.begin() + static_cast<std::ptrdiff_t>(size * (count - held));
  const auto label = train.labels.begin() + (count - held);
  images.test = {.height = train.height,
                 .width = train.width,
                 .pixels = {pixel, train.pixels.end()},
                 .labels = {label, train.labels.end()}};
  train.pixels.erase(pixel, train.pixels.end());
  train.labels.erase(label, train.labels.end());
}

}  // namespace

Dataset LoadDataset(const Experiment& experiment, const std::string& data_dir) {
  const DataSpec& spec = experiment.data;
  Dataset dataset;
  dataset.folder = FindData(spec.set, data_dir);
  ImageSets images =
      spec.set == "digits" ? ReadDigits(dataset.folder / "digits.csv.gz") : ReadIdx(dataset.folder);
  if (spec.validation > 0) HoldOut(experiment, images);
  dataset.train = Encode(images.train, spec.pool, experiment.network.pixel_bits);
  dataset.test = Encode(images.test, spec.pool, experiment.network.pixel_bits);
  CheckSamples(experiment, dataset.train, "training");
  CheckSamples(experiment, dataset.test, "test");
  if (spec.shift >= std::min(images.train.height, images.train.width)) {
    throw UserError(fmt::format("{}: data.shift is {}, but images are {}x{}: use a smaller one",
                                experiment.file.string(), spec.shift, images.train.height,
                                images.train.width));
  }
  if (spec.shift > 0) dataset.train_images = std::move(images.train);
  return dataset;
}

std::string DatasetChecksum(const Dataset& dataset) {
  uLong crc = crc32(0, nullptr, 0);
  for (const SampleSet* set : {&dataset.train, &dataset.test}) {
    crc = crc32_z(crc, set->codes.data(), set->codes.size());
    crc = crc32_z(crc, set->labels.data(), set->labels.size());
  }
  return fmt::format("{:08x}", crc);
}

}  // namespace ep::sim
