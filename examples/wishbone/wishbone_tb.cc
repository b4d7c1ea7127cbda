// SPDX-License-Identifier: Apache-2.0
//
// ep_wishbone_top as a processor sees it: every register, sample, outcome and weight by Wishbone
// cycles, against the golden model.

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <vector>

#include "Vep_wishbone_top.h"
#include "model/common/random_network.h"
#include "model/ctrl/regs.h"
#include "model/plain/recipe.h"
#include "model/top/core.h"
#include "tb/common/bench.h"
#include "tb/common/random.h"
#include "tb/top/core_machine.h"
#include "tb/top/rtl_machine.h"

namespace ep::rtl {
namespace {

// Of ep_wishbone.sv.
constexpr std::uint32_t kStreams = 0x1000, kSample = 0x1004, kOutcome = 0x1008, kWeight = 0x100c;
constexpr std::uint32_t kSampleFits = 1, kOutcomeWaits = 2, kWeightFits = 4, kWeightWaits = 8;
constexpr int kPatience = 100'000;  // polls

// The parameters of ep_wishbone_top.
Hardware Built() {
  Hardware hardware = BuiltHardware(16);
  hardware.max_inputs = 64;
  hardware.max_states = 256;
  hardware.array_rows = 1024;
  return hardware;
}

class WishboneTb : public ::testing::Test {
 protected:
  struct Answer {
    bool okay = false;
    std::uint32_t data = 0;
    int cycles = 0;  // from the first one to the answer
  };

  WishboneTb() {
    bench_->power_good_i = 1;
    Idle();
    bench_.Reset();
    bench_.Cycle(3);
  }

  // What is not offered is noise.
  void Idle() {
    bench_->wb_stb_i = random_.Bits() & 1u;
    bench_->wb_cyc_i = 0;
    bench_->wb_we_i = random_.Bits() & 1u;
    bench_->wb_adr_i = random_.Bits() & 0x7FFu;
    bench_->wb_dat_i = random_.Bits();
    bench_->wb_sel_i = random_.Bits() & 0xFu;
  }
  void Offer(bool write, std::uint32_t address, std::uint32_t data, std::uint32_t select) {
    bench_->wb_cyc_i = bench_->wb_stb_i = 1;
    bench_->wb_we_i = write;
    bench_->wb_adr_i = address >> 2;
    bench_->wb_dat_i = data;
    bench_->wb_sel_i = select;
  }
  Answer Access(bool write, std::uint32_t address, std::uint32_t data, std::uint32_t select) {
    Offer(write, address, data, select);
    Answer answer;
    while (!bench_->wb_ack_o && !bench_->wb_err_o) {
      bench_.Cycle();
      if (++answer.cycles > 100) {
        ADD_FAILURE() << "no answer at " << std::hex << address;
        return answer;
      }
    }
    answer.okay = bench_->wb_ack_o;
    answer.data = bench_->wb_dat_o;
    bench_.Cycle();  // the one of the answer
    if (random_.Percent(30)) {
      Idle();
      const int pause = 1 + static_cast<int>(random_.Bits() % 3);
      for (int i = 0; i < pause; ++i) {
        EXPECT_FALSE(bench_->wb_ack_o || bench_->wb_err_o) << "an answer without an access";
        bench_.Cycle();
      }
    }
    return answer;
  }
  Answer Write(std::uint32_t address, std::uint32_t data, std::uint32_t select = 0xF) {
    return Access(true, address, data, select);
  }
  Answer Read(std::uint32_t address) { return Access(false, address, random_.Bits(), 0xF); }
  void Must(std::uint32_t address, std::uint32_t data) {
    ASSERT_TRUE(Write(address, data).okay) << std::hex << address;
  }
  std::uint32_t Get(std::uint32_t address) {
    const Answer answer = Read(address);
    EXPECT_TRUE(answer.okay) << std::hex << address;
    return answer.data;
  }
  // Polls until STREAMS has the bit.
  void Await(std::uint32_t bit) {
    for (int i = 0; i < kPatience; ++i) {
      if (Get(kStreams) & bit) return;
    }
    FAIL() << "STREAMS never has " << bit;
  }
  void AwaitEvent(const regs::Field& event) {
    for (int i = 0; i < kPatience; ++i) {
      if (event.Get(Get(regs::kEvent))) {
        Must(regs::kEvent, event.Put(1));
        return;
      }
    }
    FAIL() << "the event does not come";
  }

  // The sequences of docs/integration.md.
  void Load(const Network& network, const Weights& weights) {
    for (const auto& [address, data] : NetworkRegisters(network, Built())) Must(address, data);
    Must(regs::kControl, regs::kControlLoad.Put(1));
    for (const std::uint32_t beat : WeightBeats(network, Built(), weights)) {
      Await(kWeightFits);
      Must(kWeight, beat);
    }
    AwaitEvent(regs::kEventLoadDone);
  }
  Weights Save(const Network& network) {
    Must(regs::kControl, regs::kControlSave.Put(1));
    const std::size_t count = WeightBeats(network, Built(), Zero(network)).size();
    std::vector<std::uint32_t> beats;
    while (beats.size() < count && !HasFatalFailure()) {
      Await(kWeightWaits);
      beats.push_back(Get(kWeight));
    }
    AwaitEvent(regs::kEventSaveDone);
    return WeightsOfBeats(network, Built(), beats);
  }
  std::vector<std::uint32_t> Train(const Network& network, std::span<const Sample> samples,
                                   int learning_rate) {
    Must(regs::kLearning, regs::kLearningErrorGate.Put(network.error_gate) |
                              regs::kLearningLearningRate.Put(learning_rate));
    Must(regs::kSamples, static_cast<std::uint32_t>(samples.size()));
    Must(regs::kControl, regs::kControlTrain.Put(1));
    std::vector<std::uint32_t> outcomes;
    for (const Sample& sample : samples) {
      for (const std::uint8_t code : sample.codes) Send(code);
      Send(static_cast<std::uint32_t>(sample.label) | 0x100u);
      if (Get(kStreams) & kOutcomeWaits) outcomes.push_back(Get(kOutcome));
    }
    while (outcomes.size() < samples.size() && !HasFatalFailure()) {
      Await(kOutcomeWaits);
      outcomes.push_back(Get(kOutcome));
    }
    AwaitEvent(regs::kEventRunDone);
    return outcomes;
  }

  tb::Random random_{7};
  tb::Bench<Vep_wishbone_top> bench_{7};

 private:
  void Send(std::uint32_t beat) {
    Await(kSampleFits);
    Must(kSample, beat);
  }
  static Weights Zero(const Network& network) {
    Weights weights(network.projections.size());
    for (int p = 0; p < static_cast<int>(weights.size()); ++p) {
      weights[p].resize(static_cast<std::size_t>(network.Rows(p)) * network.Lanes(p));
    }
    return weights;
  }
};

TEST_F(WishboneTb, RegistersAreReadAndWritten) {
  EXPECT_EQ(regs::kHwLanesLanes.Get(Get(regs::kHwLanes)), 16U);
  for (int i = 0; i < 50; ++i) {
    const std::uint32_t samples = random_.Bits();
    Must(regs::kSamples, samples);
    EXPECT_EQ(Get(regs::kSamples), samples);
  }
  EXPECT_EQ(Read(regs::kHwLanes).cycles, 4);
  EXPECT_EQ(Read(kStreams).cycles, 2);
}

// What the core answers with SLVERR, and what no word is: err, and nothing else happens.
TEST_F(WishboneTb, WrongAccessesGetErr) {
  Must(regs::kSamples, 12345);
  EXPECT_FALSE(Write(regs::kSamples, 1, 0x7).okay) << "a strobe is missing";
  EXPECT_FALSE(Write(regs::kHwLanes, 1).okay) << "read-only";
  EXPECT_FALSE(Read(0xFFC).okay) << "a hole";
  EXPECT_FALSE(Write(kStreams, 0).okay) << "read-only";
  EXPECT_FALSE(Read(kSample).okay) << "write-only";
  EXPECT_FALSE(Write(kOutcome, 0).okay) << "read-only";
  EXPECT_FALSE(Write(kSample, 0, 0x1).okay) << "a strobe is missing";
  for (std::uint32_t address = 0x1010; address < 0x2000; address += 0x1F0) {
    EXPECT_FALSE(Read(address).okay) << address;
  }
  EXPECT_EQ(Get(regs::kSamples), 12345U);
  EXPECT_EQ(Get(kStreams), kSampleFits | kWeightFits);
}

// A stream that cannot move is told at once, and no access waits for it.
TEST_F(WishboneTb, StreamsThatCannotMoveGetErr) {
  EXPECT_FALSE(Read(kOutcome).okay);
  EXPECT_FALSE(Read(kWeight).okay);
  // Nothing is being loaded: the first beat stays, the second one has no room.
  Must(kWeight, 1);
  EXPECT_FALSE(Write(kWeight, 2).okay);
  EXPECT_EQ(Get(kStreams) & kWeightFits, 0U);
}

// A master that ends a cycle early gets no answer, and the next access is its own.
TEST_F(WishboneTb, EndedCyclesHaveNoAnswer) {
  for (int cycles = 1; cycles < 8; ++cycles) {
    for (const std::uint32_t address : {regs::kSamples, kStreams}) {
      Must(regs::kSamples, 77);
      Offer(false, address, 0, 0xF);
      for (int i = 0; i < cycles && !bench_->wb_ack_o; ++i) bench_.Cycle();
      const bool early = !bench_->wb_ack_o;
      Idle();
      bench_.Cycle();
      for (int i = 0; early && i < 10; ++i) {
        EXPECT_FALSE(bench_->wb_ack_o || bench_->wb_err_o) << cycles;
        if (i % 4 == cycles % 4) break;  // the next access may come before the core is done
        bench_.Cycle();
      }
      EXPECT_EQ(Get(regs::kHwLanes), Get(regs::kHwLanes)) << cycles;
      EXPECT_EQ(regs::kHwLanesLanes.Get(Get(regs::kHwLanes)), 16U) << cycles;
    }
  }
}

// Digits 64-128-10, 40 samples: outcomes and weights of the golden model.
TEST_F(WishboneTb, TrainsDigitsLikeTheGoldenModel) {
  const auto data = plain::FindDigits();
  ASSERT_TRUE(data) << "sim/data/digits.csv.gz is missing";
  const Network network = plain::AnchorDigits128();
  plain::Recipe recipe(network, *data, 1, 1, 38, 40);
  const Weights initial = recipe.initial_weights();
  const std::vector<Sample> samples = recipe.NextEpoch();

  const auto golden = model::MakeGolden(network, Built());
  golden->LoadWeights(initial);
  std::vector<Outcome> expected;
  golden->Run(Mode::kTrain, samples, 16, expected);
  const Weights trained = golden->ReadWeights();

  Load(network, initial);
  EXPECT_EQ(Save(network), initial);
  const std::vector<std::uint32_t> outcomes = Train(network, samples, 16);
  ASSERT_EQ(outcomes.size(), expected.size());
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    EXPECT_EQ(outcomes[i] & 0xFF, static_cast<std::uint32_t>(expected[i].prediction)) << i;
    EXPECT_EQ(outcomes[i] >> 8 & 0xFF, static_cast<std::uint32_t>(samples[i].label)) << i;
    EXPECT_EQ(outcomes[i] >> 16, static_cast<std::uint32_t>(expected[i].gated)) << i;
  }
  EXPECT_NE(trained, initial);
  EXPECT_EQ(Save(network), trained);
}

}  // namespace
}  // namespace ep::rtl
