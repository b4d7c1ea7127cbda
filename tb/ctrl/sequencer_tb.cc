// SPDX-License-Identifier: Apache-2.0
//
// ep_sequencer against model/ctrl/sequencer.h: what it starts and counts, in order, while the rest
// of the core, played here, takes any time.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "Vep_sequencer.h"
#include "model/common/random_network.h"
#include "model/common/raw_random.h"
#include "model/ctrl/sequencer.h"
#include "tb/common/bench.h"
#include "tb/ctrl/config_port.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kSeed = 65;
constexpr std::uint8_t kTrain = 128, kInfer = 64, kLoad = 32, kSave = 16, kStop = 8, kSoftReset = 4,
                       kScrub = 2, kTest = 1;
constexpr int kNone = 255;  // class of a sample without one

// What happens in the sequencer, with up to three numbers:
//   begin                          a sample
//   walk pass                      pass_e, as it goes
//   groups op populations clear    group_op_e, whether the readout begins anew
//   sweep phase sweep flags        its end; flags: force 1, save 2, and in which phase it counts
//   settled sweeps, gated, outcome gated, take, reject, event bits
struct Token {
  std::string kind;
  int a = 0, b = 0, c = 0;
  bool operator==(const Token&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Token& token) {
  return out << token.kind << ' ' << token.a << ' ' << token.b << ' ' << token.c;
}

struct Script {
  int label = 0, error = 0;
  std::vector<bool> changes{};  // by sweep, the drive included
};

class SequencerTb : public ::testing::Test {
 protected:
  SequencerTb() {
    bench->power_good_i = 1;
    bench->timed_out_i = bench->upset_i = 0;
    bench.OnCycle([this] { Drive(); }, [this] { Sample(); });
    Use({.name = "chain",
         .populations = {4, 4, 4},
         .projections = {{.a = 0, .b = 1}, {.a = 1, .b = 2}}});
    Drive();
    bench.Reset();
  }

  void Use(const Network& used, std::uint32_t samples = 1) {
    network = used;
    config = MakeConfig(network, Hardware());
    config.samples = samples;
    SetConfig(bench->config_i, config);
    const model::Sequencer sequencer(network);
    walked = 0;
    for (int i = 1; i < config.populations; ++i) {
      if (sequencer.UpdatedByGroupWalk(i)) walked |= 1 << i;
    }
    bench->walked_i = walked;
  }
  // Samples of which one in `without` has no class; the last one has.
  void MakeScript(int samples, int without = 1000) {
    script.clear();
    for (int i = 0; i < samples; ++i) {
      Script sample{.label = i + 1 < samples && random.OneIn(without) ? kNone : random.Below(10),
                    .error = random.Below(256)};
      for (int n = 0; n < 3 * 255; ++n) sample.changes.push_back(!random.OneIn(4));
      script.push_back(std::move(sample));
    }
    current = 0;
  }

  // The rest of the core //////////////////////////////////////////////////////////////////////////

  void Drive() {
    bench->command_i = next_command;
    next_command = 0;
    bench->check_done_i = check_left == 1;
    bench->check_ok_i = check_left == 1 ? check_ok : random.OneIn(2);
    if (check_left > 0) --check_left;
    bench->sample_valid_i = sample_left == 0 && current < script.size();
    if (sample_left > 0) --sample_left;
    bench->samples_ready_i = random.Below(3);
    const bool known = current < script.size();
    bench->class_i = known ? script[current].label : random.Below(256);
    bench->error_i = known ? script[current].error : random.Below(256);
    bench->settled_ready_i = random.Below(100) >= stall;
    bench->settled_idle_i = random.Below(100) >= stall;
    bench->outcome_ready_i = random.Below(100) >= stall;
    bench->drained_i = drain_left == 0;
    bench->quiet_i = drain_left == 0 && quiet_left == 0;
    // A sweep's change comes with its begin or, if it is to come late, with its very end.
    const bool end = bench->quiet_i && (driving || groups_started);
    bench->changed_i = in_sweep && change && (late ? end : begun);
    begun = false;
    if (drain_left > 0) {
      --drain_left;
    } else if (quiet_left > 0) {
      --quiet_left;
    }
  }

  void Sample() {
    constexpr std::uint8_t kStarts = kTrain | kInfer | kLoad | kSave | kScrub | kTest;
    EXPECT_EQ(bench->check_start_o,
              !Busy() && bench->power_good_i && (bench->command_i & kStarts) != 0);
    if (bench->check_start_o) check_left = Delay();
    EXPECT_LE(bench->in_drive_o + bench->in_free_o + bench->in_nudged_o + bench->in_learn_o, 1);
    const bool lost = Busy() && (!bench->power_good_i || bench->timed_out_i);
    EXPECT_EQ(bench->clear_o, lost || bench->upset_i || (bench->command_i & kSoftReset) != 0);
    EXPECT_EQ(bench->upset_o, 0);
    EXPECT_EQ(bench->status_o >> 7 & 1, bench->power_good_i);
    EXPECT_EQ(bench->status_o & 3, bench->samples_ready_i);
    // Samples are wanted from the verdict on the network to the end of the run.
    const int state = bench->status_o >> 2 & 31;
    EXPECT_EQ(bench->run_o, Busy() && state != 1 && state != 11);
    EXPECT_LE(bench->wait_input_o, bench->run_o);
    EXPECT_LE(bench->wait_output_o, !bench->outcome_ready_i);
    if (bench->count_sweep_o) {
      const int flags = bench->force_o + 2 * bench->save_o + 4 * bench->in_drive_o +
                        8 * bench->in_free_o + 16 * bench->in_nudged_o;
      tokens.push_back({"sweep", bench->phase_o, bench->sweep_o, flags});
      in_sweep = false;
    }
    if (bench->settled_valid_o) {
      EXPECT_EQ(bench->settled_ready_i, 1);
      tokens.push_back({"settled", bench->settled_o});
    }
    if (bench->count_gated_o) tokens.push_back({"gated"});
    if (bench->outcome_o) {
      EXPECT_EQ(bench->outcome_ready_i, 1);
      tokens.push_back({"outcome", bench->outcome_gated_o});
    }
    if (bench->sample_rejected_o) tokens.push_back({"reject"});
    if (bench->sample_take_o) {
      tokens.push_back({"take"});
      ++current;
      sample_left = Delay() - 1;
    }
    EXPECT_EQ(bench->sample_begin_o, bench->count_sample_o);
    if (bench->sample_begin_o) {
      tokens.push_back({"begin"});
      sweeps = 0;
    }
    if (bench->walk_start_o) {
      EXPECT_EQ(started, -1) << "two starts";
      started = bench->walk_pass_o;
      // Ahead of its step a walk starts only where the walker has nothing to do.
      if (!bench->walk_go_o) {
        EXPECT_EQ(bench->drained_i, 1);
        ++ahead;
      }
    }
    if (bench->walk_go_o) {
      EXPECT_NE(started, -1) << "nothing to go on";
      // Drive and relax are sweeps.
      in_sweep = started <= 1;
      tokens.push_back({"walk", started});
      driving = started == 0;
      started = -1;
      groups_started = false;
      begun = true;
      drain_left = Delay() - 1;
      quiet_left = Delay() - 1;
      if (in_sweep && current < script.size()) {
        change = script[current].changes.at(sweeps++);
        late = changes_late < 0 ? random.OneIn(2) : changes_late == 1;
      }
    }
    if (bench->group_start_o) {
      tokens.push_back({"groups", bench->group_op_o, bench->groups_o, bench->readout_clear_o});
      groups_started = true;
      quiet_left = Delay() - 1;
    }
    EXPECT_LE(bench->readout_clear_o, bench->group_start_o);
    if (bench->event_o) tokens.push_back({"event", bench->event_o});
    if (bench->clear_o) started = -1;
  }

  // 1 to few cycles, or many.
  int Delay() { return random.OneIn(3) ? 1 : random.Between(1, slow); }

  // What has to happen ////////////////////////////////////////////////////////////////////////////

  void ExpectSample(const Script& sample, bool train, std::vector<Token>& expected) const {
    using Action = model::Sequencer::Action;
    using Phase = model::Sequencer::Phase;
    if (train && sample.label == kNone) {
      expected.push_back({"reject"});
      expected.push_back({"take"});
      return;
    }
    const int output = 1 << (config.populations - 1), neurons = (1 << config.populations) - 2;
    const bool gated = train && sample.error < network.error_gate;
    model::Sequencer sequencer(network);
    std::size_t sweep = 0;
    expected.push_back({"begin"});
    model::Sequencer::Step step = sequencer.Start(train ? Mode::kTrain : Mode::kInfer);
    for (bool after_drive = false; step.action != Action::kDone;) {
      bool changed = false;
      const int phase = static_cast<int>(step.phase);
      switch (step.action) {
        case Action::kDrive:
        case Action::kSweep: {
          after_drive = step.action == Action::kDrive;
          expected.push_back({"walk", after_drive ? 0 : 1});
          if (!after_drive) {
            expected.push_back({"groups", 0, walked, step.phase == Phase::kFree});
          }
          const int place = after_drive ? 4 : step.phase == Phase::kFree ? 8 : 16;
          expected.push_back({"sweep", phase, step.sweep, step.update_all + 2 * step.save + place});
          changed = sample.changes.at(sweep++);
          break;
        }
        case Action::kReadout:
          // After other sweeps than the drive the group walk of the sweep was one already.
          if (after_drive) expected.push_back({"groups", 2, output, 1});
          if (gated) expected.push_back({"gated"});
          break;
        case Action::kSwap:
          expected.push_back({"groups", 1, neurons, 0});
          break;
        case Action::kLearn:
          expected.push_back({"walk", 2});
          break;
        case Action::kDone:
          break;
      }
      const bool was_sweep = step.sweep > 0;
      const int left = was_sweep ? sequencer.SweepsLeft() : 0;
      step = sequencer.Next(changed, gated);
      if (was_sweep && (!changed || left == 0)) expected.push_back({"settled", left});
    }
    expected.push_back({"outcome", gated});
    expected.push_back({"take"});
  }

  // Runs
  // ///////////////////////////////////////////////////////////////////////////////////////////

  void Command(std::uint8_t command) {
    next_command = command;
    bench.Cycle();
    bench->command_i = 0;
    bench.Dut().eval();
  }
  bool Busy() { return (bench->status_o & 0x100) != 0; }
  void WaitIdle() {
    for (int i = 0; i < 500000 && Busy(); ++i) bench.Cycle();
    ASSERT_FALSE(Busy()) << "hangs in state " << (bench->status_o >> 2 & 31);
  }
  void Expect(const std::vector<Token>& expected) {
    for (std::size_t i = 0; i < std::min(tokens.size(), expected.size()); ++i) {
      ASSERT_EQ(tokens[i], expected[i]) << "seed " << kSeed << " step " << i;
    }
    ASSERT_EQ(tokens.size(), expected.size());
    tokens.clear();
  }
  void Run(bool train) {
    tokens.clear();
    std::vector<Token> expected;
    std::uint32_t samples = 0;
    for (const Script& sample : script) {
      ExpectSample(sample, train, expected);
      if (!train || sample.label != kNone) ++samples;
    }
    expected.push_back({"event", 1});
    config.samples = samples;
    SetConfig(bench->config_i, config);
    Command(train ? kTrain : kInfer);
    EXPECT_TRUE(Busy());
    ASSERT_NO_FATAL_FAILURE(WaitIdle());
    Expect(expected);
  }

  RawRandom random{kSeed};
  Bench<Vep_sequencer> bench{kSeed};
  Network network;
  Config config;
  int walked = 0;
  std::vector<Script> script;
  std::size_t current = 0;  // sample of the script
  std::vector<Token> tokens;
  int stall = 0, slow = 4;
  std::uint8_t next_command = 0;
  bool check_ok = true;
  int check_left = 0, sample_left = 0, drain_left = 0, quiet_left = 0;
  std::size_t sweeps = 0;
  bool in_sweep = false, driving = false, groups_started = false, begun = false;
  bool change = false, late = false;
  int changes_late = -1;  // 0 never, 1 always
  int started = -1;       // pass of the walk that waits to go
  int ahead = 0;          // walks that started before their step
};

// T and K of 1, a sample that never settles, one that settles at once, a gate that is open and one
// that is just not.
TEST_F(SequencerTb, SamplesAtTheLimits) {
  for (const auto& [free_sweeps, nudged_sweeps] : {std::pair(1, 1), {1, 3}, {4, 1}, {255, 255}}) {
    network.free_sweeps = free_sweeps;
    network.nudged_sweeps = nudged_sweeps;
    for (const int gate : {0, 100, 101, 256}) {
      network.error_gate = gate;
      for (const bool changes : {false, true}) {
        for (const bool train : {false, true}) {
          Use(network);
          MakeScript(1);
          script[0].error = 100;
          script[0].changes.assign(1000, changes);
          ASSERT_NO_FATAL_FAILURE(Run(train));
        }
      }
    }
  }
}

// With changes early in each sweep every sweep but the first of free and plus starts ahead; where
// they come with its end, only minus.
TEST_F(SequencerTb, SweepsThatFollowForSureStartAhead) {
  network.free_sweeps = 4;
  network.nudged_sweeps = 3;
  network.error_gate = 0;
  Use(network);
  for (const bool early : {true, false}) {
    for (int i = 0; i < 20 && !HasFatalFailure(); ++i) {
      MakeScript(1);
      script[0].changes.assign(1000, true);
      ahead = 0;
      changes_late = early ? 0 : 1;
      slow = 4;
      Run(true);
      // That after the drive too, if a cycle is left; minus in any case.
      EXPECT_GE(ahead, early ? 2 + 2 + 1 + 2 : 1);
      EXPECT_LE(ahead, early ? 3 + 2 + 1 + 2 : 1);
    }
  }
}

TEST_F(SequencerTb, HostCommandsAreOneWalk) {
  for (int i = 0; i < 10; ++i) {
    tokens.clear();
    Command(kLoad);
    WaitIdle();
    Expect({{"walk", 3}, {"event", 2}});
    Command(kSave);
    WaitIdle();
    Expect({{"walk", 4}, {"event", 4}});
    Command(kScrub);
    WaitIdle();
    Expect({{"walk", 5}, {"event", 512}});
    Command(kTest);
    WaitIdle();
    Expect({{"walk", 6}, {"event", 1024}});
  }
}

TEST_F(SequencerTb, RefusedNetworkStartsNothing) {
  check_ok = false;
  MakeScript(1);
  for (const std::uint8_t command : {kTrain, kInfer, kLoad, kSave, kScrub, kTest}) {
    tokens.clear();
    Command(command);
    WaitIdle();
    Expect({{"event", 64}});
  }
}

// Only idle, nothing of a stop is left for the next run.
TEST_F(SequencerTb, StopWhileIdleDoesNothing) {
  Command(kStop);
  EXPECT_FALSE(Busy());
  MakeScript(3);
  Run(true);
}

// At any cycle of a counted or endless run: the sample in work ends, another may have begun.
TEST_F(SequencerTb, StopEndsTheRunAfterTheSample) {
  for (int i = 0; i < 300 && !HasFatalFailure(); ++i) {
    const bool train = random.OneIn(2);
    MakeScript(6, 5);
    slow = random.Between(1, 8);
    config.samples = random.OneIn(2) ? 0 : 20;
    SetConfig(bench->config_i, config);
    tokens.clear();
    Command(train ? kTrain : kInfer);
    bench.Cycle(random.Below(400));
    Command(kStop);
    const std::size_t before = current;
    WaitIdle();
    EXPECT_LE(current, before + 2);
    std::vector<Token> expected;
    for (std::size_t n = 0; n < current; ++n) ExpectSample(script[n], train, expected);
    expected.push_back({"event", 8});
    Expect(expected);
  }
}

// Two samples of a run of 2^n and of 2^n + 1, which goes on then.
TEST_F(SequencerTb, LongRunsGoOn) {
  for (int n = 2; n < 32; ++n) {
    for (const std::uint32_t more : {0U, 1U}) {
      MakeScript(2);
      config.samples = (1U << n) + more;
      SetConfig(bench->config_i, config);
      Command(kInfer);
      for (int i = 0; i < 10000 && current < 2; ++i) bench.Cycle();
      EXPECT_EQ(current, 2U) << n;
      bench.Cycle(5);
      EXPECT_TRUE(Busy()) << n;
      Command(kStop);
      WaitIdle();
    }
  }
}

// At any cycle of any command: idle at once, and the next run is as ever.
TEST_F(SequencerTb, SoftResetAtAnyCycle) {
  for (int i = 0; i < 300 && !HasFatalFailure(); ++i) {
    MakeScript(3);
    for (const std::uint8_t command : {kTrain, kInfer, kLoad, kSave, kScrub, kTest}) {
      Command(command);
      bench.Cycle(random.Below(150));
      Command(kSoftReset);
      EXPECT_FALSE(Busy());
      check_left = sample_left = drain_left = quiet_left = 0;
      in_sweep = begun = false;
    }
    MakeScript(2);
    Run(random.OneIn(2));
  }
}

TEST_F(SequencerTb, StartWithoutPowerIsRefused) {
  MakeScript(1);
  for (const std::uint8_t command : {kTrain, kInfer, kLoad, kSave, kScrub, kTest}) {
    bench->power_good_i = 0;
    tokens.clear();
    Command(command);
    EXPECT_FALSE(Busy());
    bench.Cycle(5);
    Expect({{"event", 256}});
    bench->power_good_i = 1;
    MakeScript(1);
    Run(true);
  }
}

// At any cycle of any command: idle at once with one event, and the next run is as ever. An idle
// core cannot time out, but its flip-flops can change.
TEST_F(SequencerTb, TimeOutAndUpsetAtAnyCycle) {
  for (int i = 0; i < 200 && !HasFatalFailure(); ++i) {
    MakeScript(3);
    for (const std::uint8_t command : {kTrain, kInfer, kLoad, kSave, kScrub, kTest}) {
      Command(command);
      bench.Cycle(random.Below(150));
      const bool busy = Busy(), upset = random.OneIn(2);
      tokens.clear();
      bench->upset_i = upset;
      bench->timed_out_i = !upset;
      bench.Cycle();
      bench->upset_i = bench->timed_out_i = 0;
      EXPECT_FALSE(Busy());
      bench.Cycle(3);
      const int bit = upset ? 4096 : 2048;
      int events = 0;
      for (const Token& token : tokens) events += token.kind == "event" && (token.a & bit) != 0;
      EXPECT_EQ(events, busy || upset);
      check_left = sample_left = drain_left = quiet_left = 0;
      in_sweep = begun = false;
    }
    MakeScript(2);
    Run(random.OneIn(2));
  }
}

// At any cycle of any command: idle at once with one event, and the next run is as ever.
TEST_F(SequencerTb, PowerLostAtAnyCycle) {
  for (int i = 0; i < 200 && !HasFatalFailure(); ++i) {
    MakeScript(3);
    for (const std::uint8_t command : {kTrain, kInfer, kLoad, kSave, kScrub, kTest}) {
      Command(command);
      bench.Cycle(random.Below(150));
      const bool busy = Busy();
      tokens.clear();
      bench->power_good_i = 0;
      bench.Cycle(3);
      EXPECT_FALSE(Busy());
      int events = 0;
      for (const Token& token : tokens) events += token.kind == "event" && (token.a & 256) != 0;
      EXPECT_EQ(events, busy);
      bench->power_good_i = 1;
      check_left = sample_left = drain_left = quiet_left = 0;
      in_sweep = begun = false;
    }
    MakeScript(2);
    Run(random.OneIn(2));
  }
}

// Random networks, whose populations are updated with projections or by the group walk, T and K of
// 1 to 9, every gate; samples without a class; waits of 0 to many cycles for everything.
TEST_F(SequencerTb, RandomRunsMatchModel) {
  for (std::uint32_t seed = 0; seed < 300 && !HasFatalFailure(); ++seed) {
    Hardware hardware;
    hardware.lanes = 8;
    Use(MakeRandomCase(seed, hardware, {.sweeps_max = 9, .samples = 0}).network);
    slow = random.Between(1, 12);
    stall = random.OneIn(3) ? 0 : random.Below(90);
    MakeScript(random.Between(1, 6), 5);
    Run(!random.OneIn(4));
  }
}

}  // namespace
}  // namespace ep::tb
