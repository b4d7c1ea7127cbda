// SPDX-License-Identifier: Apache-2.0
//
// Runs samples on a machine in chunks: between chunks, progress is shown and Ctrl-C is heard.
// Chunks change no result, since a machine keeps nothing between samples but weights and counters;
// but the RTL waits for the first sample of each, so they are the same in every run, stopped or
// not.

#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "model/common/machine.h"
#include "sim/dataset/encode.h"

namespace ep::sim {

// One chunk, after it ran.
struct ChunkReport {
  Mode mode = Mode::kTrain;
  std::int64_t position = 0;  // samples done, of
  std::int64_t end = 0;       // so many
  std::int64_t chunk = 0;     // samples of this chunk
  std::int64_t correct = 0;   // correct predictions in this chunk
  double seconds = 0;         // that it took
};

// Short enough for Ctrl-C in the slowest machine, long enough to cost nothing in the fastest.
constexpr int kChunkSamples = 128;

using StopFunction = std::function<bool()>;
using ChunkFunction = std::function<void(const ChunkReport&)>;

class ChunkRunner {
 public:
  // stop is asked before each chunk, report called after each; both may be empty.
  ChunkRunner(Machine& machine, StopFunction stop, ChunkFunction report, int chunk = kChunkSamples)
      : machine_(machine), stop_(std::move(stop)), report_(std::move(report)), chunk_(chunk) {}

  // Runs samples position..end of the set in the given order (file order if it is empty), advances
  // position and adds to correct. random is Z of sample `position`, 0 without stochastic rounding.
  // False if stopped before the end.
  bool Run(Mode mode, int learning_rate, const SampleSet& set, std::span<const std::uint32_t> order,
           std::uint32_t random, std::int64_t end, std::int64_t& position, std::int64_t& correct);

  // After an exception: whether it came from a sample, and how many samples of the chunk had ended
  // before that one.
  bool InChunk() const { return in_chunk_; }
  std::int64_t CompletedInChunk() const { return static_cast<std::int64_t>(outcomes_.size()); }

 private:
  Machine& machine_;
  StopFunction stop_;
  ChunkFunction report_;
  int chunk_;
  std::vector<Sample> samples_;
  std::vector<Outcome> outcomes_;
  bool in_chunk_ = false;
};

}  // namespace ep::sim
