// SPDX-License-Identifier: Apache-2.0
//
// What a network is: populations, projections, parameters, weights. Shared by every model, by the
// register writer and by the equispin program. DESIGN: docs/contract.md, "Network" and
// "Parameters".

#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/common/array_access.h"

namespace ep {

constexpr int kStateMax = 255;

// A fault in what the user gave; the text names the field, the value and the remedy.
class UserError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The symmetric weights between populations a < b, stored once.
struct Projection {
  int a = 0;
  int b = 1;
  int gain_shift = 8;       // g, 0..15
  int learning_shift = 15;  // k, 1..21
  bool learn = true;

  bool FromInput() const { return a == 0; }
  int RowPopulation() const { return a == 0 ? 0 : b; }
  int LanePopulation() const { return a == 0 ? b : a; }
};

struct Network {
  std::string name;
  std::vector<int> populations;  // sizes; [0] is the input, the last is the output
  std::vector<Projection> projections;
  int free_sweeps = 4;      // T, 1..255
  int nudged_sweeps = 4;    // K, 1..255
  int nudge_shift = 1;      // b, 0..7
  int error_gate = 0;       // e, 0..256, 0 = off
  bool stochastic = false;  // weight steps are rounded with Sample::random, else to nearest
  int pixel_bits = 8;       // B, 1..8
  int weight_bits = 8;      // WB, 2..8
  ArrayAccess array = {};   // changes results only where senses or pulses fail

  int Rows(int p) const { return populations[projections[p].RowPopulation()]; }
  int Lanes(int p) const { return populations[projections[p].LanePopulation()]; }
  int Inputs() const { return populations.front(); }
  int Outputs() const { return populations.back(); }
  int WeightMax() const { return (1 << (weight_bits - 1)) - 1; }  // W
  int GainMax() const;                                            // G
  // Input states are x = code * InputScale(): the codes 0..Q of 1-, 2- and 4-bit pixels are summed
  // and 255 / Q is applied once a sample, which is exact; other widths carry x itself (scale 1).
  int InputScale() const;
  // Signed bits that the sum u of any neuron can need, from populations and gain shifts.
  int SumBits() const;
  // Throws UserError when a value is outside its range or the graph is not legal.
  void Check() const;
};

// Weights by projection, row-major over [rows, lanes], each in [-W, W].
using Weights = std::vector<std::vector<std::int8_t>>;

// Draws the initial weights in the order of the contract: w = (z mod (2 init + 1)) - init.
Weights InitialWeights(const Network& network, int init, std::mt19937& random);

// FNV-1a 64 over every weight in order, as 16 lowercase hexadecimal digits.
std::string WeightHash(const Weights& weights);

// What the hardware is built for. Sizes that do not fit are refused by Check.
struct Hardware {
  int lanes = 32;         // LANES: 8, 16, 32, 64 or 128
  int neuron_lanes = 8;   // neurons of a group, updated together; divides lanes
  int multipliers = 8;    // shared multipliers, a power of two, 2..lanes
  int weight_bits = 8;    // WB
  int max_inputs = 1024;  // rows of population 0
  int max_states = 2048;  // neurons of the other populations, each rounded up to lanes
  int max_populations = 6;
  int max_projections = 8;
  int array_rows = 131072;  // row words of the array
  int sum_bits = 32;        // signed bits of a kept sum

  int Blocks(int neurons) const { return (neurons + lanes - 1) / lanes; }
  int Groups(int neurons) const { return (neurons + neuron_lanes - 1) / neuron_lanes; }
  // Throws UserError naming the size that does not fit and what would.
  void Check(const Network& network) const;
};

}  // namespace ep
