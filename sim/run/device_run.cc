// SPDX-License-Identifier: Apache-2.0

#include "sim/run/device_run.h"

#include <fmt/format.h>

namespace ep::sim {

ArrayMaker DeviceRun::Maker() {
  return [this](const Hardware& hardware) {
    auto array = std::make_unique<device::DeviceArray>(spec_, hardware.array_rows, hardware.lanes,
                                                       hardware.weight_bits, seed_);
    arrays_.push_back(array.get());
    return array;
  };
}

void DeviceRun::AddIdentity(nlohmann::ordered_json& identity) const {
  identity["device"] = spec_.name;
  identity["device seed"] = seed_;
  for (const device::Parameter& parameter : device::Parameters()) {
    identity[fmt::format("device {}.{}", parameter.section, parameter.key)] =
        spec_.*parameter.member;
  }
}

std::string DeviceRun::Save() const { return arrays_.back()->Save(); }

void DeviceRun::Restore(std::string_view bytes) {
  for (device::DeviceArray* array : arrays_) array->Restore(bytes);
}

nlohmann::ordered_json DeviceRun::ToJson() const {
  const device::DeviceArray::Wear wear = arrays_.back()->WearSoFar();
  return {{"name", spec_.name},
          {"seed", seed_},
          {"cell_pulses", wear.pulses},
          {"most_written_cell", wear.most_pulses},
          {"most_worn_cell", wear.most_worn},
          {"stuck_cells", wear.stuck_cells},
          {"cells", wear.cells},
          {"disturbed", wear.disturbed}};
}

std::string DeviceRun::Text() const {
  const device::DeviceArray::Wear wear = arrays_.back()->WearSoFar();
  return fmt::format(
      "device {} with seed {}: {} cell pulses, at most {} in one cell; {} of {} cells stuck\n",
      spec_.name, seed_, wear.pulses, wear.most_pulses, wear.stuck_cells, wear.cells);
}

}  // namespace ep::sim
