// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include <memory>
#include <string>

#include "sim/backends.h"
#include "sim/cli/commands.h"
#include "sim/cli/setup.h"
#include "sim/io/file.h"
#include "sim/io/weights_folder.h"
#include "sim/run/bist.h"

namespace ep::sim {

int Bist(const Options& options, const Console& console) {
  Experiment experiment = LoadExperiment(options);
  const std::string backend = options.backends.empty() ? "golden" : options.Backend();
  if (!FindBackend(backend).has_array) {
    throw UserError(fmt::format(
        "--backend is {}, which has ideal cells only: choose golden, rtl or lockstep", backend));
  }
  const std::unique_ptr<DeviceRun> device =
      LoadDevice(options, {&backend, 1}, experiment.network.array);
  if (!options.json.empty() && options.json != "-") CheckWritable(options.json);
  if (!options.map.empty()) CheckWeightsFolder(options.map, experiment.network);
  const BistResult result =
      RunBist(backend, experiment.network, experiment.hardware, MakerOf(device));
  nlohmann::ordered_json json = {{"network", experiment.network.name}, {"backend", backend}};
  if (device) json["device"] = {{"name", device->spec().name}, {"seed", device->seed()}};
  json.update(BistToJson(result, experiment.network, experiment.hardware));
  WriteJson(options, console, json);
  if (!options.map.empty()) {
    WriteWeightsFolder(options.map, experiment.network, result.march.Any());
  }
  std::ostream& human = console.Human(options);
  human << BistText(result, experiment.network, experiment.hardware);
  if (backend == "lockstep") human << "RTL = model\n";
  return kOk;
}

}  // namespace ep::sim
