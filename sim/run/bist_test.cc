// SPDX-License-Identifier: Apache-2.0

#include "sim/run/bist.h"

#include <gtest/gtest.h>

#include <memory>

#include "model/array/array.h"

namespace ep::sim {
namespace {

// Ideal cells but one that holds 1 for ever, one 0, and one that is late while it holds 1.
class Faulty final : public model::ArrayPort {
 public:
  Faulty(int rows, int lanes) : array_(rows, lanes) {}
  void Sense(std::uint32_t row, int cycles, model::Cells& cells, model::Cells& late) override {
    array_.Sense(row, cycles, cells, late);
    if (row == 2) cells[3] |= 0x80;
    if (row == 5) cells[1] &= 0xfe;
    if (row == 4 && cycles < 2) late[0] = cells[0] & 0x10;
  }
  int StartPulse(std::uint32_t row, bool value, const model::Cells& mask, int level) override {
    return array_.StartPulse(row, value, mask, level);
  }
  void EndPulse(int cycles) override { array_.EndPulse(cycles); }

 private:
  model::Array array_;
};

// 6 inputs, 4 neurons, 3 outputs in 8 lanes: row words 0 to 5, then 6 to 8.
Network SmallNetwork() {
  Network network;
  network.populations = {6, 4, 3};
  network.projections = {{.a = 0, .b = 1}, {.a = 1, .b = 2}};
  network.array.sense = 2;
  return network;
}

BistResult TestFaulty(const Hardware& hardware) {
  return RunBist("golden", SmallNetwork(), hardware, [](const Hardware& built) {
    return std::make_unique<Faulty>(built.array_rows, built.lanes);
  });
}

Hardware EightLanes() {
  Hardware hardware;
  hardware.lanes = 8;
  return hardware;
}

TEST(BistTest, MarchFindsEachCellInItsPlace) {
  const BistResult result = TestFaulty(EightLanes());
  EXPECT_EQ(CountCells(result.march.not_0, 8), 1U);
  EXPECT_EQ(CountCells(result.march.not_1, 8), 1U);
  EXPECT_EQ(static_cast<std::uint8_t>(result.march.not_0[0][2 * 4 + 3]), 0x80);
  EXPECT_EQ(result.march.not_1[0][5 * 4 + 1], 0x01);
  EXPECT_EQ(CountCells(result.march.Any(), 8), 2U);
}

TEST(BistTest, MarginIsThatOfTheShorterSense) {
  const BistResult result = TestFaulty(EightLanes());
  ASSERT_EQ(result.margins.size(), 2U);
  EXPECT_EQ(result.margins[0].sense_cycles, 2);
  EXPECT_EQ(result.margins[0].weak_at_0 + result.margins[0].weak_at_1, 0U);
  EXPECT_EQ(result.margins[1].sense_cycles, 1);
  EXPECT_EQ(result.margins[1].weak_at_0, 0U);
  EXPECT_EQ(result.margins[1].weak_at_1, 1U);
}

TEST(BistTest, ResultCountsCellsWeightsAndRowWords) {
  const BistResult result = TestFaulty(EightLanes());
  const auto json = BistToJson(result, SmallNetwork(), EightLanes());
  EXPECT_EQ(json["cells"], (6 * 4 + 4 * 3) * 8);
  EXPECT_EQ(json["march"]["not_0"], 1);
  EXPECT_EQ(json["march"]["not_1"], 1);
  EXPECT_EQ(json["march"]["weights"], 2);
  EXPECT_EQ(json["march"]["row_words"], 2);
  EXPECT_EQ(json["march"]["of_row_words"], 9);
  EXPECT_EQ(json["march"]["by_cell"], (nlohmann::json{1, 0, 0, 0, 0, 0, 0, 1}));
  EXPECT_NE(BistText(result, SmallNetwork(), EightLanes()).find("in 2 weights of 2 of 9 row words"),
            std::string::npos);
}

TEST(BistTest, IdealCellsHaveNothingToFind) {
  const BistResult result = RunBist("golden", SmallNetwork(), EightLanes(), nullptr);
  EXPECT_EQ(CountCells(result.march.Any(), 8), 0U);
}

TEST(BistTest, BackendWithoutAnArrayIsRefused) {
  EXPECT_THROW(RunBist("fast", SmallNetwork(), EightLanes(), nullptr), UserError);
}

}  // namespace
}  // namespace ep::sim
