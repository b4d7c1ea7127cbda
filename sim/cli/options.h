// SPDX-License-Identifier: Apache-2.0
//
// The command line.

#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace ep::sim {

enum ExitCode : int {
  kOk = 0,
  kDifference = 1,    // RTL and model, or two results, are not equal
  kBadInput = 2,      // an option, a file or its content
  kCannotWrite = 3,   // disk full, no permission
  kInternal = 4,      // a fault of this program
  kInterrupted = 130  // Ctrl-C; the state was saved
};

struct Options {
  std::string verb;                // train, test, compare, sweep, array, bist, info, replay
  std::string network;             // or, for replay, the folder; for sweep, the grid
  std::vector<std::string> files;  // compare: a network, or results
  std::string data;
  std::vector<std::string> backends;
  std::optional<int> epochs;
  std::optional<int> train_samples;
  std::optional<int> test_samples;
  std::optional<std::uint32_t> seed;
  std::optional<int> validation;
  std::vector<std::string> settings;  // section.key=value
  std::string weights_in;
  std::string weights_out;
  std::string save;
  std::string resume;
  std::string device;
  std::optional<std::uint32_t> device_seed;
  std::string map;           // bist: folder of the cells found
  bool gates = false;        // array: check the models instead
  std::optional<int> cells;  // array: drawn for each point
  std::string json;
  std::string energy;        // file of the energy ledger
  std::string energy_table;  // energies of the events
  // sweep:
  std::string out;
  std::optional<int> jobs;  // runs side by side
  std::vector<int> only;    // numbers of runs, from 1; empty: all
  std::string slurm;
  bool list = false;
  std::string waves;  // replay

  // The one backend; fast if none was named. Throws UserError if several were.
  std::string Backend() const;
};

// Where a command writes.
struct Console {
  std::ostream& out;
  std::ostream& err;
  bool terminal = false;          // err is one
  std::vector<std::string> args;  // the command line, the program first

  // Where people read results: err when --json takes out.
  std::ostream& Human(const Options& options) const { return options.json == "-" ? err : out; }
};

// Nothing if the command line asked for help or the version, which is then printed. args[0] is the
// program. Throws UserError for a command line that cannot be understood.
std::optional<Options> ParseOptions(const std::vector<std::string>& args, std::ostream& out);

}  // namespace ep::sim
