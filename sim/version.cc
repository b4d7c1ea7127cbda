// SPDX-License-Identifier: Apache-2.0

#include "sim/version.h"

#include <zlib.h>

#ifndef EP_VERSION
#define EP_VERSION "0.1.0"
#endif

namespace ep::sim {

const char kVersion[] = EP_VERSION;

nlohmann::ordered_json VersionsJson() {
  return {{"equispin", kVersion},
#if defined(__clang__)
          {"compiler", "clang " __clang_version__},
#else
          {"compiler", "gcc " __VERSION__},
#endif
          {"zlib", zlibVersion()}};
}

}  // namespace ep::sim
