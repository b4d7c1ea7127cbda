// SPDX-License-Identifier: Apache-2.0
//
// The contract as written: full sums in every sweep, nothing skipped, nothing kept. Slow, and the
// oracle of every other model. DESIGN: docs/contract.md, steps 1 to 7.

#pragma once

#include <memory>

#include "model/common/machine.h"

namespace ep::plain {

// The counters are those that the contract alone defines: samples, samples_gated, sweeps_*,
// states_changed, weights_changed, cells_set and cells_reset; the others stay 0. The hardware is
// not needed for the results and is only checked. Throws UserError for a network that is not legal.
std::unique_ptr<Machine> MakePlain(const Network& network, const Hardware& hardware);

}  // namespace ep::plain
