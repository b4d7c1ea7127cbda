// SPDX-License-Identifier: Apache-2.0

#include "model/fast/learn.h"

#include <algorithm>
#include <cstdlib>

#include "model/common/dither.h"
#include "model/fast/kernels_plain.h"

namespace ep::fast {
namespace {

// Counts what happens to one row word after another.
class WordTally {
 public:
  explicit WordTally(LearnCounts& counts) : counts_(counts) {}

  // A step that is not 0 in block `block` of the row.
  void Step(int block, unsigned before, unsigned after) {
    if (block != block_) {
      Close();
      block_ = block;
      ++counts_.sensed;
    }
    if (before == after) return;
    ++counts_.weights;
    set_ += kOnes[after & ~before];
    reset_ += kOnes[before & ~after];
  }

  void Close() {
    counts_.programmed += set_ + reset_ > 0 ? 1 : 0;
    counts_.shots += (set_ > 0 ? 1 : 0) + (reset_ > 0 ? 1 : 0);
    counts_.set += set_;
    counts_.reset += reset_;
    set_ = reset_ = 0;
  }

 private:
  LearnCounts& counts_;
  int block_ = -1;
  unsigned set_ = 0;
  unsigned reset_ = 0;
};

// Applies the steps of one row.
void Apply(const LearnRule& rule, int row, const StepList& steps, Synapses& synapses,
           LearnCounts& counts) {
  const int limit = rule.WeightMax();
  const unsigned cells = rule.Cells();
  WordTally tally(counts);
  for (int i = 0; i < steps.size; ++i) {
    const int lane = steps.lane[i];
    std::int8_t& weight = synapses.to_lanes.At(row, lane);
    const std::int8_t before = weight;
    const int after = std::clamp(before + steps.step[i], -limit, limit);
    tally.Step(lane / rule.word_lanes, static_cast<unsigned>(before) & cells,
               static_cast<unsigned>(after) & cells);
    weight = static_cast<std::int8_t>(after);
    if (synapses.has_to_rows) synapses.to_rows.At(lane, row) = weight;
  }
  tally.Close();
}

}  // namespace

void Candidates::Reserve(int neurons) {
  active.Reserve(neurons);
  differing.Reserve(neurons);
}

void Candidates::Add(int neuron, int plus, int minus) {
  Append(active, neuron, plus, minus);
  if (plus != minus) Append(differing, neuron, plus, minus);
}

void LearnScratch::Reserve(int rows, int lanes) {
  const std::size_t vectors = RoundUp(lanes, kAlign) / 16;
  vector.resize(vectors);
  negative.resize(vectors);
  size.resize(vectors * 16);
  full_step.resize(vectors * kAlign);
  stepped.resize(vectors * RoundUp(rows, kQuad) / kQuad + 8);
  set.resize(stepped.size());
  reset.resize(stepped.size());
}

void LearnBuffers::Reserve(int inputs, int neurons) {
  strong.Reserve(neurons);
  steps.Reserve(neurons);
  scratch.Reserve(inputs, neurons);
}

std::uint64_t CountProducts(const Candidates& rows, const Candidates& lanes) {
  const std::uint64_t differing_rows = rows.differing.size;
  const std::uint64_t equal_rows = rows.active.size - differing_rows;
  return equal_rows * lanes.differing.size + differing_rows * lanes.active.size;
}

LearnCounts LearnRows(const LearnRule& rule, FindSteps find_steps, const Candidates& rows,
                      const Candidates& lanes, Synapses& synapses, LearnBuffers& buffers) {
  LearnCounts counts;
  // A row that does not differ moves only lanes that do, and a row of 255 moves the most of them.
  CandidateList& strong = buffers.strong;
  strong.size = 0;
  if (rows.active.size > rows.differing.size) {
    for (int i = 0; i < lanes.differing.size; ++i) {
      const int plus = lanes.differing.plus[i];
      const int minus = lanes.differing.minus[i];
      if (rule.stochastic || rule.multiplier * 255 * std::abs(plus - minus) >= rule.Half()) {
        Append(strong, lanes.differing.neuron[i], plus, minus);
      }
    }
  }
  for (int i = 0; i < rows.active.size; ++i) {
    const int plus = rows.active.plus[i];
    const int minus = rows.active.minus[i];
    const CandidateList& candidates = plus == minus ? strong : lanes.active;
    if (candidates.size == 0) continue;
    buffers.steps.size = 0;
    LearnRule of_row = rule;
    if (rule.stochastic) of_row.random = Dither::OfRow(rule.random, rows.active.neuron[i]);
    find_steps(of_row, plus, minus, candidates, buffers.steps);
    if (buffers.steps.size == 0) continue;
    Apply(rule, rows.active.neuron[i], buffers.steps, synapses, counts);
  }
  return counts;
}

}  // namespace ep::fast
