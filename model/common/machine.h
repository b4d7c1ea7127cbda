// SPDX-License-Identifier: Apache-2.0
//
// What every backend does: hold weights, train or infer sample by sample, count.

#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/common/counters.h"
#include "model/common/network.h"

namespace ep {

// One sample: input codes (0..Q for B = 1, 2, 4; the states x otherwise; Network::InputScale) and
// its class, 0 .. outputs - 1, or -1 where none is known (inference only).
struct Sample {
  std::span<const std::uint8_t> codes;
  int label = -1;
  // Z of a training sample where the network rounds stochastically; the samples of a run have words
  // that follow each other (Dither::Next).
  std::uint32_t random = 0;
};

struct Outcome {
  int prediction = 0;
  bool gated = false;  // the error gate ended the sample after the free phase
  bool operator==(const Outcome&) const = default;
};

enum class Mode { kTrain, kInfer };

// Two machines that must agree do not: the text names sample, phase, sweep, neuron or row, values.
class Divergence : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What a test does with each row word of the network: the register TEST.
struct CellTest {
  bool value = false;   // what each cell should hold; others are found
  bool invert = false;  // then each is programmed to the other value
  bool margin = false;  // finds cells that are late or of two minds instead, and programs nothing
};

class Machine {
 public:
  virtual ~Machine() = default;
  virtual void LoadWeights(const Weights& weights) = 0;
  virtual Weights ReadWeights() = 0;
  // Senses every row word three times and programs the weak cells to what two of them say. Throws
  // UserError where there is no array behind the machine.
  virtual void Scrub() {
    throw UserError("this backend has ideal cells only: choose golden, rtl or lockstep to scrub");
  }
  // Tests the cells of every row word: one byte a weight, 1 for each cell that is found, the bits
  // above weight_bits as the highest of them. Throws UserError where there is no array.
  virtual Weights Test(const CellTest& /*test*/) {
    throw UserError("this backend has ideal cells only: choose golden, rtl or lockstep to test");
  }
  // Runs the samples in order and appends one outcome each; learning_rate is m, 0..31, unused in
  // inference. May be called any number of times; the machine keeps nothing between samples but
  // weights and counters.
  virtual void Run(Mode mode, std::span<const Sample> samples, int learning_rate,
                   std::vector<Outcome>& outcomes) = 0;
  // Counts since the last call; loading and reading weights counts only under rows_sensed_host,
  // rows_programmed, cells_*, shots.
  virtual Counters TakeCounters() = 0;
};

}  // namespace ep
