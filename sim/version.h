// SPDX-License-Identifier: Apache-2.0
//
// Versions that a result names: bits can be reproduced only with what made them.

#pragma once

#include <nlohmann/json.hpp>

namespace ep::sim {

extern const char kVersion[];  // SemVer over ports, parameters, formats, registers and bits

// {"equispin": ..., "compiler": ..., "zlib": ...}
nlohmann::ordered_json VersionsJson();

}  // namespace ep::sim
