// SPDX-License-Identifier: Apache-2.0
//
// The contract as written: full sums in every sweep, nothing skipped, nothing kept. Slow, and the
// oracle of every other model. DESIGN: docs/contract.md, steps 1 to 7.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "model/common/machine.h"

namespace ep::plain {

using States = std::vector<std::vector<int>>;         // [population][neuron], 0..255
using Sums = std::vector<std::vector<std::int64_t>>;  // [population][neuron]

// The states at the end of the phases of one sample; plus and minus are empty without learning.
struct EndStates {
  States free;
  States plus;
  States minus;
};

// The counters are those that the contract alone defines: samples, samples_gated, sweeps_*,
// states_changed, weights_changed, cells_set and cells_reset; the others stay 0.
class Plain final : public Machine {
 public:
  explicit Plain(const Network& network);

  void LoadWeights(const Weights& weights) override;
  Weights ReadWeights() override { return weights_; }
  void Run(Mode mode, std::span<const Sample> samples, int learning_rate,
           std::vector<Outcome>& outcomes) override;
  Counters TakeCounters() override { return std::exchange(counters_, {}); }

  // Of the last sample.
  const EndStates& LastStates() const { return end_; }

 private:
  Outcome RunSample(Mode mode, const Sample& sample, int learning_rate);
  States Load(const Sample& sample) const;
  Sums Zeros() const;
  void AddProjection(int p, const States& states, Sums& sums) const;
  // One sweep; nudge is +1 towards the target, -1 away from it, 0 without. True if a state changed.
  bool Sweep(const Sums& drive, int label, int nudge, States& states);
  int Relax(const Sums& drive, int label, int nudge, int limit, States& states);
  int Error(int label, int j, const States& states) const;
  void Learn(const Sample& sample, int learning_rate);

  Network network_;
  Weights weights_;
  EndStates end_;
  Counters counters_;
};

// The hardware is not needed for the results and is only checked. Throws UserError for a network
// that is not legal.
std::unique_ptr<Machine> MakePlain(const Network& network, const Hardware& hardware);

}  // namespace ep::plain
