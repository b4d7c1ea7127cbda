// SPDX-License-Identifier: Apache-2.0
//
// Keeps the first weights whose cells failed until the host takes them; counts those for which
// there was no room.
//
// RTL        rtl/sense/ep_failure_log.sv

#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace ep::model {

// A weight of which cells failed.
struct Failure {
  std::uint32_t row = 0;   // of the array
  int lane = 0;            // in the row word
  std::uint8_t cells = 0;  // bit i: cell i of the weight
  bool operator==(const Failure&) const = default;
};

class FailureLog {
 public:
  static constexpr int kDepth = 16;
  static constexpr int kLostMax = 65535;

  // Keeps it, or counts it as lost where the log is full.
  void Push(const Failure& failure) {
    if (std::ssize(failures_) < kDepth) {
      failures_.push_back(failure);
    } else if (lost_ < kLostMax) {
      ++lost_;
    }
  }
  // Those kept, the oldest first, and how many were lost; the log is empty afterwards.
  std::pair<std::vector<Failure>, int> Take() {
    std::vector<Failure> failures = std::exchange(failures_, {});
    return {std::move(failures), std::exchange(lost_, 0)};
  }

 private:
  std::vector<Failure> failures_;
  int lost_ = 0;
};

}  // namespace ep::model
