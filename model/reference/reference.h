// SPDX-License-Identifier: Apache-2.0
//
// Equilibrium Propagation as published, in double precision: what the integers of the contract
// stand for. Discrete-time dynamics on a primitive function (Ernoult et al. 2019), symmetric
// nudging (Laborieux et al. 2021).
//
//   Phi(x, s)  = sum over projections p of  s_row' W_p s_lane          x clamped, s in [0, 1]
//   C(s, y)    = 1/2 |y - s_out|^2
//   free       s <- clamp(dPhi/ds, 0, 1)                               T sweeps from s = 0
//   nudged     s <- clamp(dPhi/ds -+ beta dC/ds, 0, 1)                 K sweeps from the free
//   states learning   dW_p = eta_p / (2 beta) (s+_row s+_lane' - s-_row s-_lane')
//
// Integers and reals:
//   state      s = S / 255              S the integer state; inputs likewise, exactly
//   weight     W_p = w / 2^g_p          w the integer weight
//   target     y = 1 for the class, 0 elsewhere
//   nudge      beta = 2^-b
//   rate       eta_p = 2 beta m 255^2 / 2^(k_p + g_p), so that dW_p stands for the integer step
//              D / 2^k_p before rounding
// What the integers add: rounding of each state to 1/255 and of each weight step to 1/2^g_p, the
// truncated shift of the nudge, and weights held in [-W, W]. The error gate is the same. Sweeps are
// not cut short: a sweep that changes nothing is followed by sweeps that change nothing.

#pragma once

#include <vector>

#include "model/common/machine.h"

namespace ep::reference {

using Vector = std::vector<double>;
using States = std::vector<Vector>;       // [population][neuron]
using RealWeights = std::vector<Vector>;  // [projection], row-major over [rows, lanes]

// States after each sweep of a phase, and the sums before clamping that led to them (nudge
// included); states of the input are constant.
struct Trajectory {
  States start;
  std::vector<States> states;
  std::vector<States> sums;
  const States& end() const { return states.back(); }
};

struct Result {
  int prediction = 0;
  bool gated = false;
  Trajectory free;
  Trajectory plus;
  Trajectory minus;
};

class Reference {
 public:
  explicit Reference(const Network& network);

  // Real weights of integer ones, see above.
  void LoadWeights(const Weights& weights);
  const RealWeights& Current() const { return weights_; }

  // All phases without learning; the nudged ones only in training and if the gate opens.
  Result Relax(Mode mode, const Sample& sample) const;
  // dW_p of every projection, also of those that do not learn.
  RealWeights Step(const Result& result, int learning_rate) const;
  // Relaxes and, if the gate opens, adds the steps of the projections that learn.
  Result Train(const Sample& sample, int learning_rate);

 private:
  void Sweep(int label, double nudge, const States& states, States& sums) const;
  Trajectory Run(int label, double nudge, int sweeps, const States& start) const;

  Network network_;
  RealWeights weights_;
};

}  // namespace ep::reference
