// SPDX-License-Identifier: Apache-2.0
//
// The golden model: the blocks of the machine, wired as in the RTL. Which words are sensed, in
// which order, and what is counted is specified in docs/schedule.md; this class is that page in
// C++.
//
// Observer   the drive is free sweep 1: its senses and updates have Pass::kDrive and sweep 1; later
//            free sweeps have Pass::kFree. Sweeps of plus and minus count from 1 each. Learn, load
//            and save have sweep 0. OnOutcome comes with the readout.
// RTL        rtl/top/ep_core.sv

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "model/array/array.h"
#include "model/array/spare_rows.h"
#include "model/common/machine.h"
#include "model/common/network.h"
#include "model/ctrl/group_walker.h"
#include "model/ctrl/sequencer.h"
#include "model/ctrl/walker.h"
#include "model/neuron/input_buffer.h"
#include "model/neuron/neuron.h"
#include "model/neuron/readout.h"
#include "model/neuron/state_memory.h"
#include "model/neuron/sums.h"
#include "model/sense/failure_log.h"
#include "model/sense/program.h"
#include "model/sense/sense.h"
#include "model/synapse/digits.h"
#include "model/synapse/learn.h"
#include "model/synapse/products.h"
#include "model/synapse/row_adder.h"
#include "model/synapse/weight_port.h"
#include "model/top/observer.h"

namespace ep::model {

class Core final : public Machine {
 public:
  // The array has hardware.array_rows rows of hardware.lanes lanes. Throws UserError where the
  // network does not fit the hardware.
  Core(const Network& network, const Hardware& hardware, std::unique_ptr<ArrayPort> array);

  // Whom to tell; nobody with nullptr.
  void SetObserver(Observer* observer) { observer_ = observer; }

  void LoadWeights(const Weights& weights) override;
  Weights ReadWeights() override;
  void Scrub() override;
  Weights Test(const CellTest& test) override;
  void Run(Mode mode, std::span<const Sample> samples, int learning_rate,
           std::vector<Outcome>& outcomes) override;
  Counters TakeCounters() override;
  // The failures logged since the last call, the oldest first, and how many had no room.
  std::pair<std::vector<Failure>, int> TakeFailures() { return log_.Take(); }

 private:
  Outcome RunSample(Mode mode, int learning_rate);
  void CountSweeps(const Sequencer::Step& step, bool changed);

  // Both return true if a state changed.
  bool Drive(const Sequencer::Step& step);
  bool Sweep(const Sequencer::Step& step);
  // The rows of a block of a sweep; returns how many were sensed.
  int RelaxRows(const Sequencer::Step& step, const WalkBlock& block);
  // Hands the accumulators of a block to its sums.
  void EndBlock(const WalkBlock& block, int scale);
  // Updates a group if the step or a written sum asks for it; returns how many states changed.
  int VisitGroup(const Sequencer::Step& step, const GroupStep& group);
  Outcome Read(Mode mode);
  void Swap();
  void LearnPass(int learning_rate);
  void LearnRow(const WalkBlock& block, int row, int plus, int minus, int learning_rate,
                const LaneMask& candidates);

  const RowWord& SenseRow(Pass pass, int sweep, const WalkBlock& block, int row);
  void ProgramRow(Pass pass, const WalkBlock& block, int row, const RowWord& old_word,
                  const RowWord& new_word, bool verify);
  // Counts and tells the senses of the last row word.
  void CountSenses(Pass pass, int sweep, std::uint32_t array_row);
  // Adds a row word once per digit of its multiplicand.
  void AddDigits(const RowWord& word, int multiplicand);
  int Shift(const WalkBlock& block) const {
    return gain_ - network_.projections[block.projection].gain_shift;
  }

  Network network_;
  Hardware hardware_;
  int gain_;   // G
  int scale_;  // of the input codes

  SpareRows array_;
  Sense sense_;
  FailureLog log_;
  Program program_;
  RowAdder row_adder_;
  Products products_;
  Learn learn_;
  WeightPort weight_port_;
  InputBuffer input_;
  std::uint32_t random_ = 0;  // of the sample
  Sums sums_;
  Neuron neuron_;
  StateMemory states_;
  Readout readout_;
  Walker walker_;
  GroupWalker group_walker_;
  Sequencer sequencer_;

  Counters counters_;
  Observer* observer_ = nullptr;
};

// The golden model; a null array means ideal cells. Throws UserError where the network does not fit
// the hardware.
std::unique_ptr<Core> MakeGolden(const Network& network, const Hardware& hardware,
                                 std::unique_ptr<ArrayPort> array = nullptr);

}  // namespace ep::model
