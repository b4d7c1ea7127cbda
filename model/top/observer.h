// SPDX-License-Identifier: Apache-2.0
//
// What a machine lets others see, in the order in which it happens. Golden model and RTL report the
// same events; the first difference between them is the divergence that lockstep names.

#pragma once

#include <cstdint>
#include <span>

#include "model/common/machine.h"

namespace ep::model {

enum class Pass : std::uint8_t {
  kDrive,
  kFree,
  kPlus,
  kMinus,
  kLearn,
  kLoad,
  kSave,
  kScrub,
  kTest
};

class Observer {
 public:
  virtual ~Observer() = default;
  // The array sensed a row word for `pass`, sweep counted from 1 (0 outside sweeps): its array row.
  // Re-reads, votes and senses that verify are told one by one.
  virtual void OnSense(Pass pass, int sweep, std::uint32_t row) = 0;
  // A shot at a row word: cells that become 1 and cells that become 0, `lanes` bytes each for
  // weight_bits <= 8 (bit i of byte l is column l * weight_bits + i).
  virtual void OnProgram(Pass pass, std::uint32_t row, std::span<const std::uint8_t> set,
                         std::span<const std::uint8_t> reset) = 0;
  // A neuron group got its states: group address in the state memory (block * lanes / neuron_lanes
  // + group in block; blocks of populations 1, 2, ... follow each other), the new states.
  virtual void OnUpdate(Pass pass, int sweep, std::uint32_t group,
                        std::span<const std::uint8_t> states) = 0;
  virtual void OnOutcome(const Outcome& outcome) = 0;
};

}  // namespace ep::model
