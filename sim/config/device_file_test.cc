// SPDX-License-Identifier: Apache-2.0

#include "sim/config/device_file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "sim/dataset/locate.h"
#include "sim/testing/test_support.h"

namespace ep::sim {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string ParseError(const std::string& text) {
  return ErrorOf([&] { ParseDevice(text, "some/device.toml"); });
}

TEST(DeviceFileTest, EveryKeyIsReadIntoItsPlace) {
  for (const auto technology :
       {device::Technology::kIdeal, device::Technology::kMram, device::Technology::kRram}) {
    for (const device::Parameter& parameter : device::Parameters()) {
      if (!parameter.UsedBy(technology)) continue;
      const device::Spec defaults;
      // Another value in the range, one that no other key contradicts.
      const double fallback = defaults.*parameter.member;
      double value = fallback * 1.01;
      if (value == fallback) value = std::min(0.01, parameter.highest);
      if (value > parameter.highest) value = (parameter.lowest + parameter.highest) / 2;
      if (std::string_view(parameter.unit) == "0 or 1") value = 1;
      ASSERT_NE(value, fallback) << parameter.key;
      const std::string text =
          fmt::format("technology = \"{}\"\n[{}]\n{} = {}\n", device::Name(technology),
                      parameter.section, parameter.key, value);
      const device::Spec spec = ParseDevice(text, "some/device.toml");
      for (const device::Parameter& other : device::Parameters()) {
        const double expected = other.member == parameter.member ? value : defaults.*other.member;
        EXPECT_EQ(spec.*other.member, expected) << text << other.section << "." << other.key;
      }
    }
  }
}

TEST(DeviceFileTest, FaultsNameFileLineKeyValueAndRemedy) {
  EXPECT_THAT(ParseError(""), AllOf(StartsWith("some/device.toml"),
                                    HasSubstr("technology is missing: must be ideal, mram or")));
  EXPECT_THAT(ParseError("technology = \"sram\"\n"), HasSubstr("is sram: must be ideal, mram"));
  EXPECT_THAT(ParseError("technology = \"mram\"\ncell = \"triple\"\n"),
              HasSubstr("some/device.toml:2: cell is triple: must be single or differential"));
  EXPECT_THAT(ParseError("technology = \"mram\"\n[mtj]\ntmr = 9\n"),
              HasSubstr("some/device.toml:3: mtj.tmr is 9: must be a number 0.1..4"));
  EXPECT_THAT(ParseError("technology = \"mram\"\n[mtj]\ntmr = nan\n"),
              HasSubstr("mtj.tmr is nan: must be a number"));
  EXPECT_THAT(ParseError("technology = \"mram\"\n[mtj]\ntmr = \"1\"\n"), HasSubstr("mtj.tmr is"));
  EXPECT_THAT(ParseError("technology = \"mram\"\n[mtj]\nbarrier = 9\n"),
              HasSubstr("mtj.barrier is not a key: known here are"));
  EXPECT_THAT(ParseError("technology = \"mram\"\n[rram]\nlrs_ohm = 5000\n"),
              HasSubstr("rram is not a key"));
  EXPECT_THAT(ParseError("technology = \"rram\"\n[rram]\nhrs_ohm = 2000\n"),
              HasSubstr("rram.hrs_ohm is 2000: must be above rram.lrs_ohm"));
  EXPECT_THAT(ParseError("technology = \"rram\"\n[clock]\npulse_ns = 1e6\nperiod_ns = 1\n"),
              HasSubstr("clock.pulse_ns is 1000000: 1000000 cycles"));
  EXPECT_THAT(ParseError("technology = [\n"), HasSubstr("not TOML"));
}

// Each preset states every parameter of its technology, with unit, range and source.
TEST(DeviceFileTest, PresetsAreComplete) {
  int presets = 0;
  for (const auto& entry : std::filesystem::directory_iterator(FindDevice("ideal").parent_path())) {
    const std::string text = Get(entry.path().string());
    const device::Spec spec = ParseDevice(text, entry.path());
    EXPECT_EQ(text.substr(text.find("\n\n") + 2), device::ToToml(spec)) << entry.path();
    EXPECT_EQ(FindDevice(spec.name).filename(), entry.path().filename());
    ++presets;
  }
  EXPECT_GE(presets, 9);
}

}  // namespace
}  // namespace ep::sim
