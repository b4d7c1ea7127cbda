// SPDX-License-Identifier: Apache-2.0

#include "tb/top/rtl_machine.h"

#include <fmt/format.h>

#include <cstring>
#include <random>
#include <utility>
#include <vector>

#include "Vep_core_l128.h"
#include "Vep_core_l16.h"
#include "Vep_core_l32.h"
#include "Vep_core_l64.h"
#include "Vep_core_l8.h"
#include "model/common/checks.h"
#include "model/common/memory_map.h"
#include "model/ctrl/regs.h"
#include "tb/top/waves.h"
#include "verilated.h"

namespace ep::rtl {
namespace {

constexpr int kWeightBits = 8;
// No part of a sample takes so many cycles without a trace event or an outcome.
constexpr std::uint64_t kHangCycles = 20'000'000;

// Chooses the cycles in which a stream stalls.
class Staller {
 public:
  Staller(int per_256, std::uint32_t seed) : per_256_(per_256), random_(seed) {}
  bool operator()() { return per_256_ > 0 && static_cast<int>(random_() & 255) < per_256_; }

 private:
  int per_256_;
  std::mt19937 random_;
};

template <typename Top>
class CoreMachine final : public RtlMachine {
 public:
  CoreMachine(const Network& network, const Hardware& hardware,
              std::unique_ptr<model::ArrayPort> array)
      : network_(network),
        hardware_(hardware),
        map_(network, hardware),
        array_(std::move(array)),
        top_(&context_),
        waves_(context_, top_) {
    Reset();
    Configure();
  }
  ~CoreMachine() override { top_.final(); }

  void LoadWeights(const Weights& weights) override;
  Weights ReadWeights() override;
  void Run(Mode mode, std::span<const Sample> samples, int learning_rate,
           std::vector<Outcome>& outcomes) override;
  Counters TakeCounters() override;

  void SetObserver(model::Observer* observer) override { observer_ = observer; }
  void SetStalls(const Stalls& stalls) override {
    sample_stall_ = Staller(stalls.sample, stalls.seed);
    outcome_stall_ = Staller(stalls.outcome, stalls.seed + 1);
    weight_stall_ = Staller(stalls.weight, stalls.seed + 2);
  }
  void SetTiming(const Timing& timing) override {
    Must(regs::kTiming, regs::kTimingPrecharge.Put(timing.precharge) |
                            regs::kTimingSense.Put(timing.sense));
    Must(regs::kPulse, regs::kPulsePulse.Put(timing.pulse));
  }
  bool Write(std::uint32_t address, std::uint32_t data) override;
  bool Read(std::uint32_t address, std::uint32_t& data) override;
  std::uint64_t Cycles() const override { return cycles_; }

 private:
  void Reset();
  void Configure();
  void Must(std::uint32_t address, std::uint32_t data);
  std::uint32_t Get(std::uint32_t address);
  // Writes a command and waits until the core has accepted the network.
  void Start(const regs::Field& command);
  void WaitForEvent(const regs::Field& event);
  // One clock cycle: Settle makes all outputs those of the coming edge, Edge is the edge.
  void Settle();
  void Edge();
  void Cycle() {
    Settle();
    Edge();
  }
  void Report();
  [[noreturn]] void Hang(const char* what);

  Network network_;
  Hardware hardware_;
  MemoryMap map_;
  std::unique_ptr<model::ArrayPort> array_;
  VerilatedContext context_;
  Top top_;
  Waves<Top> waves_;
  model::Observer* observer_ = nullptr;
  model::Cells cells_{};
  std::uint64_t cycles_ = 0;
  std::uint64_t last_progress_ = 0;
  int learning_rate_ = -1;
  Staller sample_stall_{0, 1}, outcome_stall_{0, 1}, weight_stall_{0, 1};
};

template <typename Top>
void CoreMachine<Top>::Settle() {
  top_.clk_i = 0;
  top_.eval();
  waves_.Dump();
  if (top_.trace_sense_o) {
    array_->Sense(top_.array_row_o, cells_);
    std::memcpy(&top_.array_q_i, cells_.data(), hardware_.lanes);
  }
  if (top_.trace_program_o) {
    // prog_d is the mask itself for cells that become 1, and 0 for cells that become 0.
    model::Cells mask{}, data{};
    std::memcpy(mask.data(), &top_.array_prog_mask_o, hardware_.lanes);
    std::memcpy(data.data(), &top_.array_prog_d_o, hardware_.lanes);
    array_->Program(top_.array_row_o, data == mask, mask);
  }
  if (observer_) Report();
}

template <typename Top>
void CoreMachine<Top>::Edge() {
  top_.clk_i = 1;
  top_.eval();
  waves_.Dump();
  ++cycles_;
}

template <typename Top>
void CoreMachine<Top>::Report() {
  const auto phase = static_cast<model::Pass>(static_cast<int>(model::Pass::kFree) +
                                              top_.trace_phase_o);
  const int sweep = top_.trace_sweep_o;
  if (top_.trace_sense_o) observer_->OnSense(phase, sweep, top_.array_row_o);
  if (top_.trace_program_o) {
    model::Cells mask{}, data{}, none{};
    std::memcpy(mask.data(), &top_.array_prog_mask_o, hardware_.lanes);
    std::memcpy(data.data(), &top_.array_prog_d_o, hardware_.lanes);
    const std::span<const std::uint8_t> cells(mask.data(), hardware_.lanes);
    const std::span<const std::uint8_t> nothing(none.data(), hardware_.lanes);
    const bool set = data == mask;
    observer_->OnProgram(model::Pass::kLearn, top_.array_row_o, set ? cells : nothing,
                         set ? nothing : cells);
  }
  if (top_.trace_update_o) {
    std::uint8_t states[16];
    std::memcpy(states, &top_.trace_states_o, hardware_.neuron_lanes);
    observer_->OnUpdate(phase, sweep, top_.trace_group_o,
                        std::span<const std::uint8_t>(states, hardware_.neuron_lanes));
  }
}

template <typename Top>
void CoreMachine<Top>::Reset() {
  top_.array_ready_i = 1;
  top_.rst_ni = 1;
  Cycle();
  top_.rst_ni = 0;
  Cycle();
  Cycle();
  top_.rst_ni = 1;
  Cycle();
}

template <typename Top>
bool CoreMachine<Top>::Write(std::uint32_t address, std::uint32_t data) {
  top_.s_axil_awaddr_i = address;
  top_.s_axil_wdata_i = data;
  top_.s_axil_wstrb_i = 0xf;
  top_.s_axil_awvalid_i = top_.s_axil_wvalid_i = 1;
  top_.s_axil_bready_i = 1;
  for (;;) {
    Settle();
    const bool address_taken = top_.s_axil_awvalid_i && top_.s_axil_awready_o;
    const bool data_taken = top_.s_axil_wvalid_i && top_.s_axil_wready_o;
    const bool answered = top_.s_axil_bvalid_o;
    const bool good = top_.s_axil_bresp_o == 0;
    Edge();
    if (address_taken) top_.s_axil_awvalid_i = 0;
    if (data_taken) top_.s_axil_wvalid_i = 0;
    if (answered) {
      top_.s_axil_bready_i = 0;
      return good;
    }
  }
}

template <typename Top>
bool CoreMachine<Top>::Read(std::uint32_t address, std::uint32_t& data) {
  top_.s_axil_araddr_i = address;
  top_.s_axil_arvalid_i = 1;
  top_.s_axil_rready_i = 1;
  for (;;) {
    Settle();
    const bool address_taken = top_.s_axil_arvalid_i && top_.s_axil_arready_o;
    const bool answered = top_.s_axil_rvalid_o;
    const bool good = top_.s_axil_rresp_o == 0;
    if (answered) data = top_.s_axil_rdata_o;
    Edge();
    if (address_taken) top_.s_axil_arvalid_i = 0;
    if (answered) {
      top_.s_axil_rready_i = 0;
      return good;
    }
  }
}

template <typename Top>
void CoreMachine<Top>::Must(std::uint32_t address, std::uint32_t data) {
  if (!Write(address, data)) {
    throw Divergence(fmt::format("RTL refused register {:#05x} = {:#x}", address, data));
  }
}

template <typename Top>
std::uint32_t CoreMachine<Top>::Get(std::uint32_t address) {
  std::uint32_t data = 0;
  if (!Read(address, data)) {
    throw Divergence(fmt::format("RTL refused to read register {:#05x}", address));
  }
  return data;
}

template <typename Top>
void CoreMachine<Top>::Hang(const char* what) {
  const std::uint32_t status = Get(regs::kStatus);
  throw Divergence(fmt::format("RTL made no progress for {} cycles while {}: STATUS.state {}",
                               cycles_ - last_progress_, what, regs::kStatusState.Get(status)));
}

template <typename Top>
void CoreMachine<Top>::Configure() {
  const int scale = network_.InputScale();
  Must(regs::kNetwork,
       regs::kNetworkPopulations.Put(network_.populations.size()) |
           regs::kNetworkProjections.Put(network_.projections.size()) |
           regs::kNetworkGainMax.Put(network_.GainMax()) |
           regs::kNetworkInputScale.Put(scale == 17 ? 1 : scale == 85 ? 2 : scale == 255 ? 3 : 0));
  Must(regs::kRelaxation, regs::kRelaxationFreeSweeps.Put(network_.free_sweeps) |
                              regs::kRelaxationNudgedSweeps.Put(network_.nudged_sweeps) |
                              regs::kRelaxationNudgeShift.Put(network_.nudge_shift));
  for (std::size_t i = 0; i < network_.populations.size(); ++i) {
    Must(regs::kPopulation[i], regs::kPopulationSize.Put(network_.populations[i]) |
                                   regs::kPopulationBlock.Put(map_.population_block[i]));
  }
  for (std::size_t p = 0; p < network_.projections.size(); ++p) {
    const Projection& projection = network_.projections[p];
    Must(regs::kProjectionParameters[p],
         regs::kProjectionParametersA.Put(projection.a) |
             regs::kProjectionParametersB.Put(projection.b) |
             regs::kProjectionParametersGainShift.Put(projection.gain_shift) |
             regs::kProjectionParametersLearningShift.Put(projection.learning_shift) |
             regs::kProjectionParametersLearn.Put(projection.learn));
    Must(regs::kProjectionBase[p], map_.projection_base[p]);
  }
}

template <typename Top>
void CoreMachine<Top>::Start(const regs::Field& command) {
  constexpr std::uint32_t kChecking = 1;  // StCheck of ep_sequencer
  Must(regs::kControl, command.Put(1));
  while (regs::kStatusState.Get(Get(regs::kStatus)) == kChecking) {
  }
  if (regs::kEventConfigError.Get(Get(regs::kEvent))) {
    Must(regs::kEvent, regs::kEventConfigError.Put(1));
    throw Divergence("RTL refused the network: EVENT.config_error");
  }
  last_progress_ = cycles_;
}

template <typename Top>
void CoreMachine<Top>::WaitForEvent(const regs::Field& event) {
  for (;;) {
    const std::uint32_t events = Get(regs::kEvent);
    if (event.Get(events)) {
      Must(regs::kEvent, events);
      return;
    }
    if (cycles_ - last_progress_ > kHangCycles) Hang("waiting for an event");
  }
}

template <typename Top>
void CoreMachine<Top>::LoadWeights(const Weights& weights) {
  CheckWeights(network_, weights);
  Start(regs::kControlLoad);
  for (std::size_t p = 0; p < network_.projections.size(); ++p) {
    const int rows = network_.Rows(p), lanes = network_.Lanes(p);
    for (int first = 0; first < lanes; first += hardware_.lanes) {
      for (int row = 0; row < rows; ++row) {
        for (int lane = 0; lane < hardware_.lanes; lane += 4) {
          std::uint32_t data = 0;
          for (int i = 0; i < 4; ++i) {
            const int column = first + lane + i;
            if (column >= lanes) continue;
            const auto weight = static_cast<std::uint8_t>(weights[p][row * lanes + column]);
            data |= std::uint32_t{weight} << (8 * i);
          }
          top_.s_axis_weight_tdata_i = data;
          for (bool taken = false; !taken;) {
            top_.s_axis_weight_tvalid_i = !weight_stall_();
            Settle();
            taken = top_.s_axis_weight_tvalid_i && top_.s_axis_weight_tready_o;
            Edge();
            if (cycles_ - last_progress_ > kHangCycles) Hang("loading weights");
          }
          top_.s_axis_weight_tvalid_i = 0;
          last_progress_ = cycles_;
        }
      }
    }
  }
  WaitForEvent(regs::kEventLoadDone);
}

template <typename Top>
Weights CoreMachine<Top>::ReadWeights() {
  Start(regs::kControlSave);
  Weights weights;
  for (std::size_t p = 0; p < network_.projections.size(); ++p) {
    const int rows = network_.Rows(p), lanes = network_.Lanes(p);
    weights.emplace_back(static_cast<std::size_t>(rows) * lanes);
    for (int first = 0; first < lanes; first += hardware_.lanes) {
      for (int row = 0; row < rows; ++row) {
        for (int lane = 0; lane < hardware_.lanes; lane += 4) {
          for (bool taken = false; !taken;) {
            top_.m_axis_weight_tready_i = !weight_stall_();
            Settle();
            taken = top_.m_axis_weight_tready_i && top_.m_axis_weight_tvalid_o;
            const std::uint32_t data = top_.m_axis_weight_tdata_o;
            for (int i = 0; taken && i < 4; ++i) {
              const int column = first + lane + i;
              if (column < lanes) {
                weights[p][row * lanes + column] = static_cast<std::int8_t>(data >> (8 * i));
              }
            }
            Edge();
            if (cycles_ - last_progress_ > kHangCycles) Hang("reading weights");
          }
          top_.m_axis_weight_tready_i = 0;
          last_progress_ = cycles_;
        }
      }
    }
  }
  WaitForEvent(regs::kEventSaveDone);
  return weights;
}

template <typename Top>
void CoreMachine<Top>::Run(Mode mode, std::span<const Sample> samples, int learning_rate,
                           std::vector<Outcome>& outcomes) {
  if (samples.empty()) return;
  for (const Sample& sample : samples) CheckSample(network_, mode, sample);
  const int rate = mode == Mode::kTrain ? learning_rate : 0;
  if (rate != learning_rate_) {
    Must(regs::kLearning, regs::kLearningErrorGate.Put(network_.error_gate) |
                              regs::kLearningLearningRate.Put(rate));
    learning_rate_ = rate;
  }
  Must(regs::kSamples, static_cast<std::uint32_t>(samples.size()));
  Start(mode == Mode::kTrain ? regs::kControlTrain : regs::kControlInfer);
  std::size_t sent = 0, beat = 0, done = 0;
  while (done < samples.size()) {
    bool offer = false;
    if (sent < samples.size()) {
      const Sample& sample = samples[sent];
      const bool last = beat == sample.codes.size();
      offer = top_.s_axis_sample_tvalid_i || !sample_stall_();
      top_.s_axis_sample_tdata_i = last ? (sample.label < 0 ? 255 : sample.label)
                                        : sample.codes[beat];
      top_.s_axis_sample_tlast_i = last;
    }
    top_.s_axis_sample_tvalid_i = offer;
    top_.m_axis_outcome_tready_i = !outcome_stall_();
    Settle();
    const bool taken = offer && top_.s_axis_sample_tready_o;
    if (taken) {
      if (beat++ == samples[sent].codes.size()) {
        beat = 0;
        ++sent;
      }
    }
    if (top_.m_axis_outcome_tvalid_o && top_.m_axis_outcome_tready_i) {
      const std::uint32_t data = top_.m_axis_outcome_tdata_o;
      const Outcome outcome{static_cast<int>(data & 0xff), (data >> 16 & 1) != 0};
      outcomes.push_back(outcome);
      last_progress_ = cycles_;
      ++done;
      if (observer_) observer_->OnOutcome(outcome);
    }
    Edge();
    if (taken) top_.s_axis_sample_tvalid_i = 0;
    if (cycles_ - last_progress_ > kHangCycles) Hang("running a sample");
  }
  top_.m_axis_outcome_tready_i = 0;
  top_.s_axis_sample_tvalid_i = 0;
  last_progress_ = cycles_;
  WaitForEvent(regs::kEventRunDone);
}

template <typename Top>
Counters CoreMachine<Top>::TakeCounters() {
  Counters counters;
  std::uint32_t address = regs::kCounterSamples;
  counters.ForEach([&](const char*, const char*, std::uint64_t& value) {
    value = Get(address);
    address += 4;
  });
  Must(regs::kCounterControl, regs::kCounterControlClear.Put(1));
  return counters;
}

template <typename Top>
std::unique_ptr<RtlMachine> Make(const Network& network, const Hardware& hardware,
                                 std::unique_ptr<model::ArrayPort> array) {
  return std::make_unique<CoreMachine<Top>>(network, hardware, std::move(array));
}

}  // namespace

Hardware BuiltHardware(int lanes) {
  if (lanes != 8 && lanes != 16 && lanes != 32 && lanes != 64 && lanes != 128) {
    throw UserError(
        fmt::format("hardware.lanes is {}: RTL is built for 8, 16, 32, 64 and 128", lanes));
  }
  Hardware hardware;
  hardware.lanes = lanes;
  hardware.neuron_lanes = 8;
  hardware.multipliers = 8;
  hardware.weight_bits = kWeightBits;
  return hardware;
}

std::unique_ptr<RtlMachine> MakeRtl(const Network& network, const Hardware& hardware,
                                    std::unique_ptr<model::ArrayPort> array) {
  const Hardware built = BuiltHardware(hardware.lanes);
  built.Check(network);
  if (!array) array = std::make_unique<model::Array>(built.array_rows, built.lanes);
  switch (hardware.lanes) {
    case 8:
      return Make<Vep_core_l8>(network, built, std::move(array));
    case 16:
      return Make<Vep_core_l16>(network, built, std::move(array));
    case 32:
      return Make<Vep_core_l32>(network, built, std::move(array));
    case 64:
      return Make<Vep_core_l64>(network, built, std::move(array));
    default:
      return Make<Vep_core_l128>(network, built, std::move(array));
  }
}

}  // namespace ep::rtl
