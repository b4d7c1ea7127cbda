// SPDX-License-Identifier: Apache-2.0
//
// Weights as a folder: w0.npy, w1.npy, ..., one int8 matrix [rows, lanes] for each projection.

#pragma once

#include <filesystem>

#include "model/common/network.h"

namespace ep::sim {

// Throws UserError naming the file and what is wrong with it.
Weights ReadWeightsFolder(const std::filesystem::path& folder, const Network& network);

// Creates the folder if there is none; either all files are replaced or, on an OutputError, none.
void WriteWeightsFolder(const std::filesystem::path& folder, const Network& network,
                        const Weights& weights);

// Throws if the folder cannot be written or holds weights of a network with more projections.
void CheckWeightsFolder(const std::filesystem::path& folder, const Network& network);

}  // namespace ep::sim
