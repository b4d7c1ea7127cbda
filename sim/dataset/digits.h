// SPDX-License-Identifier: Apache-2.0
//
// The 8x8 digits: a CSV file, plain or gzipped, of 64 values 0..16 and the class a line.

#pragma once

#include <filesystem>

#include "sim/dataset/images.h"

namespace ep::sim {

// X = min(255, 16 v); image i is a test image where i mod 5 = 4, the others train, in file order.
// Throws UserError naming file, line and value.
ImageSets ReadDigits(const std::filesystem::path& file);

}  // namespace ep::sim
