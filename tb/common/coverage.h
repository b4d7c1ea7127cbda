// SPDX-License-Identifier: Apache-2.0
//
// Coverage of the Verilated modules of a process, all added up: call KeepCoverage before a context
// ends. At the end of the process it is written to the folder EQUISPIN_COVERAGE, as Verilator does.
// Nothing in a build without coverage.

#pragma once

#include "verilated.h"
#if VM_COVERAGE
#include <stdlib.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <unordered_map>

#include "verilated_cov.h"
#endif

namespace ep::tb {

#if VM_COVERAGE
class CoverageSum {
 public:
  static CoverageSum& Get() {
    static CoverageSum sum;
    return sum;
  }
  ~CoverageSum() {
    const char* folder = std::getenv("EQUISPIN_COVERAGE");
    if (!folder || points_.empty()) return;
    std::ofstream out(std::string(folder) + "/" + std::to_string(getpid()) + ".dat");
    for (const auto& [point, count] : points_) out << point << " " << count << "\n";
  }
  void Add(VerilatedContext& context) {
    if (!std::getenv("EQUISPIN_COVERAGE")) return;
    const std::string file =
        std::string(std::getenv("EQUISPIN_COVERAGE")) + "/part" + std::to_string(getpid());
    // Else the bins of generate loops are added up.
    context.coveragep()->forcePerInstance(true);
    context.coveragep()->write(file.c_str());
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
      const std::size_t at = line.rfind(' ');
      if (line.starts_with("C ") && at != std::string::npos) {
        points_[line.substr(0, at)] += std::stoull(line.substr(at + 1));
      }
    }
    std::remove(file.c_str());
  }

 private:
  std::unordered_map<std::string, std::uint64_t> points_;
};
inline void KeepCoverage(VerilatedContext& context) { CoverageSum::Get().Add(context); }
#else
inline void KeepCoverage(VerilatedContext&) {}
#endif

}  // namespace ep::tb
