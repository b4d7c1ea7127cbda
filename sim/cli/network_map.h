// SPDX-License-Identifier: Apache-2.0
//
// A network in words: sizes, the map of the array, the widths it needs, the hardware that fits.

#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/config/experiment.h"

namespace ep::sim {

std::string MapText(const Experiment& experiment);
nlohmann::ordered_json MapToJson(const Experiment& experiment);

}  // namespace ep::sim
