// SPDX-License-Identifier: Apache-2.0
//
// What long work shows on standard error: on a terminal one line that is drawn again and again, a
// line every ten seconds elsewhere; accuracy so far, samples a second, time left.

#pragma once

#include <cstdint>
#include <ostream>
#include <string>

#include "sim/run/chunk_runner.h"

namespace ep::sim {

class Progress {
 public:
  // terminal: the stream can draw a line again.
  Progress(std::ostream& stream, bool terminal) : stream_(stream), terminal_(terminal) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { Clear(); }

  // epochs 0: a test only. Sizes are those of a whole epoch.
  void Plan(int epochs, std::int64_t train_samples, std::int64_t test_samples);
  void StartEpoch(int epoch);
  void OnChunk(const ChunkReport& report);
  // Prints a line of its own; the bar comes back with the next chunk.
  void Line(const std::string& text);

 private:
  // Seconds per sample, recent chunks counting most.
  class Pace {
   public:
    void Add(double seconds, std::int64_t samples);
    double SecondsPerSample() const { return samples_ > 0 ? seconds_ / samples_ : 0; }
    bool Known() const { return samples_ > 0; }

   private:
    double seconds_ = 0;
    double samples_ = 0;
  };

  double SecondsLeft(const ChunkReport& report) const;
  std::string Text(const ChunkReport& report) const;
  void Clear();

  std::ostream& stream_;
  bool terminal_;
  int epochs_ = 0;
  int epoch_ = 0;
  std::int64_t train_samples_ = 0;
  std::int64_t test_samples_ = 0;
  Pace train_pace_;
  Pace test_pace_;
  Mode mode_ = Mode::kTrain;
  std::int64_t seen_ = 0;     // samples of this epoch's training or test that this run did
  std::int64_t correct_ = 0;  // of these
  double since_shown_ = 0;    // seconds
  bool drawn_ = false;
};

// 0:07, 12:34, 1:02:03.
std::string ClockText(double seconds);

}  // namespace ep::sim
