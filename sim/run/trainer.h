// SPDX-License-Identifier: Apache-2.0
//
// Trains a network on a machine, epoch by epoch, each followed by a test on the same machine; can
// be stopped between any two samples and continued to the same bits.

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/common/machine.h"
#include "sim/dataset/dataset.h"
#include "sim/run/chunk_runner.h"
#include "sim/run/device_run.h"
#include "sim/run/recipe.h"
#include "sim/run/result.h"
#include "sim/run/state_file.h"

namespace ep::sim {

// Where a machine failed: enough to come back to the sample. A difference that shows only in the
// outcome or in what follows it belongs to the sample before `index`.
struct FailedSample {
  Mode mode = Mode::kTrain;
  int epoch = 0;
  int learning_rate = 0;
  std::int64_t index = 0;       // of the sample in the epoch's order, or in the test set
  std::int64_t base_index = 0;  // `base` are the weights before this one
  std::uint32_t random = 0;     // Z of the first sample of the epoch
  Weights base;
};

class Trainer {
 public:
  // The references must outlive the trainer. initial replaces the drawn weights (which are drawn
  // and discarded); state continues a run; device has the arrays of the machine, null where their
  // cells are ideal. Throws UserError where state does not fit.
  Trainer(const Experiment& experiment, const Dataset& dataset, Machine& machine,
          const std::optional<Weights>& initial, const std::optional<RunState>& state,
          StopFunction stop, ChunkFunction report, int chunk = kChunkSamples,
          DeviceRun* device = nullptr);

  int TrainSamples() const { return train_samples_; }
  int TestSamples() const { return test_samples_; }
  const std::vector<EpochResult>& Finished() const { return finished_; }
  // The samples of the current epoch: a set, and the order in which it is visited (file order if
  // empty).
  const SampleSet& Set() const { return Shifts() ? shifted_ : dataset_.train; }
  std::vector<std::uint32_t> Order() const {
    return Shifts() ? std::vector<std::uint32_t>{} : recipe_.Order();
  }

  // Runs the rest of the current epoch and its test. False if stopped before the end.
  bool RunEpoch();

  const Weights& CurrentWeights() const { return weights_; }  // after the last sample trained

  // Weights after the last sample trained, and everything else of the run but identity, backend
  // and seconds, which the trainer does not know.
  RunState State() const;
  // After RunEpoch threw: the sample at fault, nothing if it was no sample's.
  std::optional<FailedSample> Failed() const;

 private:
  void Continue(const RunState& state);
  bool Shifts() const { return experiment_.data.shift > 0; }
  void ShiftEpoch();
  int Epoch() const { return static_cast<int>(finished_.size()) + 1; }
  int LearningRate() const { return experiment_.training.LearningRate(Epoch()); }

  const Experiment& experiment_;
  const Dataset& dataset_;
  Machine& machine_;
  ChunkRunner runner_;
  Recipe recipe_;
  SampleSet shifted_;  // of the current epoch, in its order
  int train_samples_;
  int test_samples_;
  std::vector<EpochResult> finished_;
  bool shuffled_ = false;      // the order is that of the current epoch
  std::int64_t position_ = 0;  // samples trained of it
  Counters counters_;          // of these
  Weights weights_;            // as last read
  std::int64_t read_at_ = 0;   // position of that reading
  DeviceRun* device_;
  std::string cells_;         // of the device, before that reading; empty after a whole epoch
  Mode mode_ = Mode::kTrain;  // what runs now
  std::int64_t test_position_ = 0;
};

}  // namespace ep::sim
