// SPDX-License-Identifier: Apache-2.0
//
// The learn pass of the fast model, row by row: only rows and lanes whose products can differ are
// looked at. DESIGN: docs/contract.md step 7; docs/schedule.md, "Learn".

#pragma once

#include "model/common/counters.h"
#include "model/fast/kernels.h"

namespace ep::fast {

// Rows or lanes of the learn pass: those not 0 in both phases and, among them, those that differ.
struct Candidates {
  void Reserve(int neurons);
  // A neuron whose states are not both 0; in ascending order.
  void Add(int neuron, int plus, int minus);
  CandidateList active;
  CandidateList differing;
};

// The weights of a projection, by rows and, unless it comes from the input, by lanes.
struct Synapses {
  Matrix to_lanes;
  Matrix to_rows;
  bool has_to_rows = false;
};

// Room that a learn pass needs beside its result.
struct LearnBuffers {
  void Reserve(int inputs, int neurons);
  CandidateList strong;
  StepList steps;
  LearnScratch scratch;
};

using FindSteps = void (*)(const LearnRule& rule, int plus, int minus, const CandidateList& lanes,
                           StepList& steps);

// Lanes that are looked at, by the schedule.
std::uint64_t CountProducts(const Candidates& rows, const Candidates& lanes);

// Learns from rows and lanes and counts all but the products.
LearnCounts LearnRows(const LearnRule& rule, FindSteps find_steps, const Candidates& rows,
                      const Candidates& lanes, Synapses& synapses, LearnBuffers& buffers);

}  // namespace ep::fast
