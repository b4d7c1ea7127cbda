// SPDX-License-Identifier: Apache-2.0
//
// equispin: trains and tests networks on the golden model, the fast model and the RTL.

#include <unistd.h>

#include <iostream>

#include "sim/cli/commands.h"

int main(int argc, char** argv) {
  return ep::sim::RunProgram({.out = std::cout,
                              .err = std::cerr,
                              .terminal = isatty(STDERR_FILENO) == 1,
                              .args = {argv, argv + argc}});
}
