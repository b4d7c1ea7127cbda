// SPDX-License-Identifier: Apache-2.0
//
// Machines and data for the tests of runs.

#pragma once

#include <memory>

#include "model/common/machine.h"
#include "model/plain/plain.h"
#include "sim/dataset/dataset.h"
#include "sim/testing/test_support.h"

namespace ep::sim {

// The small network with its data in a folder.
class SmallRun {
 public:
  SmallRun() {
    PutSmallIdx(folder_.Path() / "idx");
    experiment = ParseExperiment(SmallNetwork("idx"), folder_ / "small.toml");
    dataset = LoadDataset(experiment, "");
  }

  std::unique_ptr<Machine> MakeMachine() const {
    return plain::MakePlain(experiment.network, experiment.hardware);
  }
  const TempFolder& Folder() const { return folder_; }

  Experiment experiment;
  Dataset dataset;

 private:
  TempFolder folder_;
};

// A machine that differs from its twin where a sample has this code at its first input, provided
// that it has run `after` samples since its weights were loaded.
class FaultyMachine : public Machine {
 public:
  FaultyMachine(std::unique_ptr<Machine> machine, int code, int after)
      : machine_(std::move(machine)), code_(code), after_(after) {}

  void LoadWeights(const Weights& weights) override {
    ran_ = 0;
    machine_->LoadWeights(weights);
  }
  Weights ReadWeights() override { return machine_->ReadWeights(); }
  Counters TakeCounters() override { return machine_->TakeCounters(); }
  void Run(Mode mode, std::span<const Sample> samples, int learning_rate,
           std::vector<Outcome>& outcomes) override {
    for (const Sample& sample : samples) {
      if (ran_ >= after_ && sample.codes[0] == code_) throw Divergence("neuron 3 is 1, not 2");
      machine_->Run(mode, {&sample, 1}, learning_rate, outcomes);
      ++ran_;
    }
  }

 private:
  std::unique_ptr<Machine> machine_;
  int code_;
  int after_;
  int ran_ = 0;
};

}  // namespace ep::sim
