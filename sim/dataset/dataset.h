// SPDX-License-Identifier: Apache-2.0
//
// The data of an experiment: found, read, encoded, and checked against the network.

#pragma once

#include <filesystem>
#include <string>

#include "sim/config/experiment.h"
#include "sim/dataset/encode.h"

namespace ep::sim {

struct Dataset {
  std::filesystem::path folder;  // where it was read
  SampleSet train;
  SampleSet test;
  Images train_images;  // as they were read, where the experiment shifts them
};

// With data.validation the last training images are the test set, and only the others train.
// data_dir is --data, "" if not given. Throws UserError if the data is missing or damaged, if an
// image does not have the network's inputs or a class not one of its outputs.
Dataset LoadDataset(const Experiment& experiment, const std::string& data_dir);

// A checksum over all samples and classes, 8 hexadecimal digits: tells data sets apart.
std::string DatasetChecksum(const Dataset& dataset);

}  // namespace ep::sim
