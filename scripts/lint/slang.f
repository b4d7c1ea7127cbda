// SPDX-License-Identifier: Apache-2.0
//
// slang's options: every warning, less those that contradict the style guide.
--std 1800-2017
-Weverything
// ep_core and ep_top have plain vectors as ports, the modules inside have packed arrays of types.
-Wno-packed-array-conv
// Each case has a default that returns to idle, a unique one too.
-Wno-case-redundant-default
-Wno-case-enum-explicit
// Sized casts of literals and $clog2 are signed; where sign matters, sign-compare says so.
-Wno-sign-conversion
-Wno-arith-op-mismatch
-Wno-bitwise-op-mismatch
-Wno-useless-cast
// Verilator does this, and knows that unused_x is meant so.
-Wno-unused-but-set-variable
// The generated register file: unnamed generate blocks, constants and an enumeration for others.
--suppress-warnings rtl/ctrl/ep_regs.sv,rtl/ctrl/ep_regs_pkg.sv
