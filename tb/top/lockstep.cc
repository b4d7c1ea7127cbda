// SPDX-License-Identifier: Apache-2.0

#include "tb/top/lockstep.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "model/common/memory_map.h"
#include "model/top/core.h"

namespace ep::rtl {
namespace {

using model::Pass;

struct Sensed {
  Pass pass;
  int sweep;
  std::uint32_t row;
};

struct Programmed {
  Pass pass;
  std::uint32_t row;
  bool set;  // cells that become 1; otherwise cells that become 0
  std::vector<std::uint8_t> cells;
};

struct Updated {
  Pass pass;
  int sweep;
  std::uint32_t group;
  std::vector<std::uint8_t> states;
};

const char* Name(Pass pass) {
  switch (pass) {
    case Pass::kDrive:
      return "drive";
    case Pass::kFree:
      return "free";
    case Pass::kPlus:
      return "plus";
    case Pass::kMinus:
      return "minus";
    case Pass::kLearn:
      return "learn";
    case Pass::kLoad:
      return "load";
    case Pass::kScrub:
      return "scrub";
    case Pass::kTest:
      return "test";
    default:
      return "save";
  }
}

// Keeps what the golden model reports until the RTL reports the same.
class Recorder final : public model::Observer {
 public:
  // Without shows_array the RTL reports no senses and programs.
  explicit Recorder(bool shows_array) : shows_array_(shows_array) {}

  void OnSense(Pass pass, int sweep, std::uint32_t row) override {
    if (shows_array_) sensed.push_back({pass, sweep, row});
  }
  void OnProgram(Pass pass, std::uint32_t row, std::span<const std::uint8_t> set,
                 std::span<const std::uint8_t> reset) override {
    if (!shows_array_) return;
    AddProgram(pass, row, true, set);
    AddProgram(pass, row, false, reset);
  }
  void OnUpdate(Pass pass, int sweep, std::uint32_t group,
                std::span<const std::uint8_t> states) override {
    updated.push_back({pass, sweep, group, {states.begin(), states.end()}});
  }
  void OnOutcome(const Outcome& outcome) override { outcomes.push_back(outcome); }

  std::deque<Sensed> sensed;
  std::deque<Programmed> programmed;
  std::deque<Updated> updated;
  std::deque<Outcome> outcomes;

 private:
  void AddProgram(Pass pass, std::uint32_t row, bool set, std::span<const std::uint8_t> cells) {
    for (const std::uint8_t byte : cells) {
      if (byte != 0) {
        programmed.push_back({pass, row, set, {cells.begin(), cells.end()}});
        return;
      }
    }
  }

  bool shows_array_;
};

class Pair final : public Lockstep, private model::Observer {
 public:
  Pair(const Network& network, std::unique_ptr<RtlMachine> rtl,
       std::unique_ptr<model::ArrayPort> array)
      : network_(network),
        hardware_(rtl->hardware()),
        map_(network, hardware_),
        golden_(model::MakeGolden(network, hardware_, std::move(array))),
        rtl_(std::move(rtl)),
        expected_(rtl_->ShowsArray()) {
    golden_->SetObserver(&expected_);
    rtl_->SetObserver(this);
  }

  void LoadWeights(const Weights& weights) override {
    golden_->LoadWeights(weights);
    rtl_->LoadWeights(weights);
    Compare(Concern::kProgram, [&] { MustBeEmpty("loading weights"); });
    ThrowLate();
  }

  void Scrub() override {
    golden_->Scrub();
    rtl_->Scrub();
    MustBeEmpty("scrubbing");
  }

  Weights ReadWeights() override {
    Weights expected = golden_->ReadWeights();
    CompareBytes("weights", rtl_->ReadWeights(), expected);
    return expected;
  }

  Weights Test(const CellTest& test) override {
    Weights expected = golden_->Test(test);
    CompareBytes("map", rtl_->Test(test), expected);
    return expected;
  }

  void Run(Mode mode, std::span<const Sample> samples, int learning_rate,
           std::vector<Outcome>& outcomes) override {
    mode_ = mode;
    samples_ = samples;
    learning_rate_ = learning_rate;
    golden_done_ = rtl_done_ = 0;
    rtl_->Run(mode, samples, learning_rate, outcomes);
    Compare(Concern::kUpdate, [&] { MustBeEmpty("the end of the run"); });
    ThrowLate();
  }

  const std::optional<Difference>& First() const override { return first_; }
  void SetGrace(std::uint64_t cycles) override { grace_ = cycles; }

  Counters TakeCounters() override {
    Counters expected = golden_->TakeCounters();
    Counters got = rtl_->TakeCounters();
    std::vector<std::uint64_t> values;
    expected.ForEach([&](const char*, const char*, std::uint64_t v) { values.push_back(v); });
    std::size_t i = 0;
    got.ForEach([&](const char* name, const char*, std::uint64_t value) {
      const std::string counter = name;
      const std::uint64_t model = values[i++];
      // Cycles and stalls are the RTL's alone.
      if (counter.starts_with("cycles_") || counter.starts_with("stalls_")) return;
      Compare(Concern::kCounters, [&] {
        if (value == model) return;
        throw Divergence(fmt::format("counter {}: RTL {}, model {}", counter, value, model));
      });
    });
    Compare(Concern::kCounters, [&] { CompareFailures(); });
    ThrowLate();
    return got;
  }

 private:
  // What a save or a test sends.
  void CompareBytes(const char* what, const Weights& got, const Weights& expected) {
    Compare(Concern::kSense, [&] { MustBeEmpty("reading weights"); });
    Compare(Concern::kWeights, [&] {
      for (std::size_t p = 0; p < expected.size(); ++p) {
        for (std::size_t i = 0; i < expected[p].size(); ++i) {
          if (got[p][i] != expected[p][i]) {
            throw Divergence(fmt::format("{}: projection {} row {} lane {}: RTL {}, model {}", what,
                                         p, i / network_.Lanes(p), i % network_.Lanes(p), got[p][i],
                                         expected[p][i]));
          }
        }
      }
    });
    ThrowLate();
  }

  // A comparison; nothing is compared after the first difference.
  template <typename F>
  void Compare(Concern concern, F&& compare) {
    if (first_) {
      if (rtl_->Cycles() - first_->cycle >= grace_) ThrowLate();
      return;
    }
    try {
      compare();
    } catch (const Divergence& divergence) {
      first_ = Difference{divergence.what(), concern, rtl_->Cycles()};
      if (grace_ == 0) throw;
    }
  }
  void ThrowLate() const {
    if (first_) throw Divergence(first_->text);
  }
  // Both logs are taken at the same times, so they are equal in what they lost too.
  void CompareFailures() {
    const auto [expected, expected_lost] = golden_->TakeFailures();
    const auto [got, got_lost] = rtl_->TakeFailures();
    const auto text = [this](const std::vector<model::Failure>& failures, std::size_t i) {
      if (i >= failures.size()) return std::string("nothing");
      return fmt::format("{} lane {} cells {:#04x}", RowName(failures[i].row), failures[i].lane,
                         failures[i].cells);
    };
    for (std::size_t i = 0; i < std::max(expected.size(), got.size()); ++i) {
      if (i < expected.size() && i < got.size() && expected[i] == got[i]) continue;
      throw Divergence(fmt::format("failure log, entry {}: RTL {}, model {}", i, text(got, i),
                                   text(expected, i)));
    }
    if (got_lost != expected_lost) {
      throw Divergence(
          fmt::format("failure log: RTL has lost {}, model {}", got_lost, expected_lost));
    }
  }

  // The golden model runs sample by sample, when the RTL reports something of the next one.
  template <typename Queue>
  bool Expect(const Queue& queue) {
    while (queue.empty() && golden_done_ < samples_.size() && golden_done_ <= rtl_done_) {
      std::vector<Outcome> ignored;
      golden_->Run(mode_, samples_.subspan(golden_done_, 1), learning_rate_, ignored);
      ++golden_done_;
    }
    return !queue.empty();
  }

  std::string Where(Pass pass, int sweep) const {
    std::string text = fmt::format("sample {} of the run, ", rtl_done_);
    if (pass == Pass::kLearn) return text + "learn";
    if (pass == Pass::kLoad || pass == Pass::kSave || pass == Pass::kScrub || pass == Pass::kTest) {
      return Name(pass);
    }
    return text + fmt::format("phase {}, sweep {}", Name(pass), sweep);
  }

  // The trace knows phase and sweep of a sense or update; the drive is free sweep 1. Outside sweeps
  // they are not compared.
  void MustBeIn(Pass pass, int sweep, Pass expected_pass, int expected_sweep) const {
    if (expected_sweep == 0) return;
    const Pass phase = expected_pass == Pass::kDrive ? Pass::kFree : expected_pass;
    if (phase == pass && expected_sweep == sweep) return;
    throw Divergence(
        fmt::format("{}: RTL is in {}", Where(expected_pass, expected_sweep), Where(pass, sweep)));
  }

  std::string RowName(std::uint32_t row) const {
    for (std::size_t p = network_.projections.size(); p-- > 0;) {
      if (row >= map_.projection_base[p]) {
        const std::uint32_t word = row - map_.projection_base[p];
        return fmt::format("array row {} (projection {}, lane block {}, row {})", row, p,
                           word / network_.Rows(p), word % network_.Rows(p));
      }
    }
    return fmt::format("array row {}", row);
  }

  // Neuron `index` of a group as population and neuron in it.
  std::string NeuronName(std::uint32_t group, int index) const {
    const int address = static_cast<int>(group) * hardware_.neuron_lanes + index;
    const int block = address / hardware_.lanes;
    std::size_t population = 1;
    while (population + 1 < network_.populations.size() &&
           map_.population_block[population + 1] <= block) {
      ++population;
    }
    return fmt::format("population {} neuron {}", population,
                       address - map_.population_block[population] * hardware_.lanes);
  }

  void OnSense(Pass pass, int sweep, std::uint32_t row) override {
    Compare(Concern::kSense, [&] { CompareSense(pass, sweep, row); });
  }
  void OnProgram(Pass pass, std::uint32_t row, std::span<const std::uint8_t> set,
                 std::span<const std::uint8_t> reset) override {
    Compare(Concern::kProgram, [&] { CompareProgram(pass, row, set, reset); });
  }
  void OnUpdate(Pass pass, int sweep, std::uint32_t group,
                std::span<const std::uint8_t> states) override {
    Compare(Concern::kUpdate, [&] { CompareUpdate(pass, sweep, group, states); });
  }
  void OnOutcome(const Outcome& outcome) override {
    Compare(Concern::kOutcome, [&] { CompareOutcome(outcome); });
  }

  void CompareSense(Pass pass, int sweep, std::uint32_t row) {
    if (!Expect(expected_.sensed)) {
      throw Divergence(
          fmt::format("{}: RTL senses {}, model senses nothing", Where(pass, sweep), RowName(row)));
    }
    const Sensed expected = expected_.sensed.front();
    expected_.sensed.pop_front();
    if (expected.row != row) {
      throw Divergence(fmt::format("{}: sense: RTL {}, model {}",
                                   Where(expected.pass, expected.sweep), RowName(row),
                                   RowName(expected.row)));
    }
    MustBeIn(pass, sweep, expected.pass, expected.sweep);
  }

  void CompareProgram(Pass pass, std::uint32_t row, std::span<const std::uint8_t> set,
                      std::span<const std::uint8_t> reset) {
    if (!Expect(expected_.programmed)) {
      throw Divergence(
          fmt::format("{}: RTL programs {}, model programs nothing", Where(pass, 0), RowName(row)));
    }
    const Programmed expected = expected_.programmed.front();
    expected_.programmed.pop_front();
    const std::string where = Where(expected.pass, 0);
    if (expected.row != row) {
      throw Divergence(
          fmt::format("{}: program: RTL {}, model {}", where, RowName(row), RowName(expected.row)));
    }
    const std::span<const std::uint8_t> cells = expected.set ? set : reset;
    for (std::size_t lane = 0; lane < cells.size(); ++lane) {
      if (cells[lane] != expected.cells[lane]) {
        throw Divergence(fmt::format("{}: {} lane {}: cells to {}: RTL {:#04x}, model {:#04x}",
                                     where, RowName(row), lane, expected.set ? 1 : 0, cells[lane],
                                     expected.cells[lane]));
      }
    }
  }

  void CompareUpdate(Pass pass, int sweep, std::uint32_t group,
                     std::span<const std::uint8_t> states) {
    if (!Expect(expected_.updated)) {
      throw Divergence(fmt::format("{}: RTL updates {}, model updates nothing", Where(pass, sweep),
                                   NeuronName(group, 0)));
    }
    const Updated expected = expected_.updated.front();
    expected_.updated.pop_front();
    const std::string where = Where(expected.pass, expected.sweep);
    if (expected.group != group) {
      throw Divergence(fmt::format("{}: update: RTL group of {}, model group of {}", where,
                                   NeuronName(group, 0), NeuronName(expected.group, 0)));
    }
    MustBeIn(pass, sweep, expected.pass, expected.sweep);
    for (std::size_t i = 0; i < states.size(); ++i) {
      if (states[i] != expected.states[i]) {
        throw Divergence(fmt::format("{}: {}: RTL {}, model {}", where,
                                     NeuronName(group, static_cast<int>(i)), states[i],
                                     expected.states[i]));
      }
    }
  }

  void CompareOutcome(const Outcome& outcome) {
    if (!Expect(expected_.outcomes)) throw Divergence("RTL has an outcome, the model has none");
    const Outcome expected = expected_.outcomes.front();
    expected_.outcomes.pop_front();
    if (outcome != expected) {
      throw Divergence(fmt::format("sample {} of the run: RTL predicts {}{}, model {}{}", rtl_done_,
                                   outcome.prediction, outcome.gated ? " (gated)" : "",
                                   expected.prediction, expected.gated ? " (gated)" : ""));
    }
    MustBeEmpty(fmt::format("sample {} of the run", rtl_done_));
    ++rtl_done_;
  }

  // Whatever the model did, the RTL did too.
  void MustBeEmpty(const std::string& when) {
    if (!expected_.sensed.empty()) {
      const Sensed& first = expected_.sensed.front();
      throw Divergence(fmt::format("{}, {}: model senses {}, RTL does not", when,
                                   Where(first.pass, first.sweep), RowName(first.row)));
    }
    if (!expected_.programmed.empty()) {
      throw Divergence(fmt::format("{}: model programs {}, RTL does not", when,
                                   RowName(expected_.programmed.front().row)));
    }
    if (!expected_.updated.empty()) {
      const Updated& first = expected_.updated.front();
      throw Divergence(fmt::format("{}, {}: model updates {}, RTL does not", when,
                                   Where(first.pass, first.sweep), NeuronName(first.group, 0)));
    }
  }

  Network network_;
  Hardware hardware_;
  MemoryMap map_;
  std::unique_ptr<model::Core> golden_;
  std::unique_ptr<RtlMachine> rtl_;
  Recorder expected_;
  Mode mode_ = Mode::kInfer;
  std::span<const Sample> samples_;
  int learning_rate_ = 0;
  std::size_t golden_done_ = 0;  // samples of this run
  std::size_t rtl_done_ = 0;
  std::optional<Difference> first_;
  std::uint64_t grace_ = 0;
};

}  // namespace

std::unique_ptr<Lockstep> MakeLockstep(const Network& network, std::unique_ptr<RtlMachine> rtl,
                                       std::unique_ptr<model::ArrayPort> array) {
  return std::make_unique<Pair>(network, std::move(rtl), std::move(array));
}

}  // namespace ep::rtl
