// SPDX-License-Identifier: Apache-2.0

#include "sim/version.h"

#include <zlib.h>

namespace ep::sim {

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
