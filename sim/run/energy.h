// SPDX-License-Identifier: Apache-2.0
//
// Energy ledger: the counters of a run times the energy of each event.
//
// The events and their energies are a table (constraints/energy.toml): digital ones measured on a
// netlist by scripts/power.py, those of the array from device parameters. Each has a low, a typical
// and a high value, so the ledger has bounds.

#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/common/counters.h"
#include "model/common/network.h"

namespace ep::sim {

// Low, typical and high.
struct Bounds {
  double low = 0;
  double typical = 0;
  double high = 0;
  Bounds& operator+=(const Bounds& other) {
    low += other.low;
    typical += other.typical;
    high += other.high;
    return *this;
  }
  Bounds operator*(double factor) const { return {low * factor, typical * factor, high * factor}; }
};

struct EnergyEvent {
  std::string counter;        // what is counted, a name of EP_COUNTERS, or a sum of them: "a + b"
  std::string room;           // array, or a room of the RTL
  std::string phase;          // drive, free, nudged, learn, other
  std::string source;         // where the values come from
  std::string per = "event";  // or an event costs so much in each lane, or in each column
  bool scales = true;         // with the process; programming a cell does not
  Bounds picojoules;          // of one event (in one column), at the table's process
};

struct EnergyTable {
  int nm = 0;
  double volt = 0;
  std::vector<EnergyEvent> events;
};

// Throws UserError naming file, key and remedy.
EnergyTable ReadEnergyTable(const std::string& file);

// Factor from one process to another: [STI17], energy of HP45 at 1 V = 1. Of 180, 130, 90, 65, 45,
// 32, 20 nm; 28 nm is interpolated between 32 and 20. Throws UserError for others.
double EnergyScale(int from_nm, double from_volt, int to_nm);

struct LedgerLine {
  EnergyEvent event;
  double count = 0;   // events, times lanes or columns
  Bounds nanojoules;  // of all of them
};

struct Ledger {
  EnergyTable table;
  double samples = 0;
  std::vector<LedgerLine> lines;

  Bounds Total() const;
};

Ledger MakeLedger(const EnergyTable& table, const Counters& counters, const Hardware& hardware);

// Joules and shares by room, phase and event, the five widest events, 65 and 28 nm.
nlohmann::ordered_json LedgerToJson(const Ledger& ledger);
// The same as a table for people, nanojoules a sample.
std::string LedgerText(const Ledger& ledger);

}  // namespace ep::sim
