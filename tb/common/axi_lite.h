// SPDX-License-Identifier: Apache-2.0
//
// An AXI4-Lite master for any Verilated module with ports s_axil_*, with random stalls on every
// channel and checks of what the other side must keep.
//
//   AxiLiteMaster<Vep_core> bus(top, random);
//   each cycle: bus.Drive(); settle; bus.Sample(); rising edge
//   bus.Write(address, data, [&] { one cycle; }).okay
//   bus.Read(address, [&] { one cycle; }).data
//
// PostWrite and PostRead put accesses into the queues of the two directions; responses come to
// Writes() and Reads(), in order within a direction.

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <stdexcept>
#include <string>

#include "tb/common/random.h"

namespace ep::tb {

struct AxiLiteResponse {
  bool okay = false;
  std::uint32_t data = 0;  // of a read
};

// How often, in percent of the cycles, a channel is held back.
struct AxiLiteStalls {
  int aw = 0, w = 0, b = 0, ar = 0, r = 0;

  static AxiLiteStalls All(int percent) { return {percent, percent, percent, percent, percent}; }
};

template <typename Top>
class AxiLiteMaster {
 public:
  AxiLiteMaster(Top& top, Random& random) : top_(top), random_(random) {}

  AxiLiteStalls stalls;
  int patience = 1000;  // cycles that a blocking access waits
  // Told what the other side did against the protocol; a test makes it a failure.
  std::function<void(const std::string&)> on_error = [](const std::string& what) {
    throw std::runtime_error("AXI4-Lite: " + what);
  };

  void PostWrite(std::uint32_t address, std::uint32_t data, std::uint32_t strobes = 0xF) {
    aw_.push_back(address);
    w_.push_back({data, strobes});
  }
  void PostRead(std::uint32_t address) { ar_.push_back(address); }

  std::deque<AxiLiteResponse>& Writes() { return writes_; }
  std::deque<AxiLiteResponse>& Reads() { return reads_; }
  // Accesses without their response so far.
  int Open() const { return open_writes_ + open_reads_ + static_cast<int>(w_.size() + ar_.size()); }

  // A reset of the module ends all accesses.
  void Forget() {
    aw_.clear();
    w_.clear();
    ar_.clear();
    writes_.clear();
    reads_.clear();
    aw_offered_ = w_offered_ = ar_offered_ = false;
    open_writes_ = open_reads_ = 0;
    taken_aw_ = taken_w_ = answered_ = 0;
    held_b_ = held_r_ = {};
  }

  // One access, calling cycle() until it is answered. The queues must be empty.
  template <typename Cycle>
  AxiLiteResponse Write(std::uint32_t address, std::uint32_t data, Cycle&& cycle,
                        std::uint32_t strobes = 0xF) {
    PostWrite(address, data, strobes);
    return Wait(writes_, cycle, "write", address);
  }
  template <typename Cycle>
  AxiLiteResponse Read(std::uint32_t address, Cycle&& cycle) {
    PostRead(address);
    return Wait(reads_, cycle, "read", address);
  }

  // Sets the inputs of the module. What is offered stays until it is taken.
  void Drive() {
    aw_offered_ = !aw_.empty() && (aw_offered_ || !random_.Percent(stalls.aw));
    w_offered_ = !w_.empty() && (w_offered_ || !random_.Percent(stalls.w));
    ar_offered_ = !ar_.empty() && (ar_offered_ || !random_.Percent(stalls.ar));
    // What is not offered is noise.
    top_.s_axil_awvalid_i = aw_offered_;
    top_.s_axil_awaddr_i = (aw_offered_ ? aw_.front() : random_.Bits()) & 0xFFFu;
    top_.s_axil_awprot_i = random_.Bits() & 7u;
    top_.s_axil_wvalid_i = w_offered_;
    top_.s_axil_wdata_i = w_offered_ ? w_.front().data : random_.Bits();
    top_.s_axil_wstrb_i = (w_offered_ ? w_.front().strobes : random_.Bits()) & 0xFu;
    top_.s_axil_arvalid_i = ar_offered_;
    top_.s_axil_araddr_i = (ar_offered_ ? ar_.front() : random_.Bits()) & 0xFFFu;
    top_.s_axil_arprot_i = random_.Bits() & 7u;
    top_.s_axil_bready_i = !random_.Percent(stalls.b);
    top_.s_axil_rready_i = !random_.Percent(stalls.r);
  }

  // Looks at the settled outputs before the rising edge.
  void Sample() {
    if (aw_offered_ && top_.s_axil_awready_o) {
      aw_.pop_front();
      aw_offered_ = false;
      ++taken_aw_;
    }
    if (w_offered_ && top_.s_axil_wready_o) {
      w_.pop_front();
      w_offered_ = false;
      ++open_writes_;
      ++taken_w_;
    }
    if (ar_offered_ && top_.s_axil_arready_o) {
      ar_.pop_front();
      ar_offered_ = false;
      ++open_reads_;
    }
    const Response b{static_cast<bool>(top_.s_axil_bvalid_o), top_.s_axil_bresp_o, 0};
    const Response r{static_cast<bool>(top_.s_axil_rvalid_o), top_.s_axil_rresp_o,
                     top_.s_axil_rdata_o};
    Take(b, held_b_, top_.s_axil_bready_i, open_writes_, writes_, "B");
    Take(r, held_r_, top_.s_axil_rready_i, open_reads_, reads_, "R");
    if (b.valid && (taken_aw_ < answered_ + 1 || taken_w_ < answered_ + 1)) {
      on_error("B before address and data were taken");
    }
    if (b.valid && top_.s_axil_bready_i) ++answered_;
  }

 private:
  struct WriteData {
    std::uint32_t data, strobes;
  };
  struct Response {
    bool valid = false;
    std::uint32_t resp = 0, data = 0;
    bool operator==(const Response&) const = default;
  };

  // A response that was not taken in the cycle before must still be there, unchanged.
  void Take(const Response& now, Response& held, bool ready, int& open,
            std::deque<AxiLiteResponse>& responses, const char* channel) {
    const std::string name = channel;
    if (held.valid && !(now == held)) on_error(name + " changed before it was taken");
    held = now.valid && !ready ? now : Response{};
    if (!now.valid) return;
    if (open == 0) on_error(name + " without an access");
    if (now.resp != 0 && now.resp != 2) on_error(name + " resp " + std::to_string(now.resp));
    if (ready) {
      responses.push_back({now.resp == 0, now.data});
      --open;
    }
  }

  template <typename Cycle>
  AxiLiteResponse Wait(std::deque<AxiLiteResponse>& responses, Cycle&& cycle, const char* what,
                       std::uint32_t address) {
    for (int i = 0; i < patience && responses.empty(); ++i) cycle();
    if (responses.empty()) {
      on_error(std::string(what) + " of address " + std::to_string(address) + " is not answered");
      return {};
    }
    const AxiLiteResponse response = responses.front();
    responses.pop_front();
    return response;
  }

  Top& top_;
  Random& random_;
  std::deque<std::uint32_t> aw_, ar_;
  std::deque<WriteData> w_;
  bool aw_offered_ = false, w_offered_ = false, ar_offered_ = false;
  int open_writes_ = 0, open_reads_ = 0;
  std::uint64_t taken_aw_ = 0, taken_w_ = 0, answered_ = 0;
  Response held_b_, held_r_;
  std::deque<AxiLiteResponse> writes_, reads_;
};

}  // namespace ep::tb
