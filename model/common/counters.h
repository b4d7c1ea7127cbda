// SPDX-License-Identifier: Apache-2.0
//
// The counters of the machine, in the order of the registers. Golden model and RTL agree to the
// last unit; cycles and stalls are the RTL's alone. One list makes the structure, the JSON and the
// register reads.

#pragma once

#include <cstdint>

namespace ep {

// X(name, what one unit is)
#define EP_COUNTERS(X)                                                                           \
  X(samples, "samples whose free phase ran")                                                     \
  X(samples_gated, "training samples that the error gate ended after the free phase")            \
  X(sweeps_free, "free sweeps")                                                                  \
  X(sweeps_plus, "sweeps nudged towards the target")                                             \
  X(sweeps_minus, "sweeps nudged away from the target")                                          \
  X(rows_sensed_drive, "row words sensed for the drive")                                         \
  X(rows_sensed_free, "row words sensed in free sweeps")                                         \
  X(rows_sensed_nudged, "row words sensed in nudged sweeps")                                     \
  X(rows_sensed_learn, "row words sensed to learn")                                              \
  X(rows_sensed_host, "row words sensed to load or read back weights")                           \
  X(rows_skipped_input_zero, "drive row words not sensed: the input is 0")                       \
  X(rows_skipped_unchanged, "sweep row words not sensed: no state of theirs changed")            \
  X(rows_skipped_settled, "row words of sweeps that were not needed: no state changed")          \
  X(rows_skipped_gated, "nudged and learn row words not visited: the error gate closed")         \
  X(rows_skipped_no_step, "learn row words not sensed: every step in them is 0")                 \
  X(digits, "row words added by the row adders, one per signed digit")                           \
  X(extra_digits, "digits beyond the first of each row word sensed: cycles without a sense")     \
  X(products, "picked products of gathers")                                                      \
  X(products_learn, "lanes whose learning products were formed")                                 \
  X(group_updates, "neuron groups updated")                                                      \
  X(states_changed, "neuron states that an update changed")                                      \
  X(weights_changed, "weights changed by learning")                                              \
  X(rows_programmed, "row words programmed")                                                     \
  X(cells_set, "cells programmed from 0 to 1")                                                   \
  X(cells_reset, "cells programmed from 1 to 0")                                                 \
  X(shots, "program pulses")                                                                     \
  X(verify_failures, "row words that still failed after the last shot")                          \
  X(late_senses, "senses with an unresolved column")                                             \
  X(re_reads, "senses repeated because of a late column")                                        \
  X(cycles_drive, "clock cycles in the drive and first sweep")                                   \
  X(cycles_free, "clock cycles in further free sweeps and readout")                              \
  X(cycles_nudged, "clock cycles in nudged sweeps")                                              \
  X(cycles_learn, "clock cycles in the learn pass")                                              \
  X(stalls_input, "clock cycles waiting for a sample")                                           \
  X(stalls_output, "clock cycles waiting for the prediction to be taken")                        \
  X(stalls_array, "clock cycles waiting for the array: wake-up, precharge, long senses, pulses") \
  X(rows_sensed_verify, "row words sensed to verify a shot")                                     \
  X(cells_set_again, "cells programmed to 1 by shots after the first")                           \
  X(cells_reset_again, "cells programmed to 0 by shots after the first")                         \
  X(cells_failed_set, "cells still 0 after the last shot")                                       \
  X(cells_failed_reset, "cells still 1 after the last shot")                                     \
  X(rows_tested, "row words scrubbed or tested")                                                 \
  X(cells_weak, "cells that a scrub found late or of two minds")

struct Counters {
#define EP_MEMBER(name, text) std::uint64_t name = 0;
  EP_COUNTERS(EP_MEMBER)
#undef EP_MEMBER

  // Calls f(name, text, member) for each counter in order.
  template <typename F>
  void ForEach(F&& f) {
#define EP_CALL(name, text) f(#name, text, name);
    EP_COUNTERS(EP_CALL)
#undef EP_CALL
  }
  template <typename F>
  void ForEach(F&& f) const {
#define EP_CALL(name, text) f(#name, text, name);
    EP_COUNTERS(EP_CALL)
#undef EP_CALL
  }
  Counters& operator+=(const Counters& other) {
#define EP_ADD(name, text) name += other.name;
    EP_COUNTERS(EP_ADD)
#undef EP_ADD
    return *this;
  }

  std::uint64_t RowsSensed() const {
    return rows_sensed_drive + rows_sensed_free + rows_sensed_nudged + rows_sensed_learn;
  }
  std::uint64_t Cycles() const { return cycles_drive + cycles_free + cycles_nudged + cycles_learn; }
};

}  // namespace ep
