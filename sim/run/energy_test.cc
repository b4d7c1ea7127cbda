// SPDX-License-Identifier: Apache-2.0

#include "sim/run/energy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/dataset/locate.h"
#include "sim/io/file.h"
#include "sim/testing/test_support.h"

namespace ep::sim {
namespace {

using ::testing::HasSubstr;

constexpr char kTable[] = R"(nm = 130
volt = 1.2
[[event]]
room = "array"
phase = "drive"
counter = "rows_sensed_drive"
per = "column"
pJ = [0.02, 0.035, 0.05]
[[event]]
room = "array"
phase = "learn"
counter = "cells_set + cells_reset"
scales = false
pJ = [0.2, 1.5, 10]
[[event]]
room = "synapse"
phase = "drive"
counter = "digits"
pJ = [4, 5, 6]
)";

class EnergyTest : public ::testing::Test {
 protected:
  EnergyTable Read(const std::string& text) {
    Put(file_, text);
    return ReadEnergyTable(file_);
  }
  std::string Error(const std::string& text) {
    return ErrorOf([&] { Read(text); });
  }
  static Counters Counted() {
    Counters counters;
    counters.samples = 10;
    counters.rows_sensed_drive = 1000;
    counters.cells_set = 3;
    counters.cells_reset = 4;
    counters.digits = 2000;
    return counters;
  }
  static Hardware Built() {
    Hardware hardware;
    hardware.lanes = 32;
    hardware.weight_bits = 8;
    return hardware;
  }

  TempFolder folder_;
  std::string file_ = folder_ / "energy.toml";
};

// By hand: 1000 x 256 x 0.035 pJ = 8.96 nJ; 7 x 1.5 pJ = 0.0105 nJ; 2000 x 5 pJ = 10 nJ.
TEST_F(EnergyTest, CountsTimesEnergies) {
  const Ledger ledger = MakeLedger(Read(kTable), Counted(), Built());
  EXPECT_NEAR(ledger.lines[0].nanojoules.typical, 8.96, 1e-9);
  EXPECT_NEAR(ledger.lines[1].nanojoules.typical, 0.0105, 1e-9);
  EXPECT_NEAR(ledger.lines[2].nanojoules.typical, 10, 1e-9);
  EXPECT_NEAR(ledger.Total().typical, 18.9705, 1e-9);
  EXPECT_NEAR(ledger.Total().low, 5.12 + 0.0014 + 8, 1e-9);
  EXPECT_NEAR(ledger.Total().high, 12.8 + 0.07 + 12, 1e-9);
}

// By rooms, by phases and by events, the same total, a sample.
TEST_F(EnergyTest, RoomsPhasesAndEventsAddUpToTheTotal) {
  const auto json = LedgerToJson(MakeLedger(Read(kTable), Counted(), Built()));
  for (const char* bound : {"low", "typical", "high"}) {
    const double total = json["nanojoules_a_sample"][bound];
    double rooms = 0, phases = 0, events = 0;
    for (const auto& room : json["rooms"]) rooms += room[bound].get<double>();
    for (const auto& phase : json["phases"]) phases += phase[bound].get<double>();
    for (const auto& event : json["events"]) {
      events += event["nanojoules_a_sample"][bound].get<double>();
    }
    EXPECT_GT(total, 0);
    EXPECT_NEAR(rooms, total, 1e-9);
    EXPECT_NEAR(phases, total, 1e-9);
    EXPECT_NEAR(events, total, 1e-9);
  }
}

// [STI17]: 6.01 and 1.95 times HP45 at 1 V.
TEST_F(EnergyTest, ScalesByPublishedFactors) {
  EXPECT_NEAR(1 / EnergyScale(130, 1.2, 45), 6.01, 0.01);
  EXPECT_NEAR(EnergyScale(45, 1.0, 65), 1.95, 0.01);
  const double at28 = EnergyScale(130, 1.2, 28);
  EXPECT_LT(EnergyScale(130, 1.2, 20), at28);
  EXPECT_GT(EnergyScale(130, 1.2, 32), at28);
  EXPECT_THAT(ErrorOf([] { EnergyScale(130, 1.2, 14); }), HasSubstr("14 nm"));
}

// A pulse costs what it costs in any process; the rest scales.
TEST_F(EnergyTest, ProgrammingDoesNotScale) {
  const auto json = LedgerToJson(MakeLedger(Read(kTable), Counted(), Built()));
  EXPECT_NEAR(json["scaled"]["65 nm"]["typical"].get<double>(),
              1.896 * EnergyScale(130, 1.2, 65) + 0.00105, 1e-9);
  EXPECT_EQ(json["factors"]["65 nm"].get<double>(), EnergyScale(130, 1.2, 65));
}

TEST_F(EnergyTest, TheWidestBoundsComeFirst) {
  const auto json = LedgerToJson(MakeLedger(Read(kTable), Counted(), Built()));
  EXPECT_EQ(json["widest"][0]["counter"], "rows_sensed_drive");
  EXPECT_EQ(json["widest"][1]["counter"], "digits");
}

TEST_F(EnergyTest, BadTablesAreOneLineWithTheRemedy) {
  EXPECT_THAT(Error("nm = 130\nvolt = 1.2\n"), HasSubstr("at least one [[event]]"));
  const std::string head = "nm = 130\nvolt = 1.2\n[[event]]\nroom = \"array\"\nphase = \"drive\"\n";
  EXPECT_THAT(Error(head + "counter = \"rows\"\npJ = [1, 2, 3]\n"), HasSubstr("no such counter"));
  EXPECT_THAT(Error(head + "counter = \"digits\"\npJ = [1, 3, 2]\n"), HasSubstr("ascending"));
  EXPECT_THAT(Error(head + "counter = \"digits\"\npJ = [1, 2, 3]\nunit = 1\n"), HasSubstr("unit"));
  EXPECT_THAT(Error("nm = 131" + std::string(kTable).substr(8)), HasSubstr("131 nm"));
}

TEST_F(EnergyTest, TheTableOfTheRepositoryIsGood) {
  const auto found = FindNearby("constraints/energy.toml");
  ASSERT_FALSE(found.empty());
  EXPECT_GT(ReadEnergyTable(found.front().string()).events.size(), 4u);
}

}  // namespace
}  // namespace ep::sim
