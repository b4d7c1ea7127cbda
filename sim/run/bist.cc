// SPDX-License-Identifier: Apache-2.0

#include "sim/run/bist.h"

#include <fmt/format.h>

#include <bit>

namespace ep::sim {
namespace {

Weights Either(Weights a, const Weights& b) {
  for (std::size_t p = 0; p < a.size(); ++p) {
    for (std::size_t i = 0; i < a[p].size(); ++i) {
      a[p][i] = static_cast<std::int8_t>(a[p][i] | b[p][i]);
    }
  }
  return a;
}

unsigned CellsOf(std::int8_t byte, int weight_bits) {
  return static_cast<std::uint8_t>(byte) & ((1U << weight_bits) - 1);
}

// What the cells found have in common.
struct Summary {
  std::uint64_t cells = 0;  // of the network's weights
  std::uint64_t not_0 = 0, not_1 = 0;
  std::uint64_t weights = 0;           // with a cell found
  std::uint64_t row_words = 0;         // of the network
  std::uint64_t row_words_hit = 0;     // with a cell found
  std::vector<std::uint64_t> by_cell;  // found, from the lowest bit of a weight
};

Summary Summarize(const CellMap& map, const Network& network, const Hardware& hardware) {
  Summary summary;
  const int bits = hardware.weight_bits;
  const Weights any = map.Any();
  summary.not_0 = CountCells(map.not_0, bits);
  summary.not_1 = CountCells(map.not_1, bits);
  summary.by_cell.resize(bits);
  for (std::size_t p = 0; p < any.size(); ++p) {
    const int lanes = network.Lanes(static_cast<int>(p));
    summary.cells += any[p].size() * bits;
    for (std::size_t row = 0; row < any[p].size(); row += lanes) {
      for (int block = 0; block < lanes; block += hardware.lanes) {
        bool hit = false;
        for (int l = block; l < lanes && l < block + hardware.lanes; ++l) {
          const unsigned cells = CellsOf(any[p][row + l], bits);
          if (cells == 0) continue;
          hit = true;
          ++summary.weights;
          for (int i = 0; i < bits; ++i) summary.by_cell[i] += cells >> i & 1;
        }
        ++summary.row_words;
        summary.row_words_hit += hit ? 1 : 0;
      }
    }
  }
  return summary;
}

double Percent(std::uint64_t part, std::uint64_t of) {
  return 100.0 * static_cast<double>(part) / static_cast<double>(of);
}

}  // namespace

Weights CellMap::Any() const { return Either(not_0, not_1); }

std::uint64_t CountCells(const Weights& map, int weight_bits) {
  std::uint64_t cells = 0;
  for (const auto& bytes : map) {
    for (const std::int8_t byte : bytes) cells += std::popcount(CellsOf(byte, weight_bits));
  }
  return cells;
}

CellMap March(Machine& machine) {
  CellMap map;
  // What the cells hold before is of no interest.
  machine.Test({.value = true, .invert = true});
  map.not_0 = machine.Test({.value = false, .invert = true});
  map.not_1 = machine.Test({.value = true, .invert = true});
  map.not_0 = Either(std::move(map.not_0), machine.Test({.value = false}));
  return map;
}

BistResult RunBist(const std::string& backend, const Network& network, const Hardware& hardware,
                   const ArrayMaker& array) {
  BistResult result;
  result.march = March(*MakeMachine(backend, network, hardware, array));
  for (int cycles = network.array.sense; cycles > 0; --cycles) {
    Network shorter = network;
    shorter.array.sense = cycles;
    const auto machine = MakeMachine(backend, shorter, hardware, array);
    Margin margin{.sense_cycles = cycles};
    machine->Test({.value = true, .invert = true});
    margin.weak_at_0 = CountCells(machine->Test({.margin = true}), hardware.weight_bits);
    machine->Test({.value = false, .invert = true});
    margin.weak_at_1 = CountCells(machine->Test({.margin = true}), hardware.weight_bits);
    result.margins.push_back(margin);
  }
  return result;
}

nlohmann::ordered_json BistToJson(const BistResult& result, const Network& network,
                                  const Hardware& hardware) {
  const Summary summary = Summarize(result.march, network, hardware);
  nlohmann::ordered_json json;
  json["cells"] = summary.cells;
  json["march"] = {{"not_0", summary.not_0},
                   {"not_1", summary.not_1},
                   {"weights", summary.weights},
                   {"row_words", summary.row_words_hit},
                   {"of_row_words", summary.row_words},
                   {"by_cell", summary.by_cell}};
  json["margin"] = nlohmann::ordered_json::array();
  for (const Margin& margin : result.margins) {
    json["margin"].push_back({{"sense_cycles", margin.sense_cycles},
                              {"weak_at_0", margin.weak_at_0},
                              {"weak_at_1", margin.weak_at_1}});
  }
  return json;
}

std::string BistText(const BistResult& result, const Network& network, const Hardware& hardware) {
  const Summary summary = Summarize(result.march, network, hardware);
  std::string text = fmt::format(
      "march: of {} cells {} are not 0, {} not 1 when programmed so ({:.3f} %); in {} weights "
      "of {} of {} row words\n",
      summary.cells, summary.not_0, summary.not_1,
      Percent(summary.not_0 + summary.not_1, summary.cells), summary.weights, summary.row_words_hit,
      summary.row_words);
  text += "  cell of the weight, from bit 0:";
  for (const std::uint64_t found : summary.by_cell) text += fmt::format(" {}", found);
  text += '\n';
  for (const Margin& margin : result.margins) {
    text += fmt::format("margin: sense of {} cycles: {} cells weak at 0, {} at 1 ({:.3f} %)\n",
                        margin.sense_cycles, margin.weak_at_0, margin.weak_at_1,
                        Percent(margin.weak_at_0 + margin.weak_at_1, 2 * summary.cells));
  }
  return text;
}

}  // namespace ep::sim
