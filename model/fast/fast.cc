// SPDX-License-Identifier: Apache-2.0

#include "model/fast/fast.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "model/common/checks.h"
#include "model/fast/learn.h"
#include "model/fast/population.h"

namespace ep::fast {
namespace {

// kCount: false leaves the counters alone, to measure what they cost.
template <typename Sum, bool kCount>
class Fast final : public Machine {
 public:
  Fast(const Network& network, const Hardware& hardware, const Options& options);

  void LoadWeights(const Weights& weights) override;
  Weights ReadWeights() override;
  void Run(Mode mode, std::span<const Sample> samples, int learning_rate,
           std::vector<Outcome>& outcomes) override;
  Counters TakeCounters() override { return std::exchange(counters_, {}); }

 private:
  using Pop = Population<Sum>;

  Outcome RunSample(Mode mode, const Sample& sample, int learning_rate);
  void LoadSample(Mode mode, const Sample& sample);
  // The drive and free sweep 1; true if a state changed.
  bool Drive();
  // Adds what changed to the sums; adds the words sensed for it to `sensed`.
  void Propagate(std::uint64_t& sensed);
  // One sweep after the first free one; nudge is +1, -1 or 0.
  bool Sweep(int nudge, bool update_all, int label, std::uint64_t& sensed);
  int RelaxFree(bool changed);
  int RelaxNudged(int nudge, int label);
  void SetNudge(int nudge, int label);
  int Prediction() const;
  int LargestError(int label) const;  // max |y - s| over the outputs
  void LearnAll(std::uint32_t random, int learning_rate);
  void ListInputRows();
  void CountDrive(const Changes& input);
  std::uint64_t CountLink(const Link& link);
  void CountLearn(const Link& link, std::uint64_t products, const LearnCounts& counts);

  void Enter(Phase phase) {
    if (options_.phase != nullptr) options_.phase->store(phase, std::memory_order_relaxed);
  }

  Network network_;
  Hardware hardware_;
  Options options_;
  const Kernels<Sum>& kernels_;
  int gain_;
  int input_scale_;
  unsigned code_mask_;  // bits that no code has
  std::uint64_t drive_words_ = 0;
  std::uint64_t relax_words_ = 0;
  std::uint64_t learn_words_ = 0;
  std::vector<Pop> populations_;
  std::vector<Link> links_;
  std::vector<Link*> drive_links_;
  std::vector<Link*> relax_links_;
  Aligned<std::int32_t> nudge_;
  std::vector<Candidates> candidates_;  // by population, for the learn pass
  LearnBuffers learn_buffers_;
  Counters counters_;
};

template <typename Sum, bool kCount>
Fast<Sum, kCount>::Fast(const Network& network, const Hardware& hardware, const Options& options)
    : network_(network),
      hardware_(hardware),
      options_(options),
      kernels_(GetKernels<Sum>(options.simd, kCount)),
      gain_(network.GainMax()),
      input_scale_(network.InputScale()),
      code_mask_(~static_cast<unsigned>(kStateMax / network.InputScale()) & 255U) {
  for (const int size : network_.populations) {
    populations_.emplace_back(size);
    populations_.back().groups = hardware_.Groups(size);
  }
  for (std::size_t p = 0; p < network_.projections.size(); ++p) {
    const Projection& projection = network_.projections[p];
    Link link;
    link.rows = projection.RowPopulation();
    link.lanes = projection.LanePopulation();
    link.row_count = network_.populations[link.rows];
    link.lane_count = network_.populations[link.lanes];
    link.blocks = hardware_.Blocks(link.lane_count);
    link.words = static_cast<std::uint64_t>(link.blocks) * link.row_count;
    link.shift = gain_ - projection.gain_shift;
    link.learning_shift = projection.learning_shift;
    link.learn = projection.learn;
    link.synapses.to_lanes = Matrix(link.row_count, link.lane_count);
    if (!projection.FromInput()) {
      link.synapses.to_rows = Matrix(link.lane_count, link.row_count);
      link.synapses.has_to_rows = true;
    }
    if (link.learn) learn_words_ += link.words;
    links_.push_back(std::move(link));
  }
  for (Link& link : links_) {
    populations_[link.rows].wanted.digits = kCount;
    if (link.rows == 0) {
      drive_links_.push_back(&link);
      drive_words_ += link.words;
      populations_[link.lanes].has_drive = true;
    } else {
      relax_links_.push_back(&link);
      relax_words_ += link.words;
      populations_[link.lanes].wanted.block_lanes = kCount ? hardware_.lanes : 0;
    }
  }
  nudge_.resize(populations_.back().padded);
  for (const int size : network_.populations) candidates_.emplace_back().Reserve(size);
  learn_buffers_.Reserve(network_.Inputs(), std::ranges::max(network_.populations));
}

template <typename Sum, bool kCount>
void Fast<Sum, kCount>::LoadWeights(const Weights& weights) {
  CheckWeights(network_, weights);
  const unsigned cells = (1U << network_.weight_bits) - 1;
  for (std::size_t p = 0; p < links_.size(); ++p) {
    Link& link = links_[p];
    counters_.rows_sensed_host += link.words;
    for (int i = 0; i < link.row_count; ++i) {
      for (int first = 0; first < link.lane_count; first += hardware_.lanes) {
        int set = 0;
        int reset = 0;
        for (int j = first; j < std::min(first + hardware_.lanes, link.lane_count); ++j) {
          const std::int8_t w = weights[p][static_cast<std::size_t>(i) * link.lane_count + j];
          const unsigned before = static_cast<unsigned>(link.synapses.to_lanes.At(i, j)) & cells;
          const unsigned after = static_cast<unsigned>(w) & cells;
          set += std::popcount(after & ~before);
          reset += std::popcount(before & ~after);
          link.synapses.to_lanes.At(i, j) = w;
          if (link.synapses.has_to_rows) link.synapses.to_rows.At(j, i) = w;
        }
        counters_.rows_programmed += set + reset > 0 ? 1 : 0;
        counters_.shots += (set > 0 ? 1 : 0) + (reset > 0 ? 1 : 0);
        counters_.cells_set += set;
        counters_.cells_reset += reset;
      }
    }
  }
}

template <typename Sum, bool kCount>
Weights Fast<Sum, kCount>::ReadWeights() {
  Weights weights;
  for (const Link& link : links_) {
    counters_.rows_sensed_host += link.words;
    std::vector<std::int8_t>& w = weights.emplace_back();
    w.reserve(static_cast<std::size_t>(link.row_count) * link.lane_count);
    for (int i = 0; i < link.row_count; ++i) {
      for (int j = 0; j < link.lane_count; ++j) w.push_back(link.synapses.to_lanes.At(i, j));
    }
  }
  return weights;
}

template <typename Sum, bool kCount>
void Fast<Sum, kCount>::Run(Mode mode, std::span<const Sample> samples, int learning_rate,
                            std::vector<Outcome>& outcomes) {
  if (mode == Mode::kTrain) CheckLearningRate(learning_rate);
  outcomes.reserve(outcomes.size() + samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    // Samples come in any order: fetch the one after the next while this one runs.
    if (i + 2 < samples.size()) {
      const std::span<const std::uint8_t> next = samples[i + 2].codes;
      for (std::size_t byte = 0; byte < next.size(); byte += 64) __builtin_prefetch(&next[byte]);
    }
    outcomes.push_back(RunSample(mode, samples[i], learning_rate));
  }
  Enter(Phase::kIdle);
}

template <typename Sum, bool kCount>
Outcome Fast<Sum, kCount>::RunSample(Mode mode, const Sample& sample, int learning_rate) {
  Enter(Phase::kDrive);
  LoadSample(mode, sample);
  const bool changed = Drive();
  Enter(Phase::kFree);
  const int sweeps = RelaxFree(changed);
  if constexpr (kCount) {
    ++counters_.samples;
    counters_.sweeps_free += sweeps;
    counters_.rows_skipped_settled += (network_.free_sweeps - sweeps) * relax_words_;
  }
  Outcome outcome;
  outcome.prediction = Prediction();
  if (mode == Mode::kInfer) return outcome;
  const int limit = network_.nudged_sweeps;
  if (LargestError(sample.label) < network_.error_gate) {
    if constexpr (kCount) {
      ++counters_.samples_gated;
      counters_.rows_skipped_gated += 2 * limit * relax_words_ + learn_words_;
    }
    outcome.gated = true;
    return outcome;
  }

  Enter(Phase::kNudged);
  for (std::size_t p = 1; p < populations_.size(); ++p) {
    populations_[p].free = populations_[p].state;
  }
  const int plus = RelaxNudged(+1, sample.label);
  for (std::size_t p = 1; p < populations_.size(); ++p) {
    Pop& population = populations_[p];
    population.plus = population.state;
    population.state = population.free;
    population.moved = true;
  }
  const int minus = RelaxNudged(-1, sample.label);
  if constexpr (kCount) {
    counters_.sweeps_plus += plus;
    counters_.sweeps_minus += minus;
    counters_.rows_skipped_settled += (2 * limit - plus - minus) * relax_words_;
  }

  Enter(Phase::kLearn);
  LearnAll(sample.random, learning_rate);
  return outcome;
}

template <typename Sum, bool kCount>
void Fast<Sum, kCount>::LoadSample(Mode mode, const Sample& sample) {
  const bool bad_label =
      mode == Mode::kTrain && (sample.label < 0 || sample.label >= populations_.back().size);
  Pop& input = populations_[0];
  if (bad_label || static_cast<int>(sample.codes.size()) != input.size) {
    CheckSample(network_, mode, sample);
  }
  std::memcpy(input.state.data(), sample.codes.data(), sample.codes.size());
  if (code_mask_ != 0) {
    std::uint64_t bits = 0;
    const std::uint8_t* codes = input.state.data();
    for (int j = 0; j < input.padded; j += 8) {
      std::uint64_t word;
      std::memcpy(&word, codes + j, sizeof word);
      bits |= word;
    }
    if ((bits & (0x0101010101010101U * code_mask_)) != 0) CheckSample(network_, mode, sample);
  }
  std::ranges::fill(input.contained, 0);
  for (std::size_t p = 1; p < populations_.size(); ++p) populations_[p].Reset();
}

template <typename Sum, bool kCount>
bool Fast<Sum, kCount>::Drive() {
  Pop& input = populations_[0];
  input.changes =
      kernels_.find_changes(input.state.data(), input.contained.data(), input.padded, input.wanted,
                            input.added, input.removed, input.changed.data());
  for (Link* link : drive_links_) {
    kernels_.accumulate(link->synapses.to_lanes, input.added, input.removed, input_scale_,
                        link->shift, populations_[link->lanes].sums.data());
  }
  if constexpr (kCount) CountDrive(input.changes);
  const int rows = input.changes.neurons;
  if (rows == 0) return false;
  int changed = 0;
  for (Pop& population : populations_) {
    if (!population.has_drive) continue;
    const int neurons = kernels_.activate(population.sums.data(), nullptr, gain_, population.padded,
                                          population.state.data());
    population.moved = neurons > 0;
    changed += neurons;
    if constexpr (kCount) counters_.group_updates += population.groups;
  }
  if constexpr (kCount) counters_.states_changed += changed;
  return changed > 0;
}

template <typename Sum, bool kCount>
void Fast<Sum, kCount>::Propagate(std::uint64_t& sensed) {
  for (std::size_t p = 1; p < populations_.size(); ++p) {
    Pop& population = populations_[p];
    population.changes = {};
    if (!population.moved) continue;
    population.changes = kernels_.find_changes(
        population.state.data(), population.contained.data(), population.padded, population.wanted,
        population.added, population.removed, population.changed.data());
  }
  std::uint64_t words = 0;
  for (Link* link : relax_links_) {
    Pop& rows = populations_[link->rows];
    Pop& lanes = populations_[link->lanes];
    if (rows.changes.neurons > 0) {
      kernels_.accumulate(link->synapses.to_lanes, rows.added, rows.removed, 1, link->shift,
                          lanes.sums.data());
      lanes.dirty = true;
    }
    if (lanes.changes.neurons > 0) {
      kernels_.accumulate(link->synapses.to_rows, lanes.added, lanes.removed, 1, link->shift,
                          rows.sums.data());
      rows.dirty = true;
    }
    if constexpr (kCount) words += CountLink(*link);
  }
  if constexpr (kCount) {
    sensed += words;
    counters_.rows_skipped_unchanged += relax_words_ - words;
  }
}

template <typename Sum, bool kCount>
bool Fast<Sum, kCount>::Sweep(int nudge, bool update_all, int label, std::uint64_t& sensed) {
  Propagate(sensed);
  int changed = 0;
  for (std::size_t p = 1; p < populations_.size(); ++p) {
    Pop& population = populations_[p];
    const bool nudged = nudge != 0 && p + 1 == populations_.size();
    population.moved = false;
    if (!population.dirty && !update_all && !nudged) continue;
    if (nudged) SetNudge(nudge, label);
    const int neurons = kernels_.activate(population.sums.data(), nudged ? nudge_.data() : nullptr,
                                          gain_, population.padded, population.state.data());
    population.dirty = false;
    population.moved = neurons > 0;
    changed += neurons;
    if constexpr (kCount) counters_.group_updates += population.groups;
  }
  if constexpr (kCount) counters_.states_changed += changed;
  return changed > 0;
}

template <typename Sum, bool kCount>
int Fast<Sum, kCount>::RelaxFree(bool changed) {
  int sweeps = 1;
  for (; changed && sweeps < network_.free_sweeps; ++sweeps) {
    changed = Sweep(0, false, -1, counters_.rows_sensed_free);
  }
  return sweeps;
}

template <typename Sum, bool kCount>
int Fast<Sum, kCount>::RelaxNudged(int nudge, int label) {
  int sweeps = 0;
  for (bool changed = true; changed && sweeps < network_.nudged_sweeps; ++sweeps) {
    changed = Sweep(nudge, sweeps == 0, label, counters_.rows_sensed_nudged);
  }
  return sweeps;
}

// h = sign(d) (|d| >> b): d is 255 - s >= 0 for the class and -s <= 0 elsewhere.
template <typename Sum, bool kCount>
void Fast<Sum, kCount>::SetNudge(int nudge, int label) {
  const Pop& output = populations_.back();
  for (int j = 0; j < output.size; ++j) {
    nudge_[j] = -nudge * (output.state[j] >> network_.nudge_shift);
  }
  nudge_[label] = nudge * ((kStateMax - output.state[label]) >> network_.nudge_shift);
}

// The output with the largest state, the lowest of equals.
template <typename Sum, bool kCount>
int Fast<Sum, kCount>::Prediction() const {
  const Pop& output = populations_.back();
  unsigned best = 0;
  for (int j = 0; j < output.size; ++j) {
    // Larger states win, then smaller j: one comparison that compilers turn into a maximum.
    best = std::max(
        best, (static_cast<unsigned>(output.state[j]) << 16) | static_cast<unsigned>(0xffff - j));
  }
  return static_cast<int>(0xffff - (best & 0xffff));
}

template <typename Sum, bool kCount>
int Fast<Sum, kCount>::LargestError(int label) const {
  const Pop& output = populations_.back();
  int error = kStateMax - output.state[label];
  for (int j = 0; j < output.size; ++j) {
    error = std::max(error, j == label ? 0 : int{output.state[j]});
  }
  return error;
}

// The input as candidates: s+ = s- = x.
template <typename Sum, bool kCount>
void Fast<Sum, kCount>::ListInputRows() {
  const Pop& input = populations_[0];
  candidates_[0].active.size = candidates_[0].differing.size = 0;
  ForEachBit(input.changed, [&](int i) {
    const int x = input.state[i] * input_scale_;
    candidates_[0].Add(i, x, x);
  });
}

template <typename Sum, bool kCount>
void Fast<Sum, kCount>::LearnAll(std::uint32_t random, int learning_rate) {
  for (std::size_t p = 1; p < populations_.size(); ++p) {
    const Pop& population = populations_[p];
    kernels_.find_candidates(population.plus.data(), population.state.data(), population.padded,
                             candidates_[p].active, candidates_[p].differing);
  }
  const bool by_quads = kernels_.learn_quads != nullptr && !network_.stochastic;
  if (!by_quads) ListInputRows();
  for (Link& link : links_) {
    if (!link.learn) continue;
    const LearnRule rule = {.multiplier = learning_rate,
                            .learning_shift = link.learning_shift,
                            .weight_bits = network_.weight_bits,
                            .word_lanes = hardware_.lanes,
                            .stochastic = network_.stochastic,
                            .random = random};
    const Candidates& lanes = candidates_[link.lanes];
    if (link.rows == 0 && by_quads) {
      const Pop& input = populations_[0];
      const Pop& population = populations_[link.lanes];
      const LearnCounts counts = kernels_.learn_quads(
          rule, input.added, input_scale_, population.plus.data(), population.state.data(),
          link.synapses.to_lanes, learn_buffers_.scratch);
      const std::uint64_t products =
          static_cast<std::uint64_t>(input.changes.neurons) * lanes.differing.size;
      CountLearn(link, products, counts);
    } else {
      const Candidates& rows = candidates_[link.rows];
      CountLearn(link, CountProducts(rows, lanes),
                 LearnRows(rule, kernels_.find_steps, rows, lanes, link.synapses, learn_buffers_));
    }
  }
}

// Counters /////////////////////////////////////////////////////////////////////////////////////

// The drive and what else free sweep 1 counts.
template <typename Sum, bool kCount>
void Fast<Sum, kCount>::CountDrive(const Changes& input) {
  std::uint64_t sensed = 0;
  for (const Link* link : drive_links_) {
    const std::uint64_t blocks = link->blocks;
    sensed += blocks * input.neurons;
    counters_.digits += blocks * input.digits;
    counters_.extra_digits += blocks * (input.digits - input.neurons);
  }
  counters_.rows_sensed_drive += sensed;
  counters_.rows_skipped_input_zero += drive_words_ - sensed;
  counters_.rows_skipped_unchanged += relax_words_;
}

// One projection in one sweep; returns the words sensed: all rows in blocks with a lane that
// changed, the rows that changed in the others.
template <typename Sum, bool kCount>
std::uint64_t Fast<Sum, kCount>::CountLink(const Link& link) {
  const Changes& rows = populations_[link.rows].changes;
  const Pop& lanes = populations_[link.lanes];
  const std::uint64_t blocks = link.blocks;
  const std::uint64_t changed = lanes.changes.blocks;
  const std::uint64_t row_count = link.row_count;
  counters_.digits += rows.digits * blocks;
  counters_.extra_digits += (rows.digits - rows.neurons) * blocks;
  counters_.products += lanes.changes.neurons * row_count;
  return changed * row_count + (blocks - changed) * rows.neurons;
}

template <typename Sum, bool kCount>
void Fast<Sum, kCount>::CountLearn(const Link& link, std::uint64_t products,
                                   const LearnCounts& counts) {
  counters_.products_learn += products;
  counters_.rows_sensed_learn += counts.sensed;
  counters_.rows_skipped_no_step += link.words - counts.sensed;
  counters_.rows_programmed += counts.programmed;
  counters_.shots += counts.shots;
  counters_.weights_changed += counts.weights;
  counters_.cells_set += counts.set;
  counters_.cells_reset += counts.reset;
}

}  // namespace

std::unique_ptr<Machine> MakeFast(const Network& network, const Hardware& hardware) {
  return MakeFast(network, hardware, {});
}

std::unique_ptr<Machine> MakeFast(const Network& network, const Hardware& hardware,
                                  const Options& options) {
  hardware.Check(network);
  // Its cells are ideal, and it does not count what is sensed more than once.
  const auto refuse = [](const char* field, const char* value) {
    throw UserError(
        fmt::format("array.{} is {}: backend fast has ideal cells only: leave it out, or choose "
                    "backend golden, "
                    "rtl or lockstep",
                    field, value));
  };
  if (network.array.verify) refuse("verify", "true");
  if (network.array.late != LatePolicy::kKeep) refuse("late", Name(network.array.late));
  // One bit is left for the rounding of the activation.
  if (network.SumBits() < 32) {
    if (!options.count) {
      return std::make_unique<Fast<std::int32_t, false>>(network, hardware, options);
    }
    return std::make_unique<Fast<std::int32_t, true>>(network, hardware, options);
  }
  return std::make_unique<Fast<std::int64_t, true>>(network, hardware, options);
}

}  // namespace ep::fast
