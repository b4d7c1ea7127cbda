// SPDX-License-Identifier: Apache-2.0
//
// IDX files, the format of MNIST, plain or gzipped: train-images-idx3-ubyte and its three sisters.

#pragma once

#include <filesystem>

#include "sim/dataset/images.h"

namespace ep::sim {

// Whether the folder holds the training images.
bool HasIdx(const std::filesystem::path& folder);

// Reads the four files. Throws UserError naming the file and what is wrong: missing, not IDX,
// truncated, too long, or different numbers of images and labels or sizes of images.
ImageSets ReadIdx(const std::filesystem::path& folder);

}  // namespace ep::sim
