// SPDX-License-Identifier: Apache-2.0

#include "sim/run/trainer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/backends.h"
#include "sim/config/device_file.h"
#include "sim/dataset/locate.h"
#include "sim/run/compare.h"
#include "sim/testing/run_support.h"

namespace ep::sim {
namespace {

using ::testing::HasSubstr;

class TrainerTest : public ::testing::Test {
 protected:
  // Trains all epochs; asks before each chunk, and goes on through a state file after each stop.
  // With a device the network runs on the golden model through its arrays.
  std::vector<EpochResult> TrainWithStops(int every, const device::Spec* spec = nullptr,
                                          const std::string& backend = "golden") {
    const std::string file = run_.Folder() / "state";
    std::optional<RunState> state;
    stops_ = 0;
    for (int calls = 0; stops_ < 1000; ++stops_) {
      std::optional<DeviceRun> device;
      if (spec) device.emplace(*spec, 5);
      const std::unique_ptr<Machine> machine =
          device ? MakeMachine(backend, run_.experiment.network, run_.experiment.hardware,
                               device->Maker())
                 : run_.MakeMachine();
      Trainer trainer(
          run_.experiment, run_.dataset, *machine, std::nullopt, state,
          [&] { return every > 0 && ++calls % every == 0; }, {}, 16, device ? &*device : nullptr);
      bool going = true;
      while (going && trainer.Finished().size() < 3) going = trainer.RunEpoch();
      if (going) return trainer.Finished();
      WriteState(file, trainer.State());
      state = ReadState(file, run_.experiment.network);
    }
    ADD_FAILURE() << "no end";
    return {};
  }

  static void ExpectEqual(const std::vector<EpochResult>& a, const std::vector<EpochResult>& b) {
    ASSERT_EQ(a.size(), b.size());
    EXPECT_EQ(
        CompareRuns({.backend = "plain", .epochs = a}, "a", {.backend = "plain", .epochs = b}, "b"),
        "");
  }

  SmallRun run_;
  int stops_ = 0;
};

TEST_F(TrainerTest, LearnsTheSmallImages) {
  const std::vector<EpochResult> epochs = TrainWithStops(0);
  ASSERT_EQ(epochs.size(), 3U);
  EXPECT_EQ(epochs[0].epoch, 1);
  EXPECT_EQ(epochs[2].tested, 20);
  EXPECT_GE(epochs[2].correct, 16);
  // Counters are those of training, one epoch each.
  for (const EpochResult& epoch : epochs) EXPECT_EQ(epoch.counters.samples, 60U);
}

// With chunks of 16 samples, stopping at every third, fourth ... question ends training and
// testing in the middle of epochs, at their start and between the two.
TEST_F(TrainerTest, AStoppedRunContinuesToTheSameBits) {
  const std::vector<EpochResult> whole = TrainWithStops(0);
  for (const int every : {3, 4, 5, 7}) {
    SCOPED_TRACE(every);
    ExpectEqual(TrainWithStops(every), whole);
    EXPECT_GE(stops_, 1);
  }
}

// The same with devices whose reads and pulses fail at random, and whose state goes on.
TEST_F(TrainerTest, AStoppedRunOnDevicesContinuesToTheSameBits) {
  for (const char* name : {"faulty", "mram-hot", "rram-weak"}) {
    const device::Spec spec = LoadDeviceFile(FindDevice(name));
    const std::vector<EpochResult> whole = TrainWithStops(0, &spec);
    for (const int every : {3, 4, 7}) {
      SCOPED_TRACE(fmt::format("{}, {}", name, every));
      ExpectEqual(TrainWithStops(every, &spec), whole);
      EXPECT_GE(stops_, 1);
    }
  }
  const device::Spec spec = LoadDeviceFile(FindDevice("faulty"));
  ExpectEqual(TrainWithStops(4, &spec, "lockstep"), TrainWithStops(0, &spec));
}

TEST_F(TrainerTest, LoadedWeightsReplaceTheDrawnOnesButNotTheOrder) {
  const std::unique_ptr<Machine> machine = run_.MakeMachine();
  Weights zero = {std::vector<std::int8_t>(16 * 12), std::vector<std::int8_t>(3 * 12)};
  const Trainer loaded(run_.experiment, run_.dataset, *machine, zero, std::nullopt, {}, {});
  EXPECT_EQ(machine->ReadWeights(), zero);
  EXPECT_EQ(loaded.CurrentWeights(), zero);
  // Drawing them consumed the same part of the stream.
  Trainer a(run_.experiment, run_.dataset, *machine, zero, std::nullopt, {}, {});
  Trainer b(run_.experiment, run_.dataset, *machine, std::nullopt, std::nullopt, {}, {});
  a.RunEpoch();
  b.RunEpoch();
  EXPECT_EQ(a.Order(), b.Order());
}

TEST_F(TrainerTest, ALimitTakesTheFirstSamplesOfTheOrder) {
  run_.experiment.training.train_samples = 25;
  run_.experiment.training.test_samples = 7;
  const std::unique_ptr<Machine> machine = run_.MakeMachine();
  Trainer trainer(run_.experiment, run_.dataset, *machine, std::nullopt, std::nullopt, {}, {});
  trainer.RunEpoch();
  EXPECT_EQ(trainer.Finished()[0].counters.samples, 25U);
  EXPECT_EQ(trainer.Finished()[0].tested, 7);
  EXPECT_EQ(trainer.Order().size(), 60U);  // the whole set is shuffled
}

TEST_F(TrainerTest, MoreSamplesThanThereAreAreRefused) {
  const std::unique_ptr<Machine> machine = run_.MakeMachine();
  const auto error = [&] {
    return ErrorOf([&] {
      Trainer(run_.experiment, run_.dataset, *machine, std::nullopt, std::nullopt, {}, {});
    });
  };
  run_.experiment.training.train_samples = 61;
  EXPECT_THAT(error(), HasSubstr("train_samples is 61, but the data has 60"));
  run_.experiment.training.train_samples = 0;
  run_.experiment.training.test_samples = 21;
  EXPECT_THAT(error(), HasSubstr("test_samples is 21, but the data has 20"));
}

TEST_F(TrainerTest, StatesThatDoNotFitAreRefused) {
  const std::unique_ptr<Machine> machine = run_.MakeMachine();
  Trainer trainer(run_.experiment, run_.dataset, *machine, std::nullopt, std::nullopt, {}, {});
  trainer.RunEpoch();
  RunState state = trainer.State();
  const auto error = [&](const Experiment& experiment) {
    return ErrorOf(
        [&] { Trainer(experiment, run_.dataset, *machine, std::nullopt, state, {}, {}); });
  };
  EXPECT_EQ(error(run_.experiment), "");
  Experiment other = run_.experiment;
  other.training.learning_rate = {9, 4};
  EXPECT_THAT(error(other),
              HasSubstr("learning_rate of epoch 1 is 9, but the state was made with 8"));
  state.position = 61;
  EXPECT_THAT(error(run_.experiment), HasSubstr("after 61 samples of an epoch of 60"));
}

TEST_F(TrainerTest, TheFailedSampleIsFound) {
  const int code = run_.dataset.train.At(17).codes[0];
  FaultyMachine machine(run_.MakeMachine(), code, 0);
  Trainer trainer(run_.experiment, run_.dataset, machine, std::nullopt, std::nullopt, {}, {});
  EXPECT_THROW(trainer.RunEpoch(), Divergence);
  const std::optional<FailedSample> failed = trainer.Failed();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->mode, Mode::kTrain);
  EXPECT_EQ(failed->epoch, 1);
  EXPECT_EQ(failed->learning_rate, 8);
  EXPECT_EQ(run_.dataset.train.At(trainer.Order()[failed->index]).codes[0], code);
  EXPECT_EQ(failed->base_index, 0);
  EXPECT_EQ(failed->base, trainer.CurrentWeights());
}

// The anchors of the contract, each on the backends that are quick enough.
TEST(AnchorTest, DigitsReachTheirHashes) {
  for (const auto& [name, hash, correct] : {std::tuple("digits-128", "466adf6b3e930231", 354),
                                            std::tuple("digits-64-32", "944160ef9ffd7347", 254)}) {
    const Experiment experiment = LoadExperiment(FindNetwork(name));
    const Dataset dataset = LoadDataset(experiment, "");
    for (const char* backend : {"plain", "fast", "golden"}) {
      SCOPED_TRACE(std::string(name) + " on " + backend);
      if (!FindBackend(backend).make) continue;
      const auto machine = MakeMachine(backend, experiment.network, experiment.hardware);
      Trainer trainer(experiment, dataset, *machine, std::nullopt, std::nullopt, {}, {});
      for (int i = 0; i < experiment.training.epochs; ++i) trainer.RunEpoch();
      EXPECT_EQ(trainer.Finished().back().weights_hash, hash);
      EXPECT_EQ(trainer.Finished().back().correct, correct);
    }
  }
}

TEST_F(TrainerTest, ShiftedImagesGoOnToTheSameBits) {
  const std::vector<EpochResult> plain = TrainWithStops(0);
  run_.experiment.data.shift = 1;
  run_.dataset = LoadDataset(run_.experiment, "");
  const std::vector<EpochResult> whole = TrainWithStops(0);
  EXPECT_NE(whole[0].weights_hash, plain[0].weights_hash);
  ExpectEqual(whole, TrainWithStops(3));
  EXPECT_GT(stops_, 2);
}

// Also the random numbers go on where a run was stopped.
TEST_F(TrainerTest, StochasticRoundingGoesOnToTheSameBits) {
  const std::vector<EpochResult> nearest = TrainWithStops(0);
  run_.experiment.network.stochastic = true;
  const std::vector<EpochResult> whole = TrainWithStops(0);
  EXPECT_NE(whole[0].weights_hash, nearest[0].weights_hash);
  ExpectEqual(whole, TrainWithStops(3));
  EXPECT_GT(stops_, 2);
}

}  // namespace
}  // namespace ep::sim
