// SPDX-License-Identifier: Apache-2.0
//
// The order of accesses that docs/schedule.md states, seen through the observer.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/common/memory_map.h"
#include "model/common/random_network.h"
#include "model/top/core.h"

namespace ep::model {
namespace {

struct Event {
  enum Kind { kSense, kProgram, kUpdate, kOutcome } kind;
  Pass pass = Pass::kFree;
  int sweep = 0;
  std::uint32_t address = 0;        // array row or group
  std::vector<std::uint8_t> one{};  // cells set or states
  std::vector<std::uint8_t> two{};  // cells reset
};

class Recorder final : public Observer {
 public:
  void OnSense(Pass pass, int sweep, std::uint32_t row) override {
    events.push_back({Event::kSense, pass, sweep, row});
  }
  void OnProgram(Pass pass, std::uint32_t row, std::span<const std::uint8_t> set,
                 std::span<const std::uint8_t> reset) override {
    events.push_back(
        {Event::kProgram, pass, 0, row, {set.begin(), set.end()}, {reset.begin(), reset.end()}});
  }
  void OnUpdate(Pass pass, int sweep, std::uint32_t group,
                std::span<const std::uint8_t> states) override {
    events.push_back({Event::kUpdate, pass, sweep, group, {states.begin(), states.end()}});
  }
  void OnOutcome(const Outcome& outcome) override {
    events.push_back(
        {Event::kOutcome, Pass::kFree, 0, static_cast<std::uint32_t>(outcome.prediction)});
  }

  std::vector<Event> events;
};

std::string Line(const Event& event) {
  const char* const names[] = {"drive", "free", "plus", "minus", "learn", "load", "save"};
  const char* const pass = names[static_cast<int>(event.pass)];
  // The first lane or neuron is enough for networks of single neurons.
  switch (event.kind) {
    case Event::kSense:
      return fmt::format("{} {} row {}", pass, event.sweep, event.address);
    case Event::kProgram:
      return fmt::format("{} program row {} set {:02x} reset {:02x}", pass, event.address,
                         event.one[0], event.two[0]);
    case Event::kUpdate:
      return fmt::format("{} {} group {} state {}", pass, event.sweep, event.address, event.one[0]);
    case Event::kOutcome:
      return fmt::format("prediction {}", event.address);
  }
  return "";
}

std::vector<std::string> Lines(const std::vector<Event>& events) {
  std::vector<std::string> lines;
  for (const Event& event : events) lines.push_back(Line(event));
  return lines;
}

Network OneNeuronEach() {
  Network network;
  network.populations = {2, 1, 1};
  network.projections = {{.a = 0, .b = 1, .gain_shift = 0, .learning_shift = 4},
                         {.a = 1, .b = 2, .gain_shift = 0, .learning_shift = 10}};
  network.free_sweeps = 3;
  network.nudged_sweeps = 2;
  network.nudge_shift = 0;
  return network;
}

Hardware EightLanes() {
  Hardware hardware;
  hardware.lanes = 8;
  hardware.neuron_lanes = 4;
  return hardware;
}

// Worked out by hand from the contract and the schedule: two inputs (0, 1), weights 100 to the
// hidden neuron and 1 from there to the output, no gain, full nudge, class 0.
TEST(CoreOrderTest, OneSampleByHand) {
  const auto core = MakeGolden(OneNeuronEach(), EightLanes());
  Recorder recorder;
  core->SetObserver(&recorder);
  core->LoadWeights({{0, 100}, {1}});
  EXPECT_EQ(Lines(recorder.events),
            (std::vector<std::string>{"load 0 row 0", "load 0 row 1",
                                      "load program row 1 set 64 reset 00", "load 0 row 2",
                                      "load program row 2 set 01 reset 00"}));
  recorder.events.clear();
  core->TakeCounters();

  const std::vector<std::uint8_t> codes = {0, 1};
  std::vector<Outcome> outcomes;
  core->Run(Mode::kTrain, std::vector<Sample>{{codes, 0}}, 1, outcomes);
  EXPECT_EQ(Lines(recorder.events),
            (std::vector<std::string>{
                "drive 1 row 1", "drive 1 group 0 state 100",
                // The hidden neuron's change reaches the output.
                "free 2 row 2", "free 2 group 2 state 100",
                // The output's change comes back; then the free sweeps end at T.
                "free 3 row 2", "free 3 group 0 state 200", "prediction 0",
                // The last change is propagated, both are updated: 200, and 200 + 155.
                "plus 1 row 2", "plus 1 group 0 state 200", "plus 1 group 2 state 255",
                // 200 + 155, and 200 + 0.
                "plus 2 row 2", "plus 2 group 0 state 255", "plus 2 group 2 state 200",
                // From 200 and 100, with sums for 200 and 255: 200, and 200 - 155.
                "minus 1 row 2", "minus 1 group 0 state 200", "minus 1 group 2 state 45",
                // 100 + 45, and 200 - 210.
                "minus 2 row 2", "minus 2 group 0 state 145", "minus 2 group 2 state 0",
                // 255 - 145 = 110 >> 4 is 7: 64 becomes 6b. 200 x 255 >> 10 is 50: 01 becomes 33.
                "learn 0 row 1", "learn program row 1 set 0b reset 04", "learn 0 row 2",
                "learn program row 2 set 32 reset 00"}));
  const Counters c = core->TakeCounters();
  EXPECT_EQ(c.rows_sensed_drive, 1U);
  EXPECT_EQ(c.rows_skipped_input_zero, 1U);
  EXPECT_EQ(c.rows_sensed_free, 2U);
  EXPECT_EQ(c.rows_sensed_nudged, 4U);
  EXPECT_EQ(c.rows_skipped_unchanged, 1U);
  EXPECT_EQ(c.rows_skipped_settled, 0U);
  EXPECT_EQ(c.rows_sensed_learn, 2U);
  EXPECT_EQ(c.rows_skipped_no_step, 1U);
  // 1; 100 = 128 - 32 + 4; 155 = 128 + 32 - 4 - 1; -155; -55 = -64 + 8 + 1.
  EXPECT_EQ(c.digits, 1U + 3U + 4U + 4U + 3U);
  EXPECT_EQ(c.extra_digits, c.digits - 5U);
  EXPECT_EQ(c.products, 2U);
  EXPECT_EQ(c.products_learn, 2U);
  EXPECT_EQ(c.group_updates, 11U);
  EXPECT_EQ(c.states_changed, 9U);
  EXPECT_EQ(c.weights_changed, 2U);
  EXPECT_EQ(c.rows_programmed, 2U);
  EXPECT_EQ(c.cells_set, 6U);
  EXPECT_EQ(c.cells_reset, 1U);
  EXPECT_EQ(c.shots, 3U);

  recorder.events.clear();
  EXPECT_EQ(core->ReadWeights(), (Weights{{0, 107}, {51}}));
  EXPECT_EQ(Lines(recorder.events),
            (std::vector<std::string>{"save 0 row 0", "save 0 row 1", "save 0 row 2"}));
  EXPECT_EQ(core->TakeCounters().rows_sensed_host, 3U);
}

// A zero sample senses and updates nothing until the first nudged sweep updates every group.
TEST(CoreOrderTest, ZeroSampleByHand) {
  const auto core = MakeGolden(OneNeuronEach(), EightLanes());
  Recorder recorder;
  core->LoadWeights({{0, 100}, {1}});
  core->SetObserver(&recorder);
  const std::vector<std::uint8_t> codes = {0, 0};
  std::vector<Outcome> outcomes;
  core->TakeCounters();
  core->Run(Mode::kTrain, std::vector<Sample>{{codes, 0}}, 0, outcomes);
  EXPECT_EQ(Lines(recorder.events),
            (std::vector<std::string>{
                "prediction 0", "plus 1 group 0 state 0", "plus 1 group 2 state 255",
                "plus 2 row 2", "plus 2 group 0 state 255", "plus 2 group 2 state 0",
                // From 0 and 0, with sums for 0 and 255.
                "minus 1 row 2", "minus 1 group 0 state 0", "minus 1 group 2 state 0"}));
  const Counters c = core->TakeCounters();
  EXPECT_EQ(c.sweeps_free, 1U);
  EXPECT_EQ(c.rows_skipped_input_zero, 2U);
  EXPECT_EQ(c.rows_skipped_settled, 2U + 1U);    // two free sweeps, one minus sweep
  EXPECT_EQ(c.rows_skipped_unchanged, 1U + 1U);  // free sweep 1, plus 1
  EXPECT_EQ(c.rows_skipped_no_step, 3U);
  EXPECT_EQ(c.products_learn, 0U);  // the output, row of [1, 2], has s+ = s- = 0
}

// Every lane with a pending delta is a product, in every word of its block; extra digits are those
// beyond the first of each word.
TEST(CoreOrderTest, ProductsAndDigitsByHand) {
  Network network;
  network.populations = {1, 10, 2};
  network.projections = {{.a = 0, .b = 1, .gain_shift = 0}, {.a = 1, .b = 2, .gain_shift = 0}};
  network.free_sweeps = 2;
  const auto core = MakeGolden(network, EightLanes());
  core->LoadWeights({{1, 2, 0, 0, 0, 0, 0, -1, 3, 0}, std::vector<std::int8_t>(20, 1)});
  core->TakeCounters();
  Recorder recorder;
  core->SetObserver(&recorder);
  const std::vector<std::uint8_t> codes = {7};
  std::vector<Outcome> outcomes;
  core->Run(Mode::kInfer, std::vector<Sample>{{codes, -1}}, 0, outcomes);
  // States 7, 14 in the first block and 21 in the second; each block has the rows of two outputs.
  EXPECT_EQ(Lines(recorder.events),
            (std::vector<std::string>{
                "drive 1 row 0", "drive 1 group 0 state 7", "drive 1 group 1 state 0",
                "drive 1 row 1", "drive 1 group 2 state 21", "free 2 row 2", "free 2 row 3",
                "free 2 row 4", "free 2 row 5", "free 2 group 4 state 42", "prediction 0"}));
  const Counters c = core->TakeCounters();
  EXPECT_EQ(c.products, 2U * 2U + 2U * 1U);
  EXPECT_EQ(c.digits, 2U * 2U);  // 8 - 1 in each block
  EXPECT_EQ(c.extra_digits, 2U);
  EXPECT_EQ(c.states_changed, 3U + 2U);
  EXPECT_EQ(c.group_updates, 4U);
}

// What holds in every network: see the comments.
class OrderCheck {
 public:
  explicit OrderCheck(const RandomCase& random)
      : network_(random.network),
        hardware_(random.hardware),
        map_(network_, hardware_),
        sequencer_(network_) {}

  void Sample(const std::vector<Event>& events) {
    std::map<std::pair<Pass, int>, std::vector<Event>> sweeps;
    for (const Event& event : events) {
      if (event.kind != Event::kOutcome) sweeps[{event.pass, event.sweep}].push_back(event);
    }
    for (const auto& [key, sweep] : sweeps) {
      ExpectAscendingRows(sweep);
      if (key.first == Pass::kLearn) {
        ExpectProgramsAfterTheirSense(sweep);
      } else {
        ExpectUpdatesInPlace(sweep);
      }
      const bool nudged = key.first == Pass::kPlus || key.first == Pass::kMinus;
      if (nudged) ExpectOutputs(sweep);
      if (nudged && key.second == 1) ExpectEveryGroup(sweep);
    }
  }

 private:
  // File order, blocks ascending, rows ascending are ascending array rows in the memory map.
  static void ExpectAscendingRows(const std::vector<Event>& sweep) {
    std::int64_t last = -1;
    for (const Event& event : sweep) {
      if (event.kind != Event::kSense) continue;
      EXPECT_GT(event.address, last);
      last = event.address;
    }
  }

  static void ExpectProgramsAfterTheirSense(const std::vector<Event>& events) {
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (events[i].kind != Event::kProgram) continue;
      ASSERT_GT(i, 0U);
      EXPECT_EQ(events[i - 1].kind, Event::kSense);
      EXPECT_EQ(events[i - 1].address, events[i].address);
    }
  }

  // A group is updated once, after every word of its block and before those of the next block if
  // its population is updated by block, after all words in ascending order otherwise.
  void ExpectUpdatesInPlace(const std::vector<Event>& sweep) {
    std::set<std::uint32_t> seen;
    std::int64_t last_late = -1;
    for (std::size_t i = 0; i < sweep.size(); ++i) {
      if (sweep[i].kind != Event::kUpdate) continue;
      EXPECT_TRUE(seen.insert(sweep[i].address).second);
      const int block =
          static_cast<int>(sweep[i].address) * hardware_.neuron_lanes / hardware_.lanes;
      const std::int64_t end = RowsEnd(block, sweep[i].pass == Pass::kDrive);
      for (std::size_t j = 0; j < sweep.size(); ++j) {
        if (sweep[j].kind != Event::kSense) continue;
        EXPECT_EQ(sweep[j].address < end, j < i);
      }
      if (end != kAllRows) continue;
      EXPECT_GT(sweep[i].address, last_late);
      last_late = sweep[i].address;
    }
  }

  // The array row after the words of the block with which a block of the state memory is updated.
  std::int64_t RowsEnd(int lane_block, bool drive) const {
    int population = static_cast<int>(network_.populations.size()) - 1;
    while (map_.population_block[population] > lane_block) --population;
    if (!drive && sequencer_.UpdatedByGroupWalk(population)) return kAllRows;
    for (int p = 0; p < std::ssize(network_.projections); ++p) {
      if (network_.projections[p].LanePopulation() != population) continue;
      if (drive ? !network_.projections[p].FromInput() : !sequencer_.UpdatesBlocks(p)) continue;
      const int block = lane_block - map_.population_block[population];
      return std::int64_t{map_.projection_base[p]} + (block + 1) * network_.Rows(p);
    }
    return -1;
  }

  void ExpectOutputs(const std::vector<Event>& sweep) {
    const int first = map_.population_block.back() * (hardware_.lanes / hardware_.neuron_lanes);
    EXPECT_EQ(std::ranges::count_if(sweep,
                                    [&](const Event& event) {
                                      return event.kind == Event::kUpdate &&
                                             static_cast<int>(event.address) >= first;
                                    }),
              hardware_.Groups(network_.Outputs()));
  }

  void ExpectEveryGroup(const std::vector<Event>& sweep) {
    int groups = 0;
    for (std::size_t i = 1; i < network_.populations.size(); ++i) {
      groups += hardware_.Groups(network_.populations[i]);
    }
    EXPECT_EQ(std::ranges::count(sweep, Event::kUpdate, &Event::kind), groups);
  }

  static constexpr std::int64_t kAllRows = std::int64_t{1} << 40;

  const Network& network_;
  const Hardware& hardware_;
  MemoryMap map_;
  Sequencer sequencer_;
};

TEST(CoreOrderTest, RandomNetworksKeepTheOrder) {
  for (std::uint32_t seed = 1000; seed < 1200; ++seed) {
    const RandomCase random = MakeRandomCase(seed, MakeRandomHardware(seed));
    SCOPED_TRACE(random.Describe());
    const auto core = MakeGolden(random.network, random.hardware);
    core->LoadWeights(random.weights);
    core->TakeCounters();
    OrderCheck check(random);
    Recorder recorder;
    core->SetObserver(&recorder);
    for (const Sample& sample : random.Samples()) {
      recorder.events.clear();
      std::vector<Outcome> outcomes;
      core->Run(Mode::kTrain, {&sample, 1}, random.learning_rate, outcomes);
      check.Sample(recorder.events);
      const Counters c = core->TakeCounters();
      const auto count = [&](Event::Kind kind) {
        return static_cast<std::uint64_t>(std::ranges::count(recorder.events, kind, &Event::kind));
      };
      EXPECT_EQ(count(Event::kSense), c.RowsSensed());
      EXPECT_EQ(count(Event::kProgram), c.rows_programmed);
      EXPECT_EQ(count(Event::kUpdate), c.group_updates);
      EXPECT_EQ(count(Event::kOutcome), 1U);
      if (HasFailure()) return;
    }
  }
}

// Lanes beyond the population and neurons beyond it stay 0, whatever the weights and states are.
TEST(CoreOrderTest, NothingBeyondAPopulationIsProgrammedOrUpdated) {
  Network network;
  network.populations = {20, 11, 5};
  network.projections = {{.a = 0, .b = 1, .gain_shift = 7, .learning_shift = 6},
                         {.a = 1, .b = 2, .gain_shift = 4, .learning_shift = 6}};
  const auto core = MakeGolden(network, EightLanes());
  Recorder recorder;
  core->SetObserver(&recorder);
  core->LoadWeights({std::vector<std::int8_t>(220, 5), std::vector<std::int8_t>(55, 1)});
  const std::vector<std::uint8_t> codes(20, 200);
  std::vector<Outcome> outcomes;
  for (int i = 0; i < 10; ++i)
    core->Run(Mode::kTrain, std::vector<Sample>{{codes, i % 5}}, 31, outcomes);
  int learnt = 0;
  for (const Event& event : recorder.events) {
    if (event.kind == Event::kProgram) {
      // [0, 1]: blocks of 8 and 3 lanes, 20 rows each; [1, 2] the same with 5 rows.
      const bool second = (event.address >= 20 && event.address < 40) || event.address >= 45;
      for (int l = second ? 3 : 8; l < 8; ++l) EXPECT_EQ(event.one[l] | event.two[l], 0);
      learnt += event.pass == Pass::kLearn ? 1 : 0;
    }
    if (event.kind == Event::kUpdate) {
      // Groups of 4: 11 neurons are groups 0..2, 5 neurons are groups 4 and 5.
      const int neurons = event.address == 2 ? 3 : event.address == 5 ? 1 : 4;
      EXPECT_NE(event.address, 3U);
      for (int i = neurons; i < 4; ++i) EXPECT_EQ(event.one[i], 0);
    }
  }
  EXPECT_GT(learnt, 20);
}

}  // namespace
}  // namespace ep::model
