// SPDX-License-Identifier: Apache-2.0
//
// A device file: the TOML that says what cells and sense amplifiers an array has. Keys, units and
// ranges are those of ep::device::Parameters().

#pragma once

#include <filesystem>
#include <string>

#include "model/device/spec.h"

namespace ep::sim {

// Reads and checks a device file. Throws UserError naming file, line, key, value and remedy.
device::Spec LoadDeviceFile(const std::filesystem::path& file);

// The same from text; file is for messages and the name.
device::Spec ParseDevice(const std::string& text, const std::filesystem::path& file);

// The keys with units, ranges, defaults, marks and sources, for --help.
std::string DeviceKeys();

}  // namespace ep::sim
