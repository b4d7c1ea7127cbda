// SPDX-License-Identifier: Apache-2.0

#include "sim/run/chunk_runner.h"

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "model/common/dither.h"

namespace ep::sim {
namespace {

double Now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

bool ChunkRunner::Run(Mode mode, int learning_rate, const SampleSet& set,
                      std::span<const std::uint32_t> order, std::uint32_t random, std::int64_t end,
                      std::int64_t& position, std::int64_t& correct) {
  while (position < end) {
    if (stop_ && stop_()) return false;
    const double begin = Now();
    samples_.clear();
    outcomes_.clear();
    const std::int64_t count = std::min(chunk_ - position % chunk_, end - position);
    for (std::int64_t i = position; i < position + count; ++i) {
      samples_.push_back(set.At(order.empty() ? static_cast<std::size_t>(i) : order[i]));
      samples_.back().random = random;
      random = Dither::Next(random);
    }
    in_chunk_ = true;
    machine_.Run(mode, samples_, learning_rate, outcomes_);
    in_chunk_ = false;
    ChunkReport report{.mode = mode, .position = position + count, .end = end, .chunk = count};
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      report.correct += outcomes_.at(i).prediction == samples_[i].label;
    }
    position += count;
    correct += report.correct;
    report.seconds = Now() - begin;
    if (report_) report_(report);
  }
  return true;
}

}  // namespace ep::sim
