// SPDX-License-Identifier: Apache-2.0

#include "model/top/core.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <utility>

#include "model/common/checks.h"
#include "model/common/dither.h"
#include "model/common/memory_map.h"

namespace ep::model {
namespace {

const Hardware& Checked(const Network& network, const Hardware& hardware) {
  hardware.Check(network);
  return hardware;
}

Pass PassOf(const Sequencer::Step& step) {
  if (step.action == Sequencer::Action::kDrive) return Pass::kDrive;
  switch (step.phase) {
    case Sequencer::Phase::kPlus:
      return Pass::kPlus;
    case Sequencer::Phase::kMinus:
      return Pass::kMinus;
    case Sequencer::Phase::kFree:
      break;
  }
  return Pass::kFree;
}

Neuron::Nudge NudgeOf(Sequencer::Phase phase) {
  switch (phase) {
    case Sequencer::Phase::kPlus:
      return Neuron::Nudge::kTowards;
    case Sequencer::Phase::kMinus:
      return Neuron::Nudge::kAway;
    case Sequencer::Phase::kFree:
      break;
  }
  return Neuron::Nudge::kNone;
}

// Zeros, one byte a weight.
Weights NewWeights(const Network& network) {
  Weights weights(network.projections.size());
  for (int p = 0; p < static_cast<int>(weights.size()); ++p) {
    weights[p].resize(static_cast<std::size_t>(network.Rows(p)) * network.Lanes(p));
  }
  return weights;
}

}  // namespace

Core::Core(const Network& network, const Hardware& hardware, std::unique_ptr<ArrayPort> array)
    : network_(network),
      hardware_(Checked(network, hardware)),
      gain_(network.GainMax()),
      scale_(network.InputScale()),
      array_(std::move(array), hardware.array_rows, network.array.spare),
      sense_(array_, hardware.lanes, hardware.weight_bits, network.array),
      program_(array_, sense_, log_, hardware.lanes, hardware.weight_bits, network.array),
      row_adder_(hardware.lanes),
      products_(hardware.multipliers),
      learn_(hardware.lanes, hardware.weight_bits),
      weight_port_(hardware.weight_bits),
      input_(network.Inputs(), network.Outputs(), scale_),
      sums_(MemoryMap(network, hardware).blocks, hardware.lanes, hardware.neuron_lanes),
      neuron_(gain_, network.nudge_shift),
      states_(MemoryMap(network, hardware).blocks, hardware.lanes, hardware.neuron_lanes),
      walker_(network, hardware),
      group_walker_(network, hardware),
      sequencer_(network) {}

Counters Core::TakeCounters() { return std::exchange(counters_, {}); }

// One sample /////////////////////////////////////////////////////////////////////////////////////

void Core::Run(Mode mode, std::span<const Sample> samples, int learning_rate,
               std::vector<Outcome>& outcomes) {
  if (mode == Mode::kTrain) CheckLearningRate(learning_rate);
  for (const Sample& sample : samples) {
    CheckSample(network_, mode, sample);
    input_.Load(sample.codes, sample.label, mode == Mode::kTrain);
    random_ = sample.random;
    outcomes.push_back(RunSample(mode, learning_rate));
  }
}

Outcome Core::RunSample(Mode mode, int learning_rate) {
  sums_.Clear();
  states_.Clear();
  ++counters_.samples;
  Outcome outcome;
  bool changed = false;
  Sequencer::Step step = sequencer_.Start(mode);
  while (step.action != Sequencer::Action::kDone) {
    switch (step.action) {
      case Sequencer::Action::kDrive:
        changed = Drive(step);
        break;
      case Sequencer::Action::kSweep:
        changed = Sweep(step);
        break;
      case Sequencer::Action::kReadout:
        outcome = Read(mode);
        break;
      case Sequencer::Action::kSwap:
        Swap();
        break;
      case Sequencer::Action::kLearn:
        LearnPass(learning_rate);
        break;
      case Sequencer::Action::kDone:
        break;
    }
    CountSweeps(step, changed);
    step = sequencer_.Next(changed, outcome.gated);
  }
  return outcome;
}

// A sweep, and the words of the sweeps that its phase does not need after it.
void Core::CountSweeps(const Sequencer::Step& step, bool changed) {
  if (step.sweep == 0) return;
  switch (step.phase) {
    case Sequencer::Phase::kFree:
      ++counters_.sweeps_free;
      break;
    case Sequencer::Phase::kPlus:
      ++counters_.sweeps_plus;
      break;
    case Sequencer::Phase::kMinus:
      ++counters_.sweeps_minus;
      break;
  }
  if (changed) return;
  counters_.rows_skipped_settled +=
      static_cast<std::uint64_t>(sequencer_.SweepsLeft()) * walker_.Words(Walk::kRelax);
}

// Free sweep 1 ///////////////////////////////////////////////////////////////////////////////////

bool Core::Drive(const Sequencer::Step& step) {
  int changed = 0;
  for (const WalkBlock& block : walker_.Blocks(Walk::kDrive)) {
    row_adder_.Clear();
    for (const InputBuffer::Row& input : input_.rows()) {
      AddDigits(SenseRow(Pass::kDrive, step.sweep, block, input.row), input.code);
    }
    const std::uint64_t sensed = input_.rows().size();
    counters_.rows_sensed_drive += sensed;
    counters_.rows_skipped_input_zero += block.rows - sensed;
    EndBlock(block, scale_);
    for (const GroupStep& group : group_walker_.OfBlock(block.lane_block)) {
      changed += VisitGroup(step, group);
    }
  }
  counters_.rows_skipped_unchanged += walker_.Words(Walk::kRelax);
  return changed > 0;
}

// Other sweeps ///////////////////////////////////////////////////////////////////////////////////

bool Core::Sweep(const Sequencer::Step& step) {
  int changed = 0;
  std::uint64_t sensed = 0;
  for (const WalkBlock& block : walker_.Blocks(Walk::kRelax)) {
    row_adder_.Clear();
    sensed += RelaxRows(step, block);
    EndBlock(block, 1);
    if (!sequencer_.UpdatesBlocks(block.projection)) continue;
    for (const GroupStep& group : group_walker_.OfBlock(block.lane_block)) {
      changed += VisitGroup(step, group);
    }
  }
  for (const GroupStep& group : group_walker_.All()) {
    if (sequencer_.UpdatedByGroupWalk(group.population)) changed += VisitGroup(step, group);
  }
  (step.phase == Sequencer::Phase::kFree ? counters_.rows_sensed_free
                                         : counters_.rows_sensed_nudged) += sensed;
  counters_.rows_skipped_unchanged += walker_.Words(Walk::kRelax) - sensed;
  return changed > 0;
}

int Core::RelaxRows(const Sequencer::Step& step, const WalkBlock& block) {
  const LaneMask changed_lanes = states_.ChangedLanes(block.lane_block);
  const bool gather = changed_lanes.Any();
  int sensed = 0;
  for (int row = 0; row < block.rows; ++row) {
    const int row_neuron = block.row_neuron + row;
    const bool scatter = states_.Changed(row_neuron);
    if (!Walker::RelaxSenses(gather, scatter)) continue;
    const RowWord& word = SenseRow(PassOf(step), step.sweep, block, row);
    ++sensed;
    if (scatter) AddDigits(word, states_.Delta(row_neuron));
    if (gather) {
      sums_.AddNeuron(row_neuron,
                      products_.Gather(word, states_.Deltas(block.lane_block), changed_lanes),
                      Shift(block));
      counters_.products += changed_lanes.Count();
    }
  }
  return sensed;
}

void Core::AddDigits(const RowWord& word, int multiplicand) {
  const bool negative = multiplicand < 0;
  const Digits digits(std::abs(multiplicand));
  for (int position = 0; position <= 8; ++position) {
    if ((digits.All() >> position & 1) == 0) continue;
    const bool minus = (digits.negative >> position & 1) != 0;
    row_adder_.Add(word, position, minus != negative);
  }
  counters_.digits += digits.Count();
  counters_.extra_digits += digits.Count() - 1;
}

void Core::EndBlock(const WalkBlock& block, int scale) {
  if (!row_adder_.written()) return;
  sums_.AddBlock(block.lane_block, block.neurons, row_adder_.accumulators(), scale, Shift(block));
}

int Core::VisitGroup(const Sequencer::Step& step, const GroupStep& group) {
  const bool update =
      sums_.Dirty(group.group) || step.update_all || (group.output && step.update_output);
  if (!update) {
    states_.Drop(group.group);
    return 0;
  }
  // Neurons beyond the population stay 0.
  std::array<std::uint8_t, kLanesMax> next{};
  for (int i = 0; i < group.neurons; ++i) {
    const int neuron = group.group * hardware_.neuron_lanes + i;
    const int target = group.first + i == input_.label() ? kStateMax : 0;
    const Neuron::Nudge nudge = group.output ? NudgeOf(step.phase) : Neuron::Nudge::kNone;
    next[i] = neuron_.Next(sums_.Read(neuron), nudge, target, states_.State(neuron));
  }
  const auto states = std::span<const std::uint8_t>(next).first(hardware_.neuron_lanes);
  const int changed = states_.Update(group.group, states, step.save);
  sums_.ClearDirty(group.group);
  ++counters_.group_updates;
  counters_.states_changed += changed;
  if (observer_ != nullptr) {
    observer_->OnUpdate(PassOf(step), step.sweep, static_cast<std::uint32_t>(group.group), states);
  }
  return changed;
}

// Readout, swap //////////////////////////////////////////////////////////////////////////////////

Outcome Core::Read(Mode mode) {
  const int output = static_cast<int>(network_.populations.size()) - 1;
  readout_.Start(input_.label());
  for (const GroupStep& group : group_walker_.OfPopulation(output)) {
    readout_.Read(group.first, states_.Group(group.group).first(group.neurons));
  }
  Outcome outcome{.prediction = readout_.prediction()};
  outcome.gated = mode == Mode::kTrain && readout_.error() < network_.error_gate;
  if (outcome.gated) {
    ++counters_.samples_gated;
    counters_.rows_skipped_gated +=
        std::uint64_t{2} * network_.nudged_sweeps * walker_.Words(Walk::kRelax) +
        walker_.Words(Walk::kLearn);
  }
  if (observer_ != nullptr) observer_->OnOutcome(outcome);
  return outcome;
}

void Core::Swap() {
  for (const GroupStep& group : group_walker_.All()) states_.Swap(group.group);
}

// Learn //////////////////////////////////////////////////////////////////////////////////////////

// After minus the states are s- and the saved states s+; the input has s+ = s- = x.
void Core::LearnPass(int learning_rate) {
  const std::uint64_t sensed_before = counters_.rows_sensed_learn;
  for (const WalkBlock& block : walker_.Blocks(Walk::kLearn)) {
    const LaneMask differing = states_.DifferingLanes(block.lane_block);
    const LaneMask active = states_.ActiveLanes(block.lane_block);
    const auto learn = [&](int row, int plus, int minus) {
      const LaneMask candidates = Products::Candidates(plus, minus, differing, active);
      if (candidates.Any()) LearnRow(block, row, plus, minus, learning_rate, candidates);
    };
    if (network_.projections[block.projection].FromInput()) {
      for (const InputBuffer::Row& input : input_.rows()) {
        learn(input.row, input.code * scale_, input.code * scale_);
      }
      continue;
    }
    for (int row = 0; row < block.rows; ++row) {
      const int neuron = block.row_neuron + row;
      learn(row, states_.Saved(neuron), states_.State(neuron));
    }
  }
  const std::uint64_t sensed = counters_.rows_sensed_learn - sensed_before;
  counters_.rows_skipped_no_step += walker_.Words(Walk::kLearn) - sensed;
}

void Core::LearnRow(const WalkBlock& block, int row, int plus, int minus, int learning_rate,
                    const LaneMask& candidates) {
  counters_.products_learn += candidates.Count();
  const Products::LearnWord& d =
      products_.Learn(learning_rate, plus, minus, states_.SavedStates(block.lane_block),
                      states_.States(block.lane_block), candidates);
  Learn::StepWord steps{};
  std::optional<std::uint32_t> random;
  if (network_.stochastic) random = Dither::OfRow(random_, row);
  if (!learn_.Steps(d, network_.projections[block.projection].learning_shift, random, steps)) {
    return;
  }
  const RowWord word = SenseRow(Pass::kLearn, 0, block, row);
  ++counters_.rows_sensed_learn;
  RowWord new_word{};
  counters_.weights_changed += learn_.Apply(word, steps, new_word).Count();
  ProgramRow(Pass::kLearn, block, row, word, new_word, network_.array.verify);
}

// Array access ///////////////////////////////////////////////////////////////////////////////////

const RowWord& Core::SenseRow(Pass pass, int sweep, const WalkBlock& block, int row) {
  const std::uint32_t array_row = block.array_row + row;
  const RowWord& word = sense_.Read(array_row, block.neurons);
  CountSenses(pass, sweep, array_row);
  return word;
}

void Core::CountSenses(Pass pass, int sweep, std::uint32_t array_row) {
  const Sense::Report& report = sense_.report();
  counters_.late_senses += report.late;
  counters_.re_reads += report.senses - 1;
  for (int i = 0; observer_ != nullptr && i < report.senses; ++i) {
    observer_->OnSense(pass, sweep, array_.Row(array_row));
  }
}

void Core::ProgramRow(Pass pass, const WalkBlock& block, int row, const RowWord& old_word,
                      const RowWord& new_word, bool verify) {
  const std::uint32_t array_row = block.array_row + row;
  const Program::Report& report = program_.Write(array_row, old_word, new_word, verify,
                                                 network_.array.shrink && pass != Pass::kTest);
  if (report.shots.empty()) return;
  ++counters_.rows_programmed;
  counters_.shots += report.pulses;
  counters_.rows_sensed_verify += report.verifies;
  counters_.late_senses += report.late;
  counters_.re_reads += report.senses - report.verifies;
  counters_.cells_set += report.shots.front().cells_set;
  counters_.cells_reset += report.shots.front().cells_reset;
  for (const Program::ShotCells& shot : std::span(report.shots).subspan(1)) {
    counters_.cells_set_again += shot.cells_set;
    counters_.cells_reset_again += shot.cells_reset;
  }
  counters_.cells_failed_set += report.failed.cells_set;
  counters_.cells_failed_reset += report.failed.cells_reset;
  if (report.Failed()) ++counters_.verify_failures;
  if (observer_ == nullptr) return;
  for (const Program::ShotCells& shot : report.shots) {
    observer_->OnProgram(pass, array_.Row(array_row), std::span(shot.set).first(hardware_.lanes),
                         std::span(shot.reset).first(hardware_.lanes));
  }
  for (int i = 0; i < report.senses; ++i) observer_->OnSense(pass, 0, array_.Row(array_row));
}

// Weights from and to the host ///////////////////////////////////////////////////////////////////

void Core::LoadWeights(const Weights& weights) {
  CheckWeights(network_, weights);
  for (const WalkBlock& block : walker_.Blocks(Walk::kHost)) {
    const int lanes = network_.Lanes(block.projection);
    const std::int8_t* bytes =
        weights[block.projection].data() + std::ptrdiff_t{block.block} * hardware_.lanes;
    for (int row = 0; row < block.rows; ++row, bytes += lanes) {
      const RowWord word = SenseRow(Pass::kLoad, 0, block, row);
      ++counters_.rows_sensed_host;
      ProgramRow(Pass::kLoad, block, row, word,
                 weight_port_.Load(std::span(bytes, block.neurons), word), network_.array.verify);
    }
  }
}

Weights Core::ReadWeights() {
  Weights weights = NewWeights(network_);
  for (const WalkBlock& block : walker_.Blocks(Walk::kHost)) {
    const int lanes = network_.Lanes(block.projection);
    for (int row = 0; row < block.rows; ++row) {
      const RowWord bytes = WeightPort::Save(SenseRow(Pass::kSave, 0, block, row), block.neurons);
      ++counters_.rows_sensed_host;
      std::copy_n(bytes.begin(), block.neurons,
                  weights[block.projection].begin() + std::ptrdiff_t{row} * lanes +
                      std::ptrdiff_t{block.block} * hardware_.lanes);
    }
  }
  return weights;
}

// A weak cell counts as wrong, so that it is programmed whatever it holds.
void Core::Scrub() {
  for (const WalkBlock& block : walker_.Blocks(Walk::kHost)) {
    for (int row = 0; row < block.rows; ++row) {
      const std::uint32_t array_row = block.array_row + row;
      Cells weak{};
      const RowWord word = sense_.Scrub(array_row, block.neurons, weak);
      CountSenses(Pass::kScrub, 0, array_row);
      ++counters_.rows_tested;
      RowWord old_word = word;
      for (int l = 0; l < hardware_.lanes; ++l) {
        old_word[l] = static_cast<std::int8_t>(old_word[l] ^ weak[l]);
        counters_.cells_weak += std::popcount(weak[l]);
      }
      ProgramRow(Pass::kScrub, block, row, old_word, word, true);
    }
  }
}

Weights Core::Test(const CellTest& test) {
  Weights map = NewWeights(network_);
  const int unused = 8 - hardware_.weight_bits;
  for (const WalkBlock& block : walker_.Blocks(Walk::kHost)) {
    for (int row = 0; row < block.rows; ++row) {
      const std::uint32_t array_row = block.array_row + row;
      Cells found{};
      const RowWord word = test.margin ? sense_.Scrub(array_row, block.neurons, found)
                                       : sense_.Read(array_row, block.neurons);
      CountSenses(Pass::kTest, 0, array_row);
      ++counters_.rows_tested;
      RowWord new_word = word;
      std::int8_t* bytes = map[block.projection].data() +
                           std::ptrdiff_t{row} * network_.Lanes(block.projection) +
                           std::ptrdiff_t{block.block} * hardware_.lanes;
      for (int l = 0; l < block.neurons; ++l) {
        const int cells = test.margin ? found[l] : word[l] ^ (test.value ? -1 : 0);
        bytes[l] = static_cast<std::int8_t>(static_cast<std::int8_t>(cells << unused) >> unused);
        new_word[l] = test.value ? 0 : -1;
      }
      if (test.margin || !test.invert) continue;
      ProgramRow(Pass::kTest, block, row, word, new_word, network_.array.verify);
    }
  }
  return map;
}

std::unique_ptr<Core> MakeGolden(const Network& network, const Hardware& hardware,
                                 std::unique_ptr<ArrayPort> array) {
  hardware.Check(network);
  if (!array) array = std::make_unique<Array>(hardware.array_rows, hardware.lanes);
  return std::make_unique<Core>(network, hardware, std::move(array));
}

}  // namespace ep::model
