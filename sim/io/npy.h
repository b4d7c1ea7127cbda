// SPDX-License-Identifier: Apache-2.0
//
// NumPy's file format, version 1.0, for int8 matrices only.

#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace ep::sim {

// The bytes of a file that numpy.load reads as int8 [rows, lanes].
std::string FormatNpy(std::span<const std::int8_t> values, int rows, int lanes);

// Reads int8 [rows, lanes] in C order, each value in [-largest, largest]. Throws UserError naming
// what is wrong: not an .npy file, version, dtype, Fortran order, shape, length, value.
std::vector<std::int8_t> ReadNpy(const std::filesystem::path& path, int rows, int lanes,
                                 int largest);

}  // namespace ep::sim
