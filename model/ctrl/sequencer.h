// SPDX-License-Identifier: Apache-2.0
//
// Which phase comes next in a sample, when a relaxation stops, which groups a sweep updates and
// with which projection a population is updated.
//
//   drive (free sweep 1), free sweeps 2..T, readout, plus sweeps 1..K, swap, minus sweeps 1..K,
//   learn; a phase ends early after a sweep that changed no state; inference and samples that the
//   error gate closes end after the readout
//
// RTL        rtl/ctrl/ep_sequencer.sv

#pragma once

#include <cstdint>
#include <vector>

#include "model/common/machine.h"
#include "model/common/network.h"

namespace ep::model {

class Sequencer {
 public:
  enum class Action : std::uint8_t { kDrive, kSweep, kReadout, kSwap, kLearn, kDone };
  enum class Phase : std::uint8_t { kFree, kPlus, kMinus };

  struct Step {
    Action action = Action::kDone;
    Phase phase = Phase::kFree;
    int sweep = 0;               // from 1 in each phase, 0 outside sweeps
    bool update_all = false;     // every group, written or not
    bool update_output = false;  // every group of the output
    bool save = false;           // the old states are saved
    bool operator==(const Step&) const = default;
  };

  explicit Sequencer(const Network& network);

  // First step of a sample.
  Step Start(Mode mode);
  // The next step; changed: the drive or sweep changed a state; gated: the readout's error is below
  // the gate. Each flag matters only after its own step.
  Step Next(bool changed, bool gated);

  // Sweeps that the phase of the last step did not need.
  int SweepsLeft() const { return Limit(step_.phase) - sweeps_; }

  // In a sweep, a population is updated block by block with the last projection that touches it, if
  // it is that one's lane population, otherwise by the group walk after the sweep's words.
  bool UpdatesBlocks(int projection) const { return updates_blocks_[projection]; }
  bool UpdatedByGroupWalk(int population) const { return group_walk_[population]; }

 private:
  int Limit(Phase phase) const { return phase == Phase::kFree ? free_sweeps_ : nudged_sweeps_; }
  Step Sweep(Phase phase, int sweep);
  Step Other(Action action);

  int free_sweeps_;
  int nudged_sweeps_;
  std::vector<bool> updates_blocks_;
  std::vector<bool> group_walk_;
  Mode mode_ = Mode::kTrain;
  Step step_;
  int sweeps_ = 0;  // run in the phase of the last step
};

}  // namespace ep::model
