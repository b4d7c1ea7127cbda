// SPDX-License-Identifier: Apache-2.0
//
// Cells and sense amplifiers that err at random, for tests that two machines ask their arrays the
// same things in the same order: any difference in rows, cycles, levels or masks gives other errors
// from there on. The same seed gives the same errors everywhere. No physics.
//
// Units      rates in 1/1024; times in clock cycles of the core

#pragma once

#include <cstdint>
#include <vector>

#include "model/array/array.h"
#include "model/common/raw_random.h"

namespace ep::model {

struct RandomErrors {
  int flips = 0;    // of a sense: one more cell reads wrong
  int lates = 0;    // of a sense: one more cell is late; it reads wrong half of the time
  int fails = 0;    // of a cell in a pulse: it does not switch, whatever the length
  int stuck = 0;    // of a cell: it never switches
  int slowest = 1;  // cycles that a cell takes to switch at level 0, at most; a level saves one
};

class RandomArray final : public ArrayPort {
 public:
  // All cells start at 0.
  RandomArray(int rows, int lanes, int weight_bits, const RandomErrors& errors, std::uint32_t seed);

  // The errors become fewer as the cycles become more.
  void Sense(std::uint32_t row, int cycles, Cells& cells, Cells& late) override;
  int StartPulse(std::uint32_t row, bool value, const Cells& mask, int level) override;
  void EndPulse(int cycles) override;

 private:
  bool Stuck(std::uint32_t row, int column) const;
  bool Happens(int rate) { return random_.Below(1024) < rate; }

  int lanes_;
  int weight_bits_;
  RandomErrors errors_;
  std::uint32_t seed_;
  RawRandom random_;
  std::vector<std::uint8_t> cells_;
  // The pulse under way.
  struct Switching {
    int column;
    int cycles;
  };
  std::uint32_t row_ = 0;
  bool value_ = false;
  std::vector<Switching> switching_;
};

// Rates of every kind, small and large, drawn from the seed.
RandomErrors MakeRandomErrors(std::uint32_t seed);

}  // namespace ep::model
