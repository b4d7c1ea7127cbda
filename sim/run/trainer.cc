// SPDX-License-Identifier: Apache-2.0

#include "sim/run/trainer.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/common/dither.h"

namespace ep::sim {
namespace {

// The first N of a set, all of it for N = 0.
int Limit(int wanted, int available, const char* what) {
  if (wanted > available) {
    throw UserError(
        fmt::format("{} is {}, but the data has {}: ask for at most that many, or 0 "
                    "for all",
                    what, wanted, available));
  }
  return wanted == 0 ? available : wanted;
}

}  // namespace

Trainer::Trainer(const Experiment& experiment, const Dataset& dataset, Machine& machine,
                 const std::optional<Weights>& initial, const std::optional<RunState>& state,
                 StopFunction stop, ChunkFunction report, int chunk, DeviceRun* device)
    : experiment_(experiment),
      dataset_(dataset),
      machine_(machine),
      runner_(machine, std::move(stop), std::move(report), chunk),
      recipe_(experiment.network, experiment.training.weight_init, experiment.training.seed,
              dataset.train.Count(), experiment.data.shift),
      train_samples_(
          Limit(experiment.training.train_samples, dataset.train.Count(), "train_samples")),
      test_samples_(Limit(experiment.training.test_samples, dataset.test.Count(), "test_samples")),
      device_(device) {
  weights_ = state ? state->weights : initial ? *initial : recipe_.FirstWeights();
  if (state) Continue(*state);
  // The cells of a device go on as they are; loading would program those that read wrong.
  if (state && device_) {
    cells_ = state->cells;
    device_->Restore(cells_);
  } else {
    machine_.LoadWeights(weights_);
  }
  machine_.TakeCounters();  // loading is no training
}

void Trainer::Continue(const RunState& state) {
  if (state.position < 0 || state.position > train_samples_) {
    throw UserError(
        fmt::format("the state stopped after {} samples of an epoch of {}: continue "
                    "with the train_samples it was made with",
                    state.position, train_samples_));
  }
  for (std::size_t i = 0; i < state.learning_rates.size(); ++i) {
    const int epoch = static_cast<int>(i) + 1;
    const int rate = experiment_.training.LearningRate(epoch);
    if (rate == state.learning_rates[i]) continue;
    throw UserError(
        fmt::format("training.learning_rate of epoch {} is {}, but the state was made "
                    "with {}: keep the rates of the epochs begun",
                    epoch, rate, state.learning_rates[i]));
  }
  finished_ = state.finished;
  position_ = read_at_ = state.position;
  counters_ = state.counters;
  shuffled_ = position_ > 0;
  for (int i = 0; i < Epoch() - (shuffled_ ? 0 : 1); ++i) recipe_.Shuffle();
}

void Trainer::ShiftEpoch() {
  shifted_ =
      Encode(ShiftImages(dataset_.train_images, recipe_.Order(), recipe_.Shifts(), train_samples_),
             experiment_.data.pool, experiment_.network.pixel_bits);
}

bool Trainer::RunEpoch() {
  if (!shuffled_) recipe_.Shuffle();
  shuffled_ = true;
  if (Shifts()) ShiftEpoch();
  mode_ = Mode::kTrain;
  std::int64_t correct = 0;
  const bool trained =
      runner_.Run(Mode::kTrain, LearningRate(), Set(), Order(),
                  Dither::After(recipe_.Random(), position_), train_samples_, position_, correct);
  counters_ += machine_.TakeCounters();
  // Reading is an access, too, and comes again when the run is continued.
  if (device_) cells_ = device_->Save();
  weights_ = machine_.ReadWeights();
  read_at_ = position_;
  if (!trained) {
    machine_.TakeCounters();
    return false;
  }
  mode_ = Mode::kInfer;
  test_position_ = correct = 0;
  const bool tested =
      runner_.Run(Mode::kInfer, 0, dataset_.test, {}, 0, test_samples_, test_position_, correct);
  machine_.TakeCounters();  // those of reading and testing
  if (!tested) return false;
  finished_.push_back({.epoch = Epoch(),
                       .correct = static_cast<int>(correct),
                       .tested = test_samples_,
                       .weights_hash = WeightHash(weights_),
                       .counters = counters_});
  counters_ = {};
  position_ = read_at_ = 0;
  shuffled_ = false;
  cells_.clear();
  return true;
}

RunState Trainer::State() const {
  RunState state;
  state.seed = experiment_.training.seed;
  state.train_samples = train_samples_;
  state.test_samples = test_samples_;
  for (int epoch = 1; epoch < Epoch() + (position_ > 0 ? 1 : 0); ++epoch) {
    state.learning_rates.push_back(experiment_.training.LearningRate(epoch));
  }
  state.finished = finished_;
  state.position = position_;
  state.counters = counters_;
  state.weights = weights_;
  if (device_) state.cells = cells_.empty() ? device_->Save() : cells_;
  return state;
}

std::optional<FailedSample> Trainer::Failed() const {
  if (!runner_.InChunk()) return std::nullopt;
  FailedSample failed{.mode = mode_,
                      .epoch = Epoch(),
                      .learning_rate = mode_ == Mode::kTrain ? LearningRate() : 0,
                      .base = weights_};
  if (mode_ == Mode::kTrain) {
    failed.index = position_ + runner_.CompletedInChunk();
    failed.base_index = read_at_;
    failed.random = recipe_.Random();
  } else {
    failed.index = failed.base_index = test_position_ + runner_.CompletedInChunk();
  }
  return failed;
}

}  // namespace ep::sim
