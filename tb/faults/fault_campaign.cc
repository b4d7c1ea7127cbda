// SPDX-License-Identifier: Apache-2.0
//
// Single faults in a small core while it trains, and what comes of each: scripts/faults.py builds
// it on the netlist and calls it.
//
//   fault_campaign SEED FIRST END      faults FIRST to before END; one line of JSON each
//   fault_campaign replay < LINES      the faults of such lines, also those of another netlist
//   fault_campaign sites               the registers and memories, with their bits
//
// A fault is chosen by its number and the seed alone: in 18 of 20 the upset of one bit of a
// register or memory in one cycle of the training run, in one a wrong bit of one sense, in one a
// row whose driver is dead (reads 0, takes no pulse). All have the same trained weights to begin
// with.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "Vep_core_faults.h"
#include "model/common/memory_map.h"
#include "model/plain/recipe.h"
#include "model/top/core.h"
#include "tb/top/core_machine.h"
#include "verilated_sym_props.h"
#include "verilated_syms.h"

namespace ep::rtl {
namespace {

constexpr int kSamples = 6;
constexpr int kPatience = 100;  // cycles from an interrupt to the end of a run
constexpr std::uint32_t kAllEvents = 0x1fff;
constexpr int kRate = 16;
constexpr int kRows = 64 * 2 + 10 * 2;  // of the array, of the network

// The parameters of scripts/faults.py.
Hardware Small() {
  Hardware hardware;
  hardware.lanes = 8;
  hardware.neuron_lanes = 4;
  hardware.multipliers = 4;
  hardware.weight_bits = 8;
  hardware.max_inputs = 64;
  hardware.max_states = 64;
  hardware.max_populations = 6;
  hardware.max_projections = 8;
  hardware.array_rows = 1024;
  hardware.sum_bits = 32;
  return hardware;
}

Network Digits() {
  return {.name = "digits-16",
          .populations = {64, 16, 10},
          .projections = {{.a = 0, .b = 1, .gain_shift = 7, .learning_shift = 15},
                          {.a = 1, .b = 2, .gain_shift = 7, .learning_shift = 15}}};
}

// Ideal cells with at most one fault, and a record of what was done to them.
class FaultyArray final : public model::ArrayPort {
 public:
  explicit FaultyArray(const Hardware& hardware)
      : lanes_(hardware.lanes), array_(hardware.array_rows, hardware.lanes) {}

  void Sense(std::uint32_t row, int cycles, model::Cells& cells, model::Cells& late) override {
    array_.Sense(row, cycles, cells, late);
    if (static_cast<int>(row) == dead_row) {
      for (int lane = 0; lane < lanes_; ++lane) cells[lane] = 0;
    }
    if (senses++ == wrong_sense)
      cells[wrong_bit / 8] ^= static_cast<std::uint8_t>(1 << wrong_bit % 8);
    Note(row);
    sensed = row;
  }
  int StartPulse(std::uint32_t row, bool value, const model::Cells& mask, int level) override {
    Note(row * 2 + value);
    // Learning programs only the row word that it sensed last, one of the network.
    const bool empty = std::ranges::count(mask, 0) == std::ssize(mask);
    if (!empty && (row != sensed || row >= kRows)) ++strays;
    const bool dead = static_cast<int>(row) == dead_row;
    return array_.StartPulse(row, value, dead ? model::Cells{} : mask, level);
  }
  void EndPulse(int cycles) override { array_.EndPulse(cycles); }

  model::Array& Cells() { return array_; }

  int wrong_sense = -1, wrong_bit = 0, dead_row = -1;
  int senses = 0;
  int strays = 0;            // pulses of cells of a row that was not addressed
  std::uint64_t trace = 0;   // of all accesses
  std::uint32_t sensed = 0;  // row of the last sense

 private:
  void Note(std::uint32_t what) { trace = (trace ^ what) * 0x100000001b3ULL + 1; }

  int lanes_;
  model::Array array_;
};

// Every (projection, row, lane) with the array row and the lane of its cells.
template <typename F>
void ForEachCell(const Network& network, const Hardware& hardware, F&& f) {
  const MemoryMap map(network, hardware);
  for (int p = 0; p < static_cast<int>(network.projections.size()); ++p) {
    for (int row = 0; row < network.Rows(p); ++row) {
      for (int lane = 0; lane < network.Lanes(p); ++lane) {
        const int block = lane / hardware.lanes;
        f(p, row * network.Lanes(p) + lane,
          map.projection_base[p] + static_cast<std::uint32_t>(block * network.Rows(p) + row),
          lane % hardware.lanes);
      }
    }
  }
}

void Fill(model::Array& array, const Network& network, const Weights& weights) {
  ForEachCell(network, Small(), [&](int p, int i, std::uint32_t row, int lane) {
    model::Cells mask{};
    mask[lane] = 0xff;
    array.Pulse(row, false, mask);
    mask[lane] = static_cast<std::uint8_t>(weights[p][i]);
    array.Pulse(row, true, mask);
  });
}

Weights Empty(model::Array& array, const Network& network) {
  Weights weights(network.projections.size());
  model::Cells cells{}, late{};
  ForEachCell(network, Small(), [&](int p, int, std::uint32_t row, int lane) {
    array.Sense(row, 1, cells, late);
    weights[p].push_back(static_cast<std::int8_t>(cells[lane]));
  });
  return weights;
}

// A register or memory of the netlist.
struct Site {
  std::string name;
  std::uint8_t* data = nullptr;
  int width = 1;   // bits of a word
  int words = 1;   // 1 for a register
  int stride = 1;  // bytes of a word
  std::int64_t bits() const { return std::int64_t{width} * words; }
};

std::vector<Site> Sites(VerilatedContext& context) {
  std::vector<Site> sites;
  for (const auto& [scope_name, scope] : *context.scopeNameMap()) {
    if (!scope->varsp()) continue;
    for (const auto& [name, variable] : *scope->varsp()) {
      Site site{.name = variable.name(), .data = static_cast<std::uint8_t*>(variable.datap())};
      site.width = static_cast<int>(variable.entBits());
      if (variable.udims() > 0) site.words = variable.elements(1);
      site.stride = static_cast<int>(variable.entSize());
      sites.push_back(std::move(site));
    }
  }
  std::ranges::sort(sites, {}, &Site::name);
  return sites;
}

struct Fault {
  std::string kind;        // upset, sense, row
  std::string where = {};  // name of the register or memory, or the sense or row
  std::int64_t bit = 0;    // of the register or memory, of the row word that is sensed
  int cycle = 0;           // of an upset; number of the sense; row
};

struct End {
  bool done = false;       // all outcomes came
  std::uint32_t told = 0;  // otherwise: the events that ended the run
  std::string broke;       // a rule of a port
  int cycles = 0;
  std::vector<Outcome> outcomes;
};

class Campaign {
 public:
  Campaign() : network_(Digits()), data_(*plain::FindDigits()), recipe_(network_, data_, 1, 1, 38) {
    const auto golden = model::MakeGolden(network_, Small());
    golden->LoadWeights(recipe_.initial_weights());
    std::vector<Outcome> ignored;
    for (int epoch = 0; epoch < 4; ++epoch) {
      golden->Run(Mode::kTrain, recipe_.NextEpoch(), epoch < 2 ? kRate : 8, ignored);
    }
    start_ = golden->ReadWeights();
    samples_ = recipe_.NextEpoch();
    samples_.resize(kSamples);
    golden->Run(Mode::kTrain, samples_, kRate, expected_);
    trained_ = golden->ReadWeights();
    correct_ = recipe_.TestCorrect(*golden);
    Machine machine = Make();
    reference_ = Train(machine, {}, 1'000'000);
    trace_ = machine.array->trace;
    senses_ = machine.array->senses;
    if (reference_.outcomes != expected_ || Empty(machine.array->Cells(), network_) != trained_) {
      throw Divergence("the netlist without a fault is not the golden model");
    }
    bits_ = 0;
    sites_ = Sites(machine.core->ports().context());
    for (const Site& site : sites_) bits_ += site.bits();
  }

  void PrintSites() {
    for (const Site& site : sites_) {
      fmt::print("{} {}\n", site.name, site.bits());
    }
    fmt::print(stderr, "{} bits, {} cycles, {} correct of {}\n", bits_, reference_.cycles, correct_,
               recipe_.test().size());
  }

  // Fault `number`.
  Fault Choose(std::uint32_t seed, int number) {
    std::seed_seq sequence{seed, static_cast<std::uint32_t>(number)};
    std::mt19937_64 random(sequence);
    const std::uint64_t kind = random() % 20;
    Fault fault;
    if (kind == 0) {
      fault = {.kind = "sense", .cycle = static_cast<int>(random() % senses_)};
      fault.bit = static_cast<std::int64_t>(random() % 64);
    } else if (kind == 1) {
      fault = {.kind = "row", .cycle = static_cast<int>(random() % kRows)};
    } else {
      fault = {.kind = "upset", .bit = static_cast<std::int64_t>(random() % bits_)};
      fault.cycle = static_cast<int>(random() % reference_.cycles);
      for (const Site& site : sites_) {
        fault.where = site.name;
        if (fault.bit < site.bits()) break;
        fault.bit -= site.bits();
      }
    }
    return fault;
  }

  // What comes of a fault.
  nlohmann::ordered_json Inject(const Fault& fault, int number) {
    Machine machine = Make();
    if (fault.kind == "sense") {
      machine.array->wrong_sense = fault.cycle;
      machine.array->wrong_bit = static_cast<int>(fault.bit);
    } else if (fault.kind == "row") {
      machine.array->dead_row = fault.cycle;
    } else if (std::ranges::find(sites_, fault.where, &Site::name) == sites_.end()) {
      throw std::runtime_error(fmt::format("no register or memory {}", fault.where));
    }
    const End end = Train(machine, fault, 4 * reference_.cycles + 2000);
    const Weights weights = Empty(machine.array->Cells(), network_);
    nlohmann::ordered_json line = {{"number", number},
                                   {"kind", fault.kind},
                                   {"where", fault.where},
                                   {"bit", fault.bit},
                                   {"cycle", fault.cycle}};
    line["end"] = Classify(machine, end, weights);
    if (end.told != 0) line["events"] = end.told;
    if (line["end"] == "hang") {
      line["events"] = machine.core->ports().Read(regs::kEvent).data;
      line["status"] = machine.core->ports().Read(regs::kStatus).data;
    }
    if (!end.broke.empty()) line["broke"] = end.broke;
    line["strays"] = machine.array->strays;
    line["recovers"] = Recovers(machine);
    return line;
  }

 private:
  struct Machine {
    std::unique_ptr<CoreMachine<Vep_core_faults>> core;
    FaultyArray* array = nullptr;
  };

  Machine Make() {
    auto array = std::make_unique<FaultyArray>(Small());
    Fill(array->Cells(), network_, start_);
    FaultyArray* pointer = array.get();
    return {std::make_unique<CoreMachine<Vep_core_faults>>(network_, Small(), std::move(array), 3),
            pointer};
  }

  static void Flip(CorePorts<Vep_core_faults>& ports, const Fault& fault) {
    const auto sites = Sites(ports.context());
    const Site& site = *std::ranges::find(sites, fault.where, &Site::name);
    const std::int64_t word = fault.bit / site.width, at = fault.bit % site.width;
    site.data[word * site.stride + at / 8] ^= static_cast<std::uint8_t>(1 << at % 8);
  }

  // Trains the samples; the fault comes in its cycle after the start.
  End Train(Machine& machine, const Fault& fault, int limit) {
    End end;
    int told = 0;  // cycles with an interrupt
    CorePorts<Vep_core_faults>& ports = machine.core->ports();
    try {
      machine.core->PrepareRun(Mode::kTrain, kSamples, kRate);
      machine.core->Must(regs::kTimeLimit, 1);
      machine.core->Must(regs::kEventEnable, kAllEvents);
      for (const Sample& sample : samples_) machine.core->Post(sample);
      machine.core->Start(regs::kControlTrain);
      while (end.cycles < limit) {
        if (fault.kind == "upset" && end.cycles == fault.cycle) Flip(ports, fault);
        ports.Cycle();
        ++end.cycles;
        for (; !ports.outcomes.Beats().empty(); ports.outcomes.Beats().pop_front()) {
          end.outcomes.push_back(ports.OutcomeOf(ports.outcomes.Beats().front().data));
        }
        if (end.outcomes.size() == kSamples) {
          end.done = true;
          break;
        }
        // The host takes what is left and looks why it was interrupted.
        told = ports.irq() ? told + 1 : 0;
        if (told == kPatience) {
          end.told = machine.core->Get(regs::kEvent);
          break;
        }
      }
    } catch (const std::exception& error) {
      end.broke = error.what();
    }
    return end;
  }

  std::string Classify(Machine& machine, const End& end, const Weights& weights) {
    if (!end.done && end.broke.empty()) return end.told != 0 ? "stopped" : "hang";
    if (weights != trained_) {
      const auto golden = model::MakeGolden(network_, Small());
      Weights legal = weights;
      for (auto& projection : legal) {
        for (std::int8_t& weight : projection) weight = std::max<std::int8_t>(weight, -127);
      }
      golden->LoadWeights(legal);
      return recipe_.TestCorrect(*golden) < correct_ ? "worse accuracy" : "wrong weight";
    }
    if (!end.broke.empty()) return "rule broken";
    if (end.outcomes != expected_) return "wrong prediction";
    const bool same = end.cycles == reference_.cycles && machine.array->trace == trace_;
    return same ? "no effect" : "corrected";
  }

  // After a soft reset and with its registers written anew, the core gives the golden results; by a
  // reset of the hardware where that does not help; or never.
  std::string Recovers(Machine& machine) {
    for (const bool hard : {false, true}) {
      CorePorts<Vep_core_faults>& ports = machine.core->ports();
      try {
        ports.samples.Clear();
        ports.outcomes.Forget();
        if (hard) {
          ports.bus.Forget();
          ports.Reset();
        } else {
          machine.core->Must(regs::kControl, regs::kControlSoftReset.Put(1));
        }
        for (int i = 0; i < 4; ++i) ports.Cycle();
        ports.outcomes.Forget();
        ports.outcomes.Beats().clear();
        machine.core->Must(regs::kEvent, kAllEvents);
        for (const auto& [address, data] : NetworkRegisters(network_, Small())) {
          machine.core->Must(address, data);
        }
        machine.core->SetAccess({});
        for (const auto& [address, data] : AccessRegisters({})) machine.core->Must(address, data);
        machine.core->Must(regs::kLearning, regs::kLearningErrorGate.Put(network_.error_gate) |
                                                regs::kLearningLearningRate.Put(kRate));
        machine.array->wrong_sense = machine.array->dead_row = -1;
        Fill(machine.array->Cells(), network_, start_);
        const End end = Train(machine, {}, 4 * reference_.cycles);
        if (end.outcomes == expected_ && Empty(machine.array->Cells(), network_) == trained_) {
          return hard ? "hard reset" : "soft reset";
        }
      } catch (const std::exception&) {
        continue;
      }
    }
    return "never";
  }

  Network network_;
  plain::DataSet data_;
  plain::Recipe recipe_;
  Weights start_, trained_;
  std::vector<Sample> samples_;
  std::vector<Outcome> expected_;
  int correct_ = 0;
  End reference_;
  std::uint64_t trace_ = 0;
  int senses_ = 0;
  std::vector<Site> sites_;  // of one machine: names and sizes
  std::int64_t bits_ = 0;
};

}  // namespace
}  // namespace ep::rtl

int main(int argc, char** argv) try {
  ep::rtl::Campaign campaign;
  if (argc == 2 && std::string(argv[1]) == "sites") {
    campaign.PrintSites();
    return 0;
  }
  if (argc == 2 && std::string(argv[1]) == "replay") {
    for (std::string text; std::getline(std::cin, text);) {
      const auto line = nlohmann::json::parse(text);
      const ep::rtl::Fault fault = {.kind = line.at("kind"),
                                    .where = line.at("where"),
                                    .bit = line.at("bit"),
                                    .cycle = line.at("cycle")};
      fmt::print("{}\n", campaign.Inject(fault, line.at("number")).dump());
      std::fflush(stdout);
    }
    return 0;
  }
  if (argc != 4) {
    fmt::print(stderr, "fault_campaign SEED FIRST END | replay | sites\n");
    return 2;
  }
  const auto seed = static_cast<std::uint32_t>(std::stoul(argv[1]));
  const int end = std::stoi(argv[3]);
  for (int number = std::stoi(argv[2]); number < end; ++number) {
    fmt::print("{}\n", campaign.Inject(campaign.Choose(seed, number), number).dump());
    std::fflush(stdout);
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "fault_campaign: %s\n", error.what());
  return 1;
}
