// SPDX-License-Identifier: Apache-2.0
//
// The two ends of a stream x_valid, x_ready, x_data of a Verilated module.
//
//   StreamSource<Beat> source(top.x_valid_i, top.x_ready_o, [&](const Beat& b) { inputs = b; });
//   StreamSink<Beat> sink(top.y_valid_o, top.y_ready_i, [&] { return outputs; });
//   each cycle: Drive(stall) of both; settle; Sample() of both; rising edge

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace ep::tb {

template <typename Beat>
class StreamSource {
 public:
  StreamSource(std::uint8_t& valid, const std::uint8_t& ready, std::function<void(const Beat&)> put)
      : valid_(valid), ready_(ready), put_(std::move(put)) {
    valid_ = 0;
  }

  void Post(const Beat& beat) { beats_.push_back(beat); }
  // Beats that were not taken so far.
  std::size_t Waiting() const { return beats_.size(); }
  // Drops them, also the one that is offered.
  void Clear() {
    beats_.clear();
    offered_ = false;
  }

  // Offers the next beat unless it stalls. What is offered stays until it is taken.
  void Drive(bool stall) {
    offered_ = !beats_.empty() && (offered_ || !stall);
    valid_ = offered_;
    if (offered_) put_(beats_.front());
  }
  // True if the beat is taken in this cycle.
  bool Sample() {
    if (!offered_ || !ready_) return false;
    beats_.pop_front();
    offered_ = false;
    return true;
  }

 private:
  std::uint8_t& valid_;
  const std::uint8_t& ready_;
  std::function<void(const Beat&)> put_;
  std::deque<Beat> beats_;
  bool offered_ = false;
};

// Beat needs ==.
template <typename Beat>
class StreamSink {
 public:
  StreamSink(const std::uint8_t& valid, std::uint8_t& ready, std::function<Beat()> get)
      : valid_(valid), ready_(ready), get_(std::move(get)) {
    ready_ = 0;
  }

  // Told what the module did against the protocol; a test makes it a failure.
  std::function<void(const std::string&)> on_error = [](const std::string& what) {
    throw std::runtime_error("stream: " + what);
  };

  // Told of each beat once, in the cycle in which it is first offered.
  std::function<void(const Beat&)> on_offer = [](const Beat&) {};

  // Beats taken so far, the oldest first.
  std::deque<Beat>& Beats() { return beats_; }
  // A reset of the module may take back what it offers.
  void Forget() { held_.reset(); }

  void Drive(bool stall) { ready_ = !stall; }
  // True if a beat is taken in this cycle.
  bool Sample() {
    if (!valid_) {
      if (held_) on_error("a beat was taken back");
      held_.reset();
      return false;
    }
    const Beat beat = get_();
    if (!held_) on_offer(beat);
    if (held_ && !(*held_ == beat)) on_error("a beat changed before it was taken");
    held_.reset();
    if (!ready_) {
      held_ = beat;
      return false;
    }
    beats_.push_back(beat);
    return true;
  }

 private:
  const std::uint8_t& valid_;
  std::uint8_t& ready_;
  std::function<Beat()> get_;
  std::deque<Beat> beats_;
  std::optional<Beat> held_;
};

}  // namespace ep::tb
