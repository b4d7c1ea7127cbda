// SPDX-License-Identifier: Apache-2.0

#include "model/device/write_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <vector>

#include "model/device/fokker_planck.h"

namespace ep::device {
namespace {

// A part of the table, from the corners and the middle, against the solver: one step of rounding.
TEST(WriteTableTest, IsWhatTheSolverGives) {
  if (std::getenv("EQUISPIN_UPDATE") != nullptr) {
    std::ofstream("model/device/write_table.inc") << SolvedTable();
    GTEST_SKIP() << "model/device/write_table.inc is written: build again";
  }
  for (const std::size_t i : {0U, 10U, 25U, 34U}) {
    for (const std::size_t d : {0U, 4U, 8U}) {
      const auto solved = SolveFokkerPlanck(TableDeltas()[d], TableOverdrives()[i], TableTimes());
      for (std::size_t t = 0; t < solved.size(); ++t) {
        ASSERT_NEAR(TableEntry(i, d, t), SolvedEntry(solved[t].stays, solved[t].switched), 1)
            << "overdrive " << TableOverdrives()[i] << " delta " << TableDeltas()[d] << " time "
            << TableTimes()[t];
      }
    }
  }
}

// Between the points of the table, where a write error or a switch is likelier than 1e-6.
TEST(WriteTableTest, InterpolatesBetweenItsPoints) {
  for (const double overdrive : {0.52, 0.72, 0.97, 1.07, 1.23, 1.55, 2.1, 2.9}) {
    for (const double delta : {36.0, 45.0, 65.0}) {
      std::vector<double> times;
      for (double t = 0.6; t < 60; t *= 1.13) times.push_back(t);
      const auto solved = SolveFokkerPlanck(delta, overdrive, times);
      for (std::size_t t = 0; t < times.size(); ++t) {
        const double rare = std::min(solved[t].stays, solved[t].switched);
        if (rare < 1e-6) continue;
        const double logit = std::log(solved[t].stays / solved[t].switched);
        ASSERT_NEAR(SwitchingLogit(overdrive, delta, times[t]), logit, 0.25)
            << "overdrive " << overdrive << " delta " << delta << " time " << times[t];
      }
    }
  }
}

// Rate of decay without current, by the solver of the notes: 4.93e-9 per tau_D at delta 20.
TEST(WriteTableTest, DecaysWithoutCurrent) {
  const double times[] = {100, 1000};
  const auto solved = SolveFokkerPlanck(20, 0, times);
  EXPECT_NEAR((solved[1].switched - solved[0].switched) / 900, 4.93e-9, 0.02e-9);
}

TEST(WriteTableTest, TimeIsTheInverseOfTheLogit) {
  for (const double overdrive : {0.5, 1.0, 1.77, 4.0}) {
    for (double logit = 8; logit > -25; logit -= 0.7) {
      const double time = SwitchingTime(overdrive, 52, logit);
      if (time <= TableTimes().front()) continue;
      ASSERT_NEAR(SwitchingLogit(overdrive, 52, time), logit, 1e-6)
          << "overdrive " << overdrive << " logit " << logit;
    }
  }
}

}  // namespace
}  // namespace ep::device
