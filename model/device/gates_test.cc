// SPDX-License-Identifier: Apache-2.0

#include "model/device/gates.h"

#include <gtest/gtest.h>

#include <set>

namespace ep::device {
namespace {

// With fewer cells than `make devices`, and without the presets, which the program's tests add.
TEST(GatesTest, AllPass) {
  std::set<std::string> ids;
  for (const Gate& gate : RunGates({}, 100000)) {
    EXPECT_TRUE(gate.Passed()) << gate.id << " " << gate.what << ": expected " << gate.expected
                               << ", obtained " << gate.obtained << ", must be " << gate.lowest
                               << ".." << gate.highest;
    ids.insert(gate.id);
  }
  EXPECT_EQ(ids, (std::set<std::string>{"A2", "A4", "A5", "B1", "B3", "B4", "B5", "H1"}));
}

}  // namespace
}  // namespace ep::device
