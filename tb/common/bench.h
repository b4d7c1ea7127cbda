// SPDX-License-Identifier: Apache-2.0
//
// A Verilated module with its clock and reset.
//
//   Bench<Vep_x> bench(seed);
//   bench.OnCycle([&] { inputs, from what happened so far }, [&] { outputs, just before the edge
//   }); bench.Reset(); bench.Cycle();
//
// In a cycle the inputs are set, everything settles, the outputs are looked at, and the rising edge
// ends the cycle. A failed assertion of the RTL fails the running test. A module may lack clock,
// reset or both.

#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "verilated.h"

namespace ep::tb {

// Names of the configurations of a typed test: their kName.
struct ConfigNames {
  template <typename Config>
  static const char* GetName(int) {
    return Config::kName;
  }
};

template <typename Top>
class Bench {
 public:
  // The seed gives registers and memories their values before reset.
  explicit Bench(std::uint32_t seed) : context_(std::make_unique<VerilatedContext>()) {
    context_->randSeed(static_cast<int>(seed % 0x7FFFFFFF) + 1);
    context_->randReset(2);
    context_->fatalOnError(false);
    top_ = std::make_unique<Top>(context_.get());
    SetClock(0);
    SetReset(1);
  }
  ~Bench() {
    top_->final();
    EXPECT_FALSE(context_->gotError()) << "an assertion of the RTL does not hold";
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  Top* operator->() { return top_.get(); }
  Top& Dut() { return *top_; }
  std::uint64_t CycleCount() const { return cycle_; }

  // Whether an assertion of the RTL has failed, which is then forgotten; once a bench.
  bool TakeError() {
    const bool error = context_->gotError();
    context_->gotError(false);
    return error;
  }

  // What to do in each cycle: before the inputs settle, and after it, before the rising edge.
  void OnCycle(std::function<void()> drive, std::function<void()> sample) {
    drive_.push_back(std::move(drive));
    sample_.push_back(std::move(sample));
  }

  // Resets asynchronously: no clock edge while rst_ni is low.
  void Reset() {
    SetReset(1);
    top_->eval();
    SetReset(0);
    top_->eval();
    SetReset(1);
    top_->eval();
  }

  void Cycle(int count = 1) {
    for (int i = 0; i < count; ++i) {
      for (auto& drive : drive_) drive();
      top_->eval();
      for (auto& sample : sample_) sample();
      SetClock(1);
      top_->eval();
      SetClock(0);
      top_->eval();
      context_->timeInc(1);
      ++cycle_;
    }
  }

 private:
  void SetClock(unsigned char value) {
    if constexpr (requires(Top& top) { top.clk_i; }) top_->clk_i = value;
  }
  void SetReset(unsigned char value) {
    if constexpr (requires(Top& top) { top.rst_ni; }) top_->rst_ni = value;
  }

  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Top> top_;
  std::vector<std::function<void()>> drive_, sample_;
  std::uint64_t cycle_ = 0;
};

}  // namespace ep::tb
