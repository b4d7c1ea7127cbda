// SPDX-License-Identifier: Apache-2.0
//
// What the fuzzer calls with any bytes, by file format. Each reads the bytes as a user's file would
// be read: either it is taken, or there is one UserError of one line. Everything else is a fault.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ep::sim {

// network, npy, idx, digits, state, replay, device
std::vector<std::string> FuzzTargets();

// Throws std::runtime_error, but no UserError, where the reader misbehaves. Aborts for an unknown
// target.
void RunFuzzTarget(const std::string& target, std::span<const std::uint8_t> bytes);

}  // namespace ep::sim
