// SPDX-License-Identifier: Apache-2.0

#include "model/fast/learn.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

namespace ep::fast {
namespace {

// Counts what the learn pass does to one row word after another.
class WordTally {
 public:
  explicit WordTally(Counters& counters) : counters_(counters) {}
  ~WordTally() { Close(); }
  WordTally(const WordTally&) = delete;
  WordTally& operator=(const WordTally&) = delete;

  // A step that is not 0 in the word `word`, its cells before and after.
  void Step(int word, unsigned before, unsigned after) {
    if (word != word_) {
      Close();
      word_ = word;
    }
    if (before == after) return;
    ++counters_.weights_changed;
    set_ += std::popcount(after & ~before);
    reset_ += std::popcount(before & ~after);
  }

  void Close() {
    if (word_ < 0) return;
    ++counters_.rows_sensed_learn;
    --counters_.rows_skipped_no_step;
    counters_.rows_programmed += set_ + reset_ > 0 ? 1 : 0;
    counters_.shots += (set_ > 0 ? 1 : 0) + (reset_ > 0 ? 1 : 0);
    counters_.cells_set += set_;
    counters_.cells_reset += reset_;
    word_ = -1;
    set_ = reset_ = 0;
  }

 private:
  Counters& counters_;
  int word_ = -1;
  unsigned set_ = 0;
  unsigned reset_ = 0;
};

// One row against candidate lanes.
void LearnRow(const LearnTarget& target, int m, const Active& row,
              const std::vector<Active>& lanes, Counters& counters) {
  const int half = 1 << (target.learning_shift - 1);
  const int limit = (1 << (target.weight_bits - 1)) - 1;
  const unsigned cells = (1U << target.weight_bits) - 1;
  WordTally tally(counters);
  for (const Active& lane : lanes) {
    const int d = m * (row.plus * lane.plus - row.minus * lane.minus);
    if (std::abs(d) < half) continue;
    const int size = (std::abs(d) + half) >> target.learning_shift;
    std::int8_t& weight = target.to_lanes->At(row.neuron, lane.neuron);
    const int before = weight;
    const int after = std::clamp(before + (d < 0 ? -size : size), -limit, limit);
    tally.Step(lane.neuron / target.lanes_per_word, before & cells, after & cells);
    weight = static_cast<std::int8_t>(after);
    if (target.to_rows != nullptr) target.to_rows->At(lane.neuron, row.neuron) = weight;
  }
}

}  // namespace

void ActiveLists::Clear() {
  active.clear();
  differing.clear();
  equal.clear();
}

void ActiveLists::Add(Active neuron) {
  active.push_back(neuron);
  (neuron.plus != neuron.minus ? differing : equal).push_back(neuron);
}

void Learn(const LearnTarget& target, int m, const ActiveLists& rows, const ActiveLists& lanes,
           Counters& counters) {
  counters.products_learn += rows.equal.size() * lanes.differing.size();
  counters.products_learn += rows.differing.size() * lanes.active.size();
  counters.rows_skipped_no_step += target.words;
  // A row of 255 at most moves only the lanes that differ enough.
  const int half = 1 << (target.learning_shift - 1);
  static thread_local std::vector<Active> strong;
  strong.clear();
  for (const Active& lane : lanes.differing) {
    if (std::abs(m * 255 * lane.Difference()) >= half) strong.push_back(lane);
  }
  if (!strong.empty()) {
    for (const Active& row : rows.equal) LearnRow(target, m, row, strong, counters);
  }
  for (const Active& row : rows.differing) LearnRow(target, m, row, lanes.active, counters);
}

}  // namespace ep::fast
