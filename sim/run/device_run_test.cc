// SPDX-License-Identifier: Apache-2.0

#include "sim/run/device_run.h"

#include <gtest/gtest.h>

#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/plain/recipe.h"
#include "sim/config/device_file.h"
#include "sim/dataset/locate.h"
#include "sim/run/bist.h"

namespace ep::sim {
namespace {

// The first samples of the digits' first epoch, and a test of a few.
class DeviceRunTest : public ::testing::TestWithParam<std::string> {
 protected:
  DeviceRunTest() : data_(plain::FindDigits()), network_(plain::AnchorDigits128()) {}

  // Trains and tests on a machine, through its array; returns the weights as they read last.
  Weights Train(const std::string& backend, DeviceRun* run, int samples) {
    if (!data_) throw std::runtime_error("sim/data/digits.csv.gz is missing");
    plain::Recipe recipe(network_, *data_, 1, 1, 38);
    const auto machine = MakeMachine(backend, network_, Hardware{}, run ? run->Maker() : nullptr);
    machine->LoadWeights(recipe.initial_weights());
    std::vector<Outcome> outcomes;
    const std::vector<Sample> epoch = recipe.NextEpoch();
    machine->Run(Mode::kTrain, std::span(epoch).first(samples), 16, outcomes);
    machine->ReadWeights();
    machine->Run(Mode::kInfer, std::span(recipe.test()).first(20), 0, outcomes);
    if (run) json_ = run->ToJson();
    const Weights weights = machine->ReadWeights();
    if (backend == "lockstep") {
      machine->Scrub();
      machine->Test({.margin = true});
      March(*machine);
    }
    return weights;
  }

  std::optional<plain::DataSet> data_;
  Network network_;
  nlohmann::ordered_json json_;  // of the array after the run
};

// RTL and golden model, access by access, over every preset: read errors, failed writes, worn and
// stuck cells come alike in both.
TEST_P(DeviceRunTest, LockstepHoldsOverTheDevice) {
  ASSERT_TRUE(data_) << "sim/data/digits.csv.gz is missing";
  device::Spec spec = LoadDeviceFile(FindDevice(GetParam()));
  if (spec.technology != device::Technology::kIdeal) {
    // Some cells end their life within the run.
    spec.endurance_pulses = 25;
  }
  network_.array.sense = spec.SenseCycles();
  network_.array.pulse = spec.PulseCycles();
  DeviceRun run(spec, 3);
  EXPECT_NO_THROW(Train("lockstep", &run, 30));
  EXPECT_GT(json_.at("cell_pulses").get<int>(), 1000);
  if (spec.technology != device::Technology::kIdeal) {
    EXPECT_GT(json_.at("stuck_cells").get<int>(), 0);
  }
  // The same where late bits are voted on, pulses verified, at rising levels,
  // and weights that fail shrink.
  network_.array.late = LatePolicy::kVote;
  network_.array.verify = true;
  network_.array.shots = 3;
  network_.array.shrink = true;
  for (int shot = 0; shot < ArrayAccess::kShots; ++shot) {
    network_.array.set[shot].level = network_.array.reset[shot].level = shot;
  }
  DeviceRun verified(spec, 3);
  EXPECT_NO_THROW(Train("lockstep", &verified, 10));
}

INSTANTIATE_TEST_SUITE_P(Presets, DeviceRunTest,
                         ::testing::Values("ideal", "faulty", "mram-typ", "mram-hot", "mram-worst",
                                           "rram-typ", "rram-weak", "rram-low-vdd",
                                           "rram-measured"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::erase(name, '-');
                           return name;
                         });

using IdealDeviceTest = DeviceRunTest;

TEST_F(IdealDeviceTest, GivesTheBitsOfARunWithoutDevice) {
  ASSERT_TRUE(data_);
  DeviceRun run(LoadDeviceFile(FindDevice("ideal")), 9);
  EXPECT_EQ(Train("golden", &run, 300), Train("golden", nullptr, 300));
}

TEST_F(IdealDeviceTest, SeedsMakeOtherDevices) {
  ASSERT_TRUE(data_);
  const device::Spec spec = LoadDeviceFile(FindDevice("faulty"));
  DeviceRun one(spec, 1), again(spec, 1), other(spec, 2);
  const Weights weights = Train("golden", &one, 100);
  EXPECT_EQ(Train("golden", &again, 100), weights);
  EXPECT_NE(Train("golden", &other, 100), weights);
}

TEST_F(IdealDeviceTest, BackendsWithoutArrayRefuse) {
  DeviceRun run(LoadDeviceFile(FindDevice("ideal")), 1);
  EXPECT_THROW(Train("fast", &run, 1), UserError);
  EXPECT_THROW(Train("plain", &run, 1), UserError);
}

}  // namespace
}  // namespace ep::sim
