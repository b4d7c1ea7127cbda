// SPDX-License-Identifier: Apache-2.0

#include "tb/top/lockstep.h"
#include "tb/top/rtl_machine.h"

namespace ep::rtl {

std::unique_ptr<Lockstep> MakeLockstep(const Network& network, const Hardware& hardware) {
  return MakeLockstep(network, MakeRtl(network, hardware));
}

}  // namespace ep::rtl
