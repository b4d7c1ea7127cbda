// SPDX-License-Identifier: Apache-2.0
//
// slang's options: every warning, less those that contradict the style guide.
-Weverything
// ep_core and ep_top have plain vectors as ports, the modules inside have packed arrays of types.
-Wno-packed-array-conv
