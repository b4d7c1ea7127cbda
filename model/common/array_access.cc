// SPDX-License-Identifier: Apache-2.0

#include "model/common/array_access.h"

#include <fmt/format.h>

#include "model/common/network.h"

namespace ep {
namespace {

constexpr const char* kPolicies[] = {"keep", "re-read", "vote", "vote-always"};

void CheckRange(const std::string& field, int value, int lowest, int highest) {
  if (value >= lowest && value <= highest) return;
  throw UserError(fmt::format("array.{} is {}: must be {}..{}", field, value, lowest, highest));
}

void CheckLadder(const char* name, const ArrayAccess::Ladder& ladder) {
  for (std::size_t i = 0; i < ladder.size(); ++i) {
    CheckRange(fmt::format("{}_levels[{}]", name, i), ladder[i].level, 0, 7);
    CheckRange(fmt::format("{}_lengths[{}]", name, i), ladder[i].length, 1, 15);
  }
}

}  // namespace

void ArrayAccess::Check() const {
  CheckRange("precharge", precharge, 0, 255);
  CheckRange("sense", sense, 1, 255);
  CheckRange("re_reads", re_reads, 0, 15);
  CheckRange("shots", shots, 1, 15);
  CheckRange("pulse", pulse, 1, 65535);
  CheckLadder("set", set);
  CheckLadder("reset", reset);
  CheckRange("spare rows", static_cast<int>(spare.size()), 0, kSpares);
}

const char* Name(LatePolicy policy) { return kPolicies[static_cast<int>(policy)]; }

std::optional<LatePolicy> LatePolicyOf(const std::string& name) {
  for (int i = 0; i < 4; ++i) {
    if (name == kPolicies[i]) return static_cast<LatePolicy>(i);
  }
  return std::nullopt;
}

}  // namespace ep
