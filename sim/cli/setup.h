// SPDX-License-Identifier: Apache-2.0
//
// What the verbs share: the experiment after options, weights, the result file.

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "sim/backends.h"
#include "sim/cli/options.h"
#include "sim/config/experiment.h"
#include "sim/run/device_run.h"
#include "sim/run/energy.h"
#include "sim/run/result.h"
#include "sim/run/state_file.h"

namespace ep::sim {

// The network file with the options that win over it.
Experiment LoadExperiment(const Options& options);

// The device of --device, null if it is not given. Throws UserError for a backend that has no
// array, and for --save and --resume: a saved run does not hold the state of its devices. Where
// access has a sense or a pulse of 1 cycle it gets the times of the device.
std::unique_ptr<DeviceRun> LoadDevice(const Options& options, std::span<const std::string> backends,
                                      ArrayAccess& access);
// None if there is no device.
ArrayMaker MakerOf(const std::unique_ptr<DeviceRun>& device);

// The weights of --weights-in, nothing if it is not given.
std::optional<Weights> LoadWeights(const Options& options, const Network& network);

// The run of --resume, nothing if it is not given; its seed and numbers of samples become the
// experiment's where no option names others. Throws UserError where they contradict.
std::optional<RunState> LoadState(const Options& options, Experiment& experiment);

// Writes to the file of --json or to standard output; nothing if it is not given.
// The energy table where --energy asks for a ledger. Throws UserError for a bad table, a backend
// that does not count accesses, or a ledger that could not be written.
std::optional<EnergyTable> LoadEnergy(const Options& options, const Backend& backend);

// Writes and prints the ledger; nothing without a table.
void WriteEnergy(const Options& options, const Console& console,
                 const std::optional<EnergyTable>& table, const Counters& counters,
                 const Hardware& hardware);

void WriteJson(const Options& options, const Console& console, const nlohmann::ordered_json& json);

}  // namespace ep::sim
