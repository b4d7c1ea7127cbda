// SPDX-License-Identifier: Apache-2.0
//
// FST waveform of a Verilated module, where the build has tracing (EP_TRACE): of a whole run to the
// file that the environment variable EQUISPIN_WAVES names, or of chosen cycles. A netlist's build
// (scripts/netlist.py) counts toggles instead, where EQUISPIN_TOGGLES names a file; with
// EQUISPIN_TOGGLES_EACH=N also those up to every Nth sample.

#pragma once

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>

#include "model/common/network.h"
#include "verilated.h"
#if VM_TRACE_FST
#include <memory>

#include "verilated_fst_c.h"
#elif VM_TRACE_VCD
#include <memory>

#include "tb/top/toggles.h"
#endif

namespace ep::rtl {

template <typename Top>
class Waves {
 public:
#if VM_TRACE_FST
  Waves(VerilatedContext& context, Top& top) : context_(context), top_(top) {
    context.traceEverOn(true);
    const char* file = std::getenv("EQUISPIN_WAVES");
    if (file) Record(file, 0, std::numeric_limits<std::uint64_t>::max());
  }
  ~Waves() {
    if (trace_) trace_->close();
  }
  // Writes clock cycles begin to before end of what follows to a file. Throws UserError if it
  // cannot be written, or if this build has no tracing.
  void Record(const std::string& file, std::uint64_t begin, std::uint64_t end) {
    begin_ = begin;
    end_ = end;
    if (trace_) trace_->close();
    trace_ = std::make_unique<VerilatedFstC>();
    top_.trace(trace_.get(), 99);
    trace_->open(file.c_str());
    if (!trace_->isOpen()) throw UserError("cannot write " + file);
  }
  // Call after each eval: one unit of time, half a clock cycle.
  void Dump(std::uint64_t cycle) {
    if (trace_ && cycle >= begin_ && cycle < end_) trace_->dump(context_.time());
    context_.timeInc(1);
  }

 private:
  VerilatedContext& context_;
  Top& top_;
  std::unique_ptr<VerilatedFstC> trace_;
  std::uint64_t begin_ = 0, end_ = 0;
#elif VM_TRACE_VCD
  Waves(VerilatedContext& context, Top& top) : context_(context) {
    const char* file = std::getenv("EQUISPIN_TOGGLES");
    if (!file) return;
    context.traceEverOn(true);
    const char* each = std::getenv("EQUISPIN_TOGGLES_EACH");
    toggles_ = std::make_unique<Toggles>(file, each ? std::stoi(each) : 0);
    trace_ = std::make_unique<VerilatedVcdC>(toggles_.get());
    top.trace(trace_.get(), 99);
    trace_->open(file);
  }
  ~Waves() {
    if (trace_) trace_->close();
  }
  void Record(const std::string&, std::uint64_t, std::uint64_t) {
    throw UserError("a netlist records no waveforms: EQUISPIN_TOGGLES=FILE counts toggles");
  }
  void Dump(std::uint64_t) {
    if (trace_) trace_->dump(context_.time());
    context_.timeInc(1);
  }

 private:
  VerilatedContext& context_;
  std::unique_ptr<Toggles> toggles_;
  std::unique_ptr<VerilatedVcdC> trace_;
#else
  Waves(VerilatedContext&, Top&) {}
  void Record(const std::string&, std::uint64_t, std::uint64_t) {
    throw UserError("this build records no waveforms: use `make waves NET=FOLDER`");
  }
  void Dump(std::uint64_t) {}
#endif
};

}  // namespace ep::rtl
