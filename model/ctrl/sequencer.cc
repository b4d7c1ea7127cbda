// SPDX-License-Identifier: Apache-2.0

#include "model/ctrl/sequencer.h"

namespace ep::model {

Sequencer::Sequencer(const Network& network)
    : free_sweeps_(network.free_sweeps),
      nudged_sweeps_(network.nudged_sweeps),
      updates_blocks_(network.projections.size(), false),
      group_walk_(network.populations.size(), true) {
  for (int population = 1; population < static_cast<int>(group_walk_.size()); ++population) {
    int last = -1;  // the last projection of a sweep that touches the population
    for (int p = 0; p < static_cast<int>(network.projections.size()); ++p) {
      const Projection& projection = network.projections[p];
      if (projection.FromInput()) continue;
      if (projection.a == population || projection.b == population) last = p;
    }
    if (last < 0 || network.projections[last].LanePopulation() != population) continue;
    updates_blocks_[last] = true;
    group_walk_[population] = false;
  }
}

Sequencer::Step Sequencer::Start(Mode mode) {
  mode_ = mode;
  sweeps_ = 1;
  return step_ = {.action = Action::kDrive, .phase = Phase::kFree, .sweep = 1};
}

Sequencer::Step Sequencer::Next(bool changed, bool gated) {
  switch (step_.action) {
    case Action::kDrive:
    case Action::kSweep:
      if (changed && SweepsLeft() > 0) return Sweep(step_.phase, sweeps_ + 1);
      if (step_.phase == Phase::kFree) return Other(Action::kReadout);
      return Other(step_.phase == Phase::kPlus ? Action::kSwap : Action::kLearn);
    case Action::kReadout:
      if (mode_ == Mode::kInfer || gated) return Other(Action::kDone);
      return Sweep(Phase::kPlus, 1);
    case Action::kSwap:
      return Sweep(Phase::kMinus, 1);
    case Action::kLearn:
    case Action::kDone:
      break;
  }
  return Other(Action::kDone);
}

Sequencer::Step Sequencer::Sweep(Phase phase, int sweep) {
  const bool nudged = phase != Phase::kFree;
  sweeps_ = sweep;
  return step_ = {.action = Action::kSweep,
                  .phase = phase,
                  .sweep = sweep,
                  .update_all = nudged && sweep == 1,
                  .update_output = nudged,
                  .save = phase == Phase::kPlus && sweep == 1};
}

// A step that is not a sweep keeps the phase.
Sequencer::Step Sequencer::Other(Action action) {
  return step_ = {.action = action, .phase = step_.phase};
}

}  // namespace ep::model
