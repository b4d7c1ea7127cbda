// SPDX-License-Identifier: Apache-2.0
//
// libFuzzer's entry: the target is the name of the program behind the last '_' (fuzz_npy).

#include <cstddef>
#include <cstdint>
#include <string>

#include "sim/fuzz/targets.h"

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {
std::string target;
}

int LLVMFuzzerInitialize(int*, char*** argv) {
  const std::string program = (*argv)[0];
  target = program.substr(program.rfind('_') + 1);
  return 0;
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ep::sim::RunFuzzTarget(target, {data, size});
  return 0;
}
