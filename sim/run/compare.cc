// SPDX-License-Identifier: Apache-2.0

#include "sim/run/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sim/backends.h"

namespace ep::sim {
namespace {

// Finds the first value that differs; the names of the runs stay with it.
class Finder {
 public:
  Finder(const std::string& name_a, const std::string& name_b) : name_a_(name_a), name_b_(name_b) {}

  template <typename T>
  void Check(const std::string& what, const T& a, const T& b) {
    if (!found_.empty() || a == b) return;
    found_ = fmt::format("{}: {} is {} with {}, {} with {}", where_, what, a, name_a_, b, name_b_);
  }
  void At(const std::string& where) { where_ = where; }
  const std::string& Found() const { return found_; }

 private:
  std::string name_a_;
  std::string name_b_;
  std::string where_;
  std::string found_;
};

}  // namespace

std::string CompareRuns(const RunResult& a, const std::string& name_a, const RunResult& b,
                        const std::string& name_b) {
  const Counts counts_a = FindBackend(a.backend).counts;
  const Counts counts_b = FindBackend(b.backend).counts;
  Finder finder(name_a, name_b);
  finder.At("run");
  finder.Check("network", a.network, b.network);
  finder.Check("seed", a.seed, b.seed);
  for (std::size_t i = 0; i < std::min(a.epochs.size(), b.epochs.size()); ++i) {
    const EpochResult& epoch_a = a.epochs[i];
    const EpochResult& epoch_b = b.epochs[i];
    finder.At(fmt::format("epoch {}", epoch_a.epoch));
    finder.Check("epoch", epoch_a.epoch, epoch_b.epoch);
    finder.Check("weights_hash", epoch_a.weights_hash, epoch_b.weights_hash);
    finder.Check("tested", epoch_a.tested, epoch_b.tested);
    finder.Check("correct", epoch_a.correct, epoch_b.correct);
    std::map<std::string, std::uint64_t> of_b;
    epoch_b.counters.ForEach(
        [&](const char* name, const char*, std::uint64_t value) { of_b[name] = value; });
    epoch_a.counters.ForEach([&](const char* name, const char*, std::uint64_t value) {
      if (Comparable(name, counts_a, counts_b)) finder.Check(name, value, of_b[name]);
    });
  }
  return finder.Found();
}

}  // namespace ep::sim
