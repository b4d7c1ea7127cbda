// SPDX-License-Identifier: Apache-2.0
//
// How the array is sensed and programmed: what the host writes to the registers TIMING, PULSE,
// LATE, PROGRAM and SHOT. The defaults are those of the registers; with fault-free cells no setting
// changes a result. What each does, and in which order the array is asked: docs/schedule.md.
//
// Units      times in clock cycles of the core
// RTL        sensing_t and programming_t of rtl/common/ep_pkg.sv

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ep {

// What follows a sense in which a cell of the population was late.
enum class LatePolicy : std::uint8_t {
  kKeep = 0,    // nothing: what the amplifiers show counts
  kReRead = 1,  // senses again until nothing is late, re_reads times at most; the last one counts
  kVote = 2,    // senses twice more; each cell is what two of the three say
  kVoteAlways = 3,  // as kVote, late or not
};

// One step of a ladder.
struct Shot {
  int level = 0;   // amplitude code, 0..7
  int length = 1;  // in units of ArrayAccess::pulse, 1..15
  bool operator==(const Shot&) const = default;
};

struct ArrayAccess {
  static constexpr int kShots = 8;   // steps of a ladder
  static constexpr int kSpares = 4;  // spare rows
  using Ladder = std::array<Shot, kShots>;

  int precharge = 0;  // cycles before a sense, 0..255; 0: the macro precharges by itself
  int sense = 1;      // cycles of a sense, 1..255
  LatePolicy late = LatePolicy::kKeep;
  int re_reads = 3;         // 0..15
  bool verify = false;      // sense after each shot; pulse again what failed
  bool self_timed = false;  // a pulse ends when the macro says that its cells hold their value
  // With verify: a weight of which a cell still fails goes towards zero, to the first value with
  // the other bit in its highest cell that failed.
  bool shrink = false;
  int shots = 1;   // at most, 1..15, with verify; one without
  int pulse = 1;   // cycles of a pulse of length 1, 1..65535
  Ladder set{};    // for cells that become 1, by shot; beyond the end the last step stays
  Ladder reset{};  // for cells that become 0
  // Rows of the array that the spare rows replace, its last ones from the end; kSpares at most.
  std::vector<std::uint32_t> spare{};

  // Shot 0, 1, ...
  const Shot& Step(bool value, int shot) const {
    return (value ? set : reset)[shot < kShots ? shot : kShots - 1];
  }
  int Cycles(const Shot& shot) const { return shot.length * pulse; }
  // Throws UserError naming the field, its value and the range.
  void Check() const;
  bool operator==(const ArrayAccess&) const = default;
};

// keep, re-read, vote, vote-always.
const char* Name(LatePolicy policy);
// Nothing for another name.
std::optional<LatePolicy> LatePolicyOf(const std::string& name);

}  // namespace ep
