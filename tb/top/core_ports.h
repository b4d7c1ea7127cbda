// SPDX-License-Identifier: Apache-2.0
//
// The ports of a Verilated ep_core or ep_top: clock and reset, register bus, streams, trace, and an
// array of the model behind the array port of ep_core. Ports only.
//
//   ports.samples.Post({code}); ...; ports.Cycle(); ports.outcomes.Beats()

#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <utility>

#include "model/array/array.h"
#include "model/common/machine.h"
#include "model/common/network.h"
#include "model/top/observer.h"
#include "tb/common/axi_lite.h"
#include "tb/common/coverage.h"
#include "tb/common/random.h"
#include "tb/common/stream.h"
#include "tb/top/rtl_machine.h"
#include "tb/top/waves.h"
#include "verilated.h"

namespace ep::rtl {

// Chooses the cycles in which a stream stalls.
class Staller {
 public:
  Staller(int per_256, std::uint32_t seed) : per_256_(per_256), random_(seed) {}
  bool operator()() { return per_256_ > 0 && static_cast<int>(random_() & 255) < per_256_; }

 private:
  int per_256_;
  std::mt19937 random_;
};

// Between the model's cells (a byte a lane) and the columns of the array port, lane x bits + bit.
inline void Pack(const model::Cells& cells, int lanes, int bits, void* columns) {
  if (bits == 8) {
    std::memcpy(columns, cells.data(), lanes);
    return;
  }
  auto* bytes = static_cast<std::uint8_t*>(columns);
  std::memset(bytes, 0, static_cast<std::size_t>(lanes * bits + 7) / 8);
  for (int column = 0; column < lanes * bits; ++column) {
    const int bit = cells[column / bits] >> (column % bits) & 1;
    bytes[column / 8] = static_cast<std::uint8_t>(bytes[column / 8] | bit << (column % 8));
  }
}

inline model::Cells Unpack(const void* columns, int lanes, int bits) {
  model::Cells cells{};
  if (bits == 8) {
    std::memcpy(cells.data(), columns, lanes);
    return cells;
  }
  const auto* bytes = static_cast<const std::uint8_t*>(columns);
  for (int column = 0; column < lanes * bits; ++column) {
    const int bit = bytes[column / 8] >> (column % 8) & 1;
    cells[column / bits] = static_cast<std::uint8_t>(cells[column / bits] | bit << (column % bits));
  }
  return cells;
}

template <typename Top>
class CorePorts {
 public:
  // ep_top has the array inside.
  static constexpr bool kArrayPort = requires(Top& top) { top.array_row_o; };

  struct Beat {
    std::uint32_t data = 0;
    bool last = false;
    bool operator==(const Beat&) const = default;
  };

  // The array is not used where the module has its own. state_seed gives registers and memories
  // their values before reset; 0: all are 0.
  CorePorts(const Hardware& hardware, std::unique_ptr<model::ArrayPort> array,
            std::uint32_t state_seed)
      : hardware_(hardware),
        array_(std::move(array)),
        context_(MakeContext(state_seed)),
        top_(context_.get()),
        waves_(*context_, top_) {
    const auto fail = [](const std::string& what) { throw Divergence("RTL: " + what); };
    bus.on_error = outcomes.on_error = weights_out.on_error = fail;
    outcomes.on_offer = [this](const Beat& beat) {
      if (observer_) observer_->OnOutcome(OutcomeOf(beat.data));
    };
    top_.power_good_i = 1;
    if constexpr (kArrayPort) {
      top_.array_ready_i = 1;
      std::memset(&top_.array_late_i, 0, sizeof(top_.array_late_i));
    }
    Reset();
  }
  ~CorePorts() {
    top_.final();
    tb::KeepCoverage(*context_);
  }
  CorePorts(const CorePorts&) = delete;
  CorePorts& operator=(const CorePorts&) = delete;

  const Hardware& hardware() const { return hardware_; }
  std::uint64_t cycles() const { return cycles_; }
  // The last cycle with a sense, a pulse or an update.
  std::uint64_t last_activity() const { return last_activity_; }
  bool irq() const { return top_.irq_o; }
  VerilatedContext& context() { return *context_; }

  // Clock cycles begin to before end as FST; see Waves.
  void Record(const std::string& file, std::uint64_t begin, std::uint64_t end) {
    waves_.Record(file, begin, end);
  }
  // Of the array; the core sees it two cycles later.
  void SetPowerGood(bool good) { top_.power_good_i = good; }
  bool pulsing() const { return pulse_cycles_ > 0; }

  // Whom to tell; an outcome when it is offered, before anything of the next sample.
  void SetObserver(model::Observer* observer) { observer_ = observer; }
  void SetStalls(const Stalls& stalls) {
    sample_stall_ = Staller(stalls.sample, stalls.seed);
    outcome_stall_ = Staller(stalls.outcome, stalls.seed + 1);
    weight_in_stall_ = Staller(stalls.weight, stalls.seed + 2);
    weight_out_stall_ = Staller(stalls.weight, stalls.seed + 3);
    array_stall_ = Staller(stalls.array, stalls.seed + 4);
    bus.stalls = tb::AxiLiteStalls::All(stalls.bus * 100 / 256);
  }

  void Reset();
  // One clock cycle.
  void Cycle();
  // An access of the register bus, with the cycles that it takes.
  tb::AxiLiteResponse Write(std::uint32_t address, std::uint32_t data) {
    return bus.Write(address, data, [this] { Cycle(); });
  }
  tb::AxiLiteResponse Read(std::uint32_t address) {
    return bus.Read(address, [this] { Cycle(); });
  }
  // A word of the prediction stream.
  static Outcome OutcomeOf(std::uint32_t data) {
    return {static_cast<int>(data & 0xff), (data >> 16 & 1) != 0};
  }
  // Throws if an assertion of the RTL failed.
  void CheckAssertions() const {
    if (context_->gotError()) throw Divergence("an assertion of the RTL does not hold");
  }

 private:
  static std::unique_ptr<VerilatedContext> MakeContext(std::uint32_t state_seed) {
    auto context = std::make_unique<VerilatedContext>();
    context->fatalOnError(false);
    if (state_seed != 0) {
      context->randReset(2);
      context->randSeed(static_cast<int>(state_seed & 0x7FFFFFFF));
    }
    return context;
  }
  // The array and the trace, before the rising edge.
  void Access();
  void Sense(model::Pass pass, int sweep);
  void Program();

  Hardware hardware_;
  std::unique_ptr<model::ArrayPort> array_;
  std::unique_ptr<VerilatedContext> context_;
  Top top_;
  Waves<Top> waves_;
  model::Observer* observer_ = nullptr;
  model::Cells cells_{};
  model::Cells late_{};
  int sense_cycles_ = 0;  // of the sense under way
  int pulse_cycles_ = 0;  // of the pulse under way
  int pulse_ready_ = 0;   // what the array said at its start
  std::uint64_t cycles_ = 0;
  std::uint64_t last_activity_ = 0;
  tb::Random random_{1};
  Staller sample_stall_{0, 1}, outcome_stall_{0, 1}, weight_in_stall_{0, 1},
      weight_out_stall_{0, 1}, array_stall_{0, 1};

 public:
  tb::AxiLiteMaster<Top> bus{top_, random_};
  tb::StreamSource<Beat> samples{top_.s_axis_sample_tvalid_i, top_.s_axis_sample_tready_o,
                                 [this](const Beat& beat) {
                                   top_.s_axis_sample_tdata_i = beat.data;
                                   top_.s_axis_sample_tlast_i = beat.last;
                                 }};
  tb::StreamSource<Beat> weights_in{
      top_.s_axis_weight_tvalid_i, top_.s_axis_weight_tready_o,
      [this](const Beat& beat) { top_.s_axis_weight_tdata_i = beat.data; }};
  tb::StreamSink<Beat> outcomes{top_.m_axis_outcome_tvalid_o, top_.m_axis_outcome_tready_i,
                                [this] { return Beat{top_.m_axis_outcome_tdata_o, false}; }};
  tb::StreamSink<Beat> weights_out{
      top_.m_axis_weight_tvalid_o, top_.m_axis_weight_tready_i, [this] {
        return Beat{top_.m_axis_weight_tdata_o, static_cast<bool>(top_.m_axis_weight_tlast_o)};
      }};
};

template <typename Top>
void CorePorts<Top>::Reset() {
  bus.Drive();
  top_.clk_i = 0;
  // With a clock edge while it is low, so that assertions over two cycles end.
  for (const int level : {1, 0, 1}) {
    top_.rst_ni = static_cast<std::uint8_t>(level);
    top_.eval();
    if (level == 1) continue;
    top_.clk_i = 1;
    top_.eval();
    top_.clk_i = 0;
    top_.eval();
  }
  outcomes.Forget();
  weights_out.Forget();
  Cycle();
}

template <typename Top>
void CorePorts<Top>::Cycle() {
  const bool bus_used = bus.Open() > 0;
  if (bus_used) bus.Drive();
  samples.Drive(sample_stall_());
  weights_in.Drive(weight_in_stall_());
  outcomes.Drive(outcome_stall_());
  weights_out.Drive(weight_out_stall_());
  if constexpr (kArrayPort) top_.array_ready_i = !array_stall_();
  top_.clk_i = 0;
  top_.eval();
  waves_.Dump(cycles_);
  Access();
  if (bus_used) bus.Sample();
  samples.Sample();
  weights_in.Sample();
  outcomes.Sample();
  weights_out.Sample();
  top_.clk_i = 1;
  top_.eval();
  waves_.Dump(cycles_);
  ++cycles_;
}

template <typename Top>
void CorePorts<Top>::Access() {
  const auto pass =
      static_cast<model::Pass>(static_cast<int>(model::Pass::kFree) + top_.trace_phase_o);
  const int sweep = top_.trace_sweep_o;
  if (top_.trace_sense_o || top_.trace_program_o || top_.trace_update_o) last_activity_ = cycles_;
  if constexpr (kArrayPort) {
    Sense(pass, sweep);
    Program();
  }
  if (observer_ && top_.trace_update_o) {
    std::uint8_t states[sizeof(top_.trace_states_o)];
    std::memcpy(states, &top_.trace_states_o, sizeof(states));
    observer_->OnUpdate(pass, sweep, top_.trace_group_o,
                        std::span<const std::uint8_t>(states).first(hardware_.neuron_lanes));
  }
}

// The array answers at the end of each sense, with the cycles that it took. Its latches hold the
// answer until the next one.
template <typename Top>
void CorePorts<Top>::Sense(model::Pass pass, int sweep) {
  sense_cycles_ = top_.array_sense_o ? sense_cycles_ + 1 : 0;
  if (!top_.trace_sense_o) return;
  if (!top_.array_sense_o) throw Divergence("RTL counts a sense that it does not give");
  array_->Sense(top_.array_row_o, std::exchange(sense_cycles_, 0), cells_, late_);
  Pack(cells_, hardware_.lanes, hardware_.weight_bits, &top_.array_q_i);
  Pack(late_, hardware_.lanes, hardware_.weight_bits, &top_.array_late_i);
  if (observer_) observer_->OnSense(pass, sweep, top_.array_row_o);
}

// In a pulse ready is what the array says of it: 1 from the cycle on in which its cells hold.
template <typename Top>
void CorePorts<Top>::Program() {
  if (!top_.array_program_o) {
    if (top_.trace_program_o) throw Divergence("RTL counts a pulse that it does not give");
    // A reset has cut it.
    if (pulse_cycles_ > 0) array_->EndPulse(std::exchange(pulse_cycles_, 0));
    return;
  }
  // prog_d is the mask itself for cells that become 1, and 0 for cells that become 0.
  const int lanes = hardware_.lanes, bits = hardware_.weight_bits;
  const model::Cells mask = Unpack(&top_.array_prog_mask_o, lanes, bits);
  const bool set = Unpack(&top_.array_prog_d_o, lanes, bits) == mask;
  if (pulse_cycles_++ == 0) {
    pulse_ready_ = array_->StartPulse(top_.array_row_o, set, mask, top_.array_prog_level_o);
  }
  top_.array_ready_i = pulse_ready_ > 0 && pulse_cycles_ >= pulse_ready_;
  if (!top_.trace_program_o) return;
  array_->EndPulse(std::exchange(pulse_cycles_, 0));
  if (!observer_) return;
  const model::Cells none{};
  const auto size = static_cast<std::size_t>(lanes);
  observer_->OnProgram(model::Pass::kLearn, top_.array_row_o,
                       std::span(set ? mask : none).first(size),
                       std::span(set ? none : mask).first(size));
}

}  // namespace ep::rtl
