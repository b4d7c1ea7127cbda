// SPDX-License-Identifier: Apache-2.0
//
// FST waveform of a Verilated module, where the build has tracing (EP_TRACE) and the environment
// variable EQUISPIN_WAVES names a file; nothing otherwise.

#pragma once

#include <cstdlib>

#include "verilated.h"
#if VM_TRACE
#include <memory>

#include "verilated_fst_c.h"
#endif

namespace ep::rtl {

template <typename Top>
class Waves {
 public:
#if VM_TRACE
  Waves(VerilatedContext& context, Top& top) : context_(context) {
    const char* file = std::getenv("EQUISPIN_WAVES");
    if (!file) return;
    context.traceEverOn(true);
    trace_ = std::make_unique<VerilatedFstC>();
    top.trace(trace_.get(), 99);
    trace_->open(file);
  }
  ~Waves() {
    if (trace_) trace_->close();
  }
  // Call after each eval: one unit of time, half a clock cycle.
  void Dump() {
    if (trace_) trace_->dump(context_.time());
    context_.timeInc(1);
  }

 private:
  VerilatedContext& context_;
  std::unique_ptr<VerilatedFstC> trace_;
#else
  Waves(VerilatedContext&, Top&) {}
  void Dump() {}
#endif
};

}  // namespace ep::rtl
