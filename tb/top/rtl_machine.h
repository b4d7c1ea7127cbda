// SPDX-License-Identifier: Apache-2.0
//
// The Verilated core as a Machine: registers over AXI4-Lite, samples, predictions and weights over
// AXI-Stream, an array of the model behind the array port. Ports only.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/array/array.h"
#include "model/common/machine.h"
#include "model/common/network.h"
#include "model/sense/failure_log.h"
#include "model/top/observer.h"

namespace ep::rtl {

// Back-pressure that a run puts on every stream: of 256 cycles, how many stall. For tests.
struct Stalls {
  int sample = 0;   // no sample beat offered
  int outcome = 0;  // prediction not taken
  int weight = 0;   // no weight beat offered or taken
  int bus = 0;      // each channel of the register bus
  int array = 0;    // the array is not ready
  std::uint32_t seed = 1;
};

class RtlMachine : public Machine {
 public:
  // What the core is built for.
  virtual const Hardware& hardware() const = 0;
  // False if it has its array inside (ep_top): no OnSense, no OnProgram.
  virtual bool ShowsArray() const = 0;
  // Whom to tell what the trace port shows; nobody with nullptr. Passes are kFree, kPlus, kMinus
  // (the trace has the phase), kLearn with programs.
  virtual void SetObserver(model::Observer* observer) = 0;
  virtual void SetStalls(const Stalls& stalls) = 0;
  // In place of that of the network; only while idle.
  virtual void SetAccess(const ArrayAccess& access) = 0;
  // The failures logged since the last call, the oldest first, and how many had no room.
  virtual std::pair<std::vector<model::Failure>, int> TakeFailures() = 0;
  // Clock cycles since reset.
  virtual std::uint64_t Cycles() const = 0;
  // The last cycle with a sense, a pulse or an update.
  virtual std::uint64_t LastActivity() const = 0;
  // Writes clock cycles begin to before end of what follows as an FST waveform. Throws UserError
  // where the build has no tracing.
  virtual void Record(const std::string& file, std::uint64_t begin, std::uint64_t end) = 0;
};

// Lane counts that are built, with what the hardware is built for. Throws UserError naming those
// that are, for another one.
Hardware BuiltHardware(int lanes);

// Throws UserError if the network does not fit what is built for hardware.lanes. A null array means
// ideal cells. state_seed gives registers and memories their values before reset; 0: all are 0.
std::unique_ptr<RtlMachine> MakeRtl(const Network& network, const Hardware& hardware,
                                    std::unique_ptr<model::ArrayPort> array = nullptr,
                                    std::uint32_t state_seed = 0);

}  // namespace ep::rtl
