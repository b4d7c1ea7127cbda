// SPDX-License-Identifier: Apache-2.0
//
// Versions that a result names: bits can be reproduced only with what made them.

#pragma once

#include <nlohmann/json.hpp>

#ifndef EP_VERSION
#define EP_VERSION "0.1.0"
#endif

namespace ep::sim {

inline constexpr char kVersion[] =
    EP_VERSION;  // SemVer over ports, parameters, formats, registers and bits

// {"equispin": ..., "compiler": ..., "zlib": ...}
nlohmann::ordered_json VersionsJson();

}  // namespace ep::sim
