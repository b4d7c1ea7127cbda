// SPDX-License-Identifier: Apache-2.0
//
// ep_readout against model/neuron/readout.h: groups of 4 neurons.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "Vep_readout.h"
#include "model/neuron/readout.h"
#include "tb/common/bench.h"
#include "tb/common/ports.h"
#include "tb/common/random.h"
#include "tb/common/stream.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kSeed = 43;
constexpr int kLanes = 4;

class ReadoutTb : public ::testing::Test {
 protected:
  ReadoutTb() {
    bench->reset_i = bench->clear_i = bench->valid_i = bench->outcome_i = 0;
    bench->gated_i = 0;
    bench.Reset();
    sink.on_error = [](const std::string& what) { ADD_FAILURE() << what; };
    bench.OnCycle([this] { sink.Drive(random.Percent(stall)); }, [this] { sink.Sample(); });
  }

  void Clear() {
    bench->clear_i = 1;
    bench.Cycle();
    bench->clear_i = 0;
  }

  // One group; lanes beyond `states` are not of the population and hold noise.
  void Group(int first, const std::vector<std::uint8_t>& states) {
    SetNoise(bench->state_i, kLanes * 8, random);
    for (int j = 0; j < static_cast<int>(states.size()); ++j) {
      SetBits(bench->state_i, j * 8, 8, states[j]);
    }
    bench->lanes_i = static_cast<std::uint8_t>(Ones(static_cast<int>(states.size())));
    bench->first_i = static_cast<std::uint8_t>(first);
    bench->valid_i = 1;
    bench.Cycle();
    bench->valid_i = 0;
  }

  // All outputs, with gaps where the groups hold noise that is not valid.
  void Sweep(const std::vector<std::uint8_t>& states, int label, int gaps = 0) {
    Clear();
    bench->class_i = static_cast<std::uint8_t>(label);
    const int count = static_cast<int>(states.size());
    for (int first = 0; first < count; first += kLanes) {
      while (random.Percent(gaps)) {
        SetNoise(bench->state_i, kLanes * 8, random);
        bench->lanes_i = random.Bits() & 15u;
        bench->first_i = random.Bits() & 255u;
        bench.Cycle();
      }
      Group(first, {states.begin() + first, states.begin() + std::min(first + kLanes, count)});
    }
  }

  // The prediction leaves as one beat.
  std::uint32_t Outcome(bool gated = false) {
    for (int i = 0; i < 1000 && !bench->outcome_ready_o; ++i) bench.Cycle();
    EXPECT_TRUE(bench->outcome_ready_o);
    bench->outcome_i = 1;
    bench->gated_i = gated;
    bench.Cycle();
    bench->outcome_i = 0;
    bench->gated_i = !gated;
    const std::size_t before = sink.Beats().size();
    for (int i = 0; i < 1000 && sink.Beats().size() == before; ++i) bench.Cycle();
    if (sink.Beats().size() == before) {
      ADD_FAILURE() << "no prediction came";
      return ~0u;
    }
    return sink.Beats().back();
  }

  int stall = 0;
  Bench<Vep_readout> bench{kSeed};
  Random random{kSeed};
  StreamSink<std::uint32_t> sink{bench->m_axis_tvalid_o, bench->m_axis_tready_i,
                                 [this] { return bench->m_axis_tdata_o; }};
};

TEST_F(ReadoutTb, LargestStateIsPredicted) {
  Sweep({1, 2, 3, 9, 200, 7, 0, 0, 8}, 2);
  EXPECT_EQ(bench->error_o, 252);
  EXPECT_EQ(Outcome(true), 1u << 16 | 2u << 8 | 4u);
}

TEST_F(ReadoutTb, LowestIndexWinsTies) {
  for (int first = 0; first < 9; ++first) {
    std::vector<std::uint8_t> states(10, 0);
    for (int i = first; i < 10; ++i) states[i] = 77;
    Sweep(states, 0);
    EXPECT_EQ(Outcome() & 255u, static_cast<unsigned>(first));
  }
}

// A first state of 0 is a candidate, as is the only lane of a group.
TEST_F(ReadoutTb, AllZeroPredictsTheFirst) {
  Sweep({0, 0, 0, 0, 0, 0}, 5);
  EXPECT_EQ(bench->error_o, 255);
  EXPECT_EQ(Outcome(), 5u << 8);
  Sweep({0}, 0);
  EXPECT_EQ(Outcome(), 0u);
}

TEST_F(ReadoutTb, AllOfFullStatePredictsTheFirst) {
  Sweep({255, 255, 255, 255, 255}, 4);
  EXPECT_EQ(bench->error_o, 255);
  EXPECT_EQ(Outcome(), 4u << 8);
}

TEST_F(ReadoutTb, ExactOutputHasNoError) {
  for (int label = 0; label < 10; ++label) {
    std::vector<std::uint8_t> states(10, 0);
    states[label] = 255;
    Sweep(states, label);
    EXPECT_EQ(bench->error_o, 0) << label;
    EXPECT_EQ(Outcome(), static_cast<unsigned>(label << 8 | label));
  }
}

// Class 255 stands for none: every output is to be 0.
TEST_F(ReadoutTb, NoClassHasNoTarget) {
  Sweep({3, 250, 4, 0, 1}, 255);
  EXPECT_EQ(bench->error_o, 250);
  EXPECT_EQ(Outcome(), 255u << 8 | 1u);
}

// The largest error in each lane of each group, once above and once below its target.
TEST_F(ReadoutTb, ErrorIsFoundInEveryLane) {
  for (int lane = 0; lane < 10; ++lane) {
    std::vector<std::uint8_t> states(10, 5);
    states[lane] = 100;
    Sweep(states, 255);
    EXPECT_EQ(bench->error_o, 100) << lane;
    states[lane] = 50;
    Sweep(states, lane);
    EXPECT_EQ(bench->error_o, 205) << lane;
  }
}

TEST_F(ReadoutTb, LanesBeyondThePopulationDoNotCount) {
  for (int count = 1; count <= kLanes; ++count) {
    for (int i = 0; i < 50; ++i) {
      Sweep(std::vector<std::uint8_t>(count, 3), 255);
      ASSERT_EQ(bench->error_o, 3);
      ASSERT_EQ(Outcome(), 255u << 8);
    }
  }
}

TEST_F(ReadoutTb, PredictionWaitsUntilItIsTaken) {
  Sweep({1, 9, 3}, 1);
  stall = 100;
  bench->outcome_i = 1;
  bench.Cycle();
  bench->outcome_i = 0;
  // The next sweep goes on meanwhile.
  Sweep({1, 2, 90}, 2);
  for (int i = 0; i < 10; ++i) {
    bench.Cycle();
    EXPECT_EQ(bench->m_axis_tvalid_o, 1);
    EXPECT_EQ(bench->m_axis_tdata_o, 1u << 8 | 1u);
    EXPECT_EQ(bench->outcome_ready_o, 0);
  }
  stall = 0;
  bench.Cycle();
  EXPECT_EQ(bench->m_axis_tvalid_o, 0);
  EXPECT_EQ(bench->outcome_ready_o, 1);
  EXPECT_EQ(sink.Beats().size(), 1u);
  EXPECT_EQ(Outcome(), 2u << 8 | 2u);
}

TEST_F(ReadoutTb, ClearForgetsTheSweepButNotThePrediction) {
  Sweep({1, 2, 200}, 2);
  stall = 100;
  bench->outcome_i = 1;
  bench.Cycle();
  bench->outcome_i = 0;
  Group(4, {250, 255});
  Clear();
  EXPECT_EQ(bench->error_o, 0);
  EXPECT_EQ(bench->m_axis_tvalid_o, 1);
  EXPECT_EQ(bench->m_axis_tdata_o, 2u << 8 | 2u);
  bench->class_i = 255;
  Group(0, {7, 8});
  EXPECT_EQ(bench->error_o, 8);
  stall = 0;
  bench.Cycle();
  EXPECT_EQ(Outcome(), 255u << 8 | 1u);
}

TEST_F(ReadoutTb, ResetDropsThePrediction) {
  for (const bool hard : {false, true}) {
    stall = 100;
    Sweep({4, 5}, 1);
    bench->outcome_i = 1;
    bench.Cycle();
    bench->outcome_i = 0;
    EXPECT_EQ(bench->m_axis_tvalid_o, 1);
    sink.Forget();
    if (hard) {
      bench.Reset();
      EXPECT_EQ(bench->error_o, 0);
    } else {
      bench->reset_i = 1;
      bench.Cycle();
      bench->reset_i = 0;
      sink.Forget();
    }
    EXPECT_EQ(bench->m_axis_tvalid_o, 0);
    EXPECT_EQ(bench->outcome_ready_o, 1);
    stall = 0;
    sink.Beats().clear();
    Sweep({6, 5}, 0);
    EXPECT_EQ(Outcome(), 0u);
  }
}

// Populations of 1 to 256 outputs, a third of them with few different states, so that ties are
// common; gaps between the groups, and predictions that are taken in 20 to 100 % of the cycles.
TEST_F(ReadoutTb, RandomSweepsMatchModel) {
  for (int sweep = 0; sweep < 1500; ++sweep) {
    const int count = 1 + static_cast<int>(random.Below(sweep % 50 == 0 ? 256 : 20));
    const bool ties = sweep % 3 == 0;
    std::vector<std::uint8_t> states(count);
    for (auto& state : states) {
      state = static_cast<std::uint8_t>(ties ? random.Below(3) * 127 : random.Bits() & 255u);
    }
    const int label = random.Percent(10) ? 255 : static_cast<int>(random.Below(count));
    stall = 20 * static_cast<int>(random.Below(5));
    Sweep(states, label, 20);
    model::Readout readout;
    readout.Start(count == 256 ? label : label == 255 ? -1 : label);
    readout.Read(0, states);
    const std::string where = "seed " + std::to_string(kSeed) + " sweep " + std::to_string(sweep) +
                              " outputs " + std::to_string(count) + " class " +
                              std::to_string(label);
    ASSERT_EQ(bench->error_o, readout.error()) << where;
    const bool gated = random.Percent(50);
    const auto want = static_cast<unsigned>(gated << 16 | label << 8 | readout.prediction());
    ASSERT_EQ(Outcome(gated), want) << where;
  }
}

}  // namespace
}  // namespace ep::tb
