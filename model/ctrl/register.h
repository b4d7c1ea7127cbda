// SPDX-License-Identifier: Apache-2.0
//
// What model/ctrl/regs.h says about the registers of the core is said in these terms.

#pragma once

#include <cstdint>

namespace ep::regs {

// Some bits of a register.
struct Field {
  std::uint32_t low;
  std::uint32_t width;

  // Largest value, and the bits of the register.
  constexpr std::uint32_t Max() const { return 0xFFFFFFFFu >> (32u - width); }
  constexpr std::uint32_t Mask() const { return Max() << low; }
  // The field's value in a register, and a register with this value and 0 elsewhere.
  constexpr std::uint32_t Get(std::uint32_t word) const { return (word >> low) & Max(); }
  constexpr std::uint32_t Put(std::uint32_t value) const { return (value & Max()) << low; }
};

// A register as a host finds it.
struct Register {
  const char* name;
  std::uint32_t address;
  std::uint32_t reset;      // value after reset; meaningless where the hardware gives the value
  std::uint32_t stored;     // bits that read back as written
  std::uint32_t hardware;   // bits that the hardware gives or changes
  std::uint32_t pulses;     // bits that act when written 1 and read 0
  std::uint32_t starts;     // those of them that are refused while busy
  std::uint32_t clearable;  // bits that the hardware sets and writing 1 clears
  bool writable;
  bool locked;  // writable only while idle
};

}  // namespace ep::regs
